namespace Notify.Kernel.Secrets;

/// <summary>
/// Replaces a secret in configuration and events: a reference to its sealed value and a keyed fingerprint, which reveals a change of the secret but
/// not the secret.
/// </summary>
public sealed record SecretRef(string Ref, string Fingerprint);
