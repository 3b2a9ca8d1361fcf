namespace Notify.Audit.Proofs.Format;

/// <summary>The names of the events by which changes are proposed, approved and signed.</summary>
/// <param name="Proposal">With it a stream begins; it is what is signed.</param>
/// <param name="Policy">Says who has to sign from then on.</param>
/// <param name="SignedByKeyFile">Their signatures are of another kind: each is made with what it signs, before that has a leaf, and bears a MAC of
/// the key file in place of a seal. The installation checks them by itself; that nothing of these events was changed afterwards, their leaves
/// show.</param>
public sealed record ApprovalTypes(
    string Proposal, string Approval, string AuthorsSignature, string Policy, IReadOnlyCollection<string> SignedByKeyFile)
{
    public bool Include(string type) => type == Proposal || type == Approval || type == AuthorsSignature || type == Policy;
}
