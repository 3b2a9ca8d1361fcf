namespace Notify.Audit.Proofs.Format;

/// <summary>The names of the events by which changes are proposed, approved and signed.</summary>
/// <param name="Proposal">The first event of a proposal's stream; its content is what is signed.</param>
/// <param name="Policy">Says who has to sign from then on.</param>
/// <param name="SignedByKeyFile">Events that contain a signature over themselves, and its meaning. Such a signature is made before the event has a
/// leaf, with a MAC of the key file in place of a seal (<see cref="KeyFileSignatureCheck"/>).</param>
public sealed record ApprovalTypes(
    string Proposal, string Approval, string AuthorsSignature, string Policy, IReadOnlyDictionary<string, string> SignedByKeyFile)
{
    public bool Include(string type) => type == Proposal || type == Approval || type == AuthorsSignature || type == Policy;
}
