namespace Notify.Kernel.Secrets;

/// <summary>
/// What configuration and events know of a secret: where its sealed value lies and a keyed fingerprint of it,
/// so that "the key changed" is visible and the key is not.
/// </summary>
public sealed record SecretRef(string Ref, string Fingerprint);
