using Wolverine.Attributes;

namespace Notify.Contracts.Audit;

/// <summary>
/// Asked of the Audit module: to seal what somebody has signed with the key of the log, bound to the leaf of what was signed. So a signature that was
/// not made by Notify is told from one that was, also without Notify (docs/proofs.md).
/// </summary>
/// <param name="Stream">Its first event is what was signed.</param>
/// <param name="Hash">Over the whole signature, in hexadecimal.</param>
/// <param name="Content">Over what was signed, in hexadecimal.</param>
/// <param name="SignedAt">As the event has it.</param>
[MessageIdentity("notify.audit.seal-signature.v1")]
public sealed record SealSignature(
    string Stream, string Hash, string Content, string Signer, string SignedAt, string Meaning, string Method) : BusMessage;

/// <param name="Leaf">Of what was signed, in hexadecimal.</param>
/// <param name="Seal">A signed note.</param>
[MessageIdentity("notify.audit.signature-sealed.v1")]
public sealed record SignatureSealed(string Leaf, string Seal) : BusMessage;
