namespace Notify.Kernel.Secrets;

/// <summary>
/// What configuration and events contain of a secret: the reference of its sealed value and a keyed fingerprint,
/// so that "the key changed" is visible and the key is not.
/// </summary>
public sealed record SecretRef(string Ref, string Fingerprint);
