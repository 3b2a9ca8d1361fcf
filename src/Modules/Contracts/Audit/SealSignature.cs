using Wolverine.Attributes;

namespace Notify.Contracts.Audit;

/// <summary>
/// Asks the Audit module to seal a signature with the log's key, bound to the log leaf of the signed content. This distinguishes a signature made
/// through Notify from a forged one, even without Notify (docs/proofs.md).
/// </summary>
/// <param name="Stream">The stream whose first event is the signed content.</param>
/// <param name="Hash">The hash of the whole signature, in hexadecimal.</param>
/// <param name="Content">The hash of the signed content, in hexadecimal.</param>
/// <param name="SignedAt">The time exactly as the event states it.</param>
[MessageIdentity("notify.audit.seal-signature.v1")]
public sealed record SealSignature(
    string Stream, string Hash, string Content, string Signer, string SignedAt, string Meaning, string Method) : BusMessage;

/// <param name="Leaf">The log leaf of the signed content, in hexadecimal.</param>
/// <param name="Seal">A signed note.</param>
[MessageIdentity("notify.audit.signature-sealed.v1")]
public sealed record SignatureSealed(string Leaf, string Seal) : BusMessage;
