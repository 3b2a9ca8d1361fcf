using Notify.Kernel.Secrets;

namespace Notify.Channels.Fields;

/// <summary>An address that contains a secret, as stored in settings.</summary>
/// <param name="Shown">The address with its secret masked.</param>
public sealed record SecretAddress(string Shown, SecretRef Key);

/// <summary>Divides a platform's address into what is shown and what is secret.</summary>
public abstract class SecretAddressForm
{
    /// <summary>Replaces the beginning of the secret.</summary>
    protected const string Mask = "****";

    /// <returns>The address with its secret masked, and the secret; or, in English, why it is not such an address.</returns>
    public abstract (string Shown, string Key, string? Fault) Divide(string address);

    /// <summary>Restores the address to call.</summary>
    public abstract string Whole(string shown, string key);

    public virtual bool IsMasked(string address) => address.Contains(Mask, StringComparison.Ordinal);

    /// <summary>Shows the last four characters to tell secrets apart; of a short secret they would reveal too much.</summary>
    protected static string Masked(string key) => Mask + (key.Length >= 12 ? key[^4..] : "");
}
