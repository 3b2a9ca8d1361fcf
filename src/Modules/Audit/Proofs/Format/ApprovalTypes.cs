namespace Notify.Audit.Proofs.Format;

/// <summary>The names of the events by which changes are proposed, approved and signed.</summary>
/// <param name="Proposal">With it a stream begins; it is what is signed.</param>
/// <param name="Policy">Says who has to sign from then on.</param>
/// <param name="SignedByKeyFile">What the signature in them means. It is of another kind: made with what it signs, before that has a leaf, with a MAC
/// of the key file in place of a seal (<see cref="KeyFileSignatureCheck"/>).</param>
public sealed record ApprovalTypes(
    string Proposal, string Approval, string AuthorsSignature, string Policy, IReadOnlyDictionary<string, string> SignedByKeyFile)
{
    public bool Include(string type) => type == Proposal || type == Approval || type == AuthorsSignature || type == Policy;
}
