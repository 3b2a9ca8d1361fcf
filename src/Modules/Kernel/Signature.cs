namespace Notify.Kernel;

/// <summary>
/// A person's signature on recorded content: they authenticated again, and stated what they mean by it. It is part of the event that records it; the
/// signed content is the first event of the same stream (docs/approvals.md).
/// </summary>
/// <param name="Signer">The person's id.</param>
/// <param name="DisplayName">The person's name at that time.</param>
/// <param name="Meaning"><c>approved</c> or <c>proposed</c>.</param>
/// <param name="Method">How they authenticated: <c>password</c> or <c>code</c>.</param>
/// <param name="Content">SHA-256, in hexadecimal, of the signed content as recorded, in canonical JSON (docs/proofs.md).</param>
/// <param name="Hash">SHA-256 of all of the above with the stream's id, which reveals copying and changes.</param>
/// <param name="Leaf">The log leaf of the signed content, which stays the same if something in the content is erased.</param>
/// <param name="Seal">A note over all of this except the name, signed with the log's key, so that only Notify can make one.</param>
public sealed record Signature(
    string Signer, string DisplayName, DateTimeOffset SignedAt, string Meaning, string Method, string Content, string Hash, string Leaf, string Seal);
