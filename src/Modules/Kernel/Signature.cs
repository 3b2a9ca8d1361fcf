namespace Notify.Kernel;

/// <summary>
/// Somebody has signed what is on record: they proved once more who they are, and said what they mean by it. It is part of the event that records it;
/// what was signed is the first event of the same stream (docs/approvals.md).
/// </summary>
/// <param name="Signer">The person's id.</param>
/// <param name="DisplayName">The person's name at that time.</param>
/// <param name="Meaning"><c>approved</c> or <c>proposed</c>.</param>
/// <param name="Method">How they proved it: <c>password</c> or <c>code</c>.</param>
/// <param name="Content">SHA-256, in hexadecimal, over what was signed as it is on record, as canonical JSON (docs/proofs.md).</param>
/// <param name="Hash">SHA-256 over all of the above with the stream's id: who copies or alters any of it is found.</param>
/// <param name="Leaf">The leaf of what was signed in the log of the history: it stays the same when something in it is erased.</param>
/// <param name="Seal">A note over all of this but the name, signed with the key of the log: nobody but Notify makes one.</param>
public sealed record Signature(
    string Signer, string DisplayName, DateTimeOffset SignedAt, string Meaning, string Method, string Content, string Hash, string Leaf, string Seal);
