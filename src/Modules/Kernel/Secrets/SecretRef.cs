namespace Notify.Kernel.Secrets;

/// <summary>
/// What configuration and events hold in place of a secret: a reference to its sealed value and a keyed fingerprint, so that a change of the key is
/// visible and the key is not.
/// </summary>
public sealed record SecretRef(string Ref, string Fingerprint);
