using System.Collections.Concurrent;
using Notify.Kernel.Secrets;

namespace Notify.Channels.Sending;

/// <summary>Services' credentials, decrypted when they are first needed and then cached.</summary>
public sealed class OpenedSecrets(SecretVault vault)
{
    private readonly ConcurrentDictionary<SecretRef, string> opened = new();

    /// <exception cref="SecretUnreadableException">It was destroyed or replaced, or cannot be decrypted with this installation's key.</exception>
    public async ValueTask<string> RevealAsync(SecretRef secret, CancellationToken cancellation) =>
        opened.TryGetValue(secret, out var value) ? value : opened[secret] = await vault.RevealAsync(secret, cancellation);
}
