using Notify.Kernel.Secrets;

namespace Notify.Channels.Fields;

/// <summary>An address with a secret in it, as settings store it.</summary>
/// <param name="Shown">With the secret masked.</param>
public sealed record SecretAddress(string Shown, SecretRef Key);

/// <summary>How a platform's address is divided into what is shown and what is secret.</summary>
public abstract class SecretAddressForm
{
    /// <summary>Stands in the place of the secret's beginning.</summary>
    protected const string Mask = "****";

    /// <returns>The address with its secret masked, and the secret; or, in English, why it is no such address.</returns>
    public abstract (string Shown, string Key, string? Fault) Divide(string address);

    /// <summary>As it can be called.</summary>
    public abstract string Whole(string shown, string key);

    public virtual bool IsMasked(string address) => address.Contains(Mask, StringComparison.Ordinal);

    /// <summary>The last four characters tell one from another; those of a short secret would tell too much.</summary>
    protected static string Masked(string key) => Mask + (key.Length >= 12 ? key[^4..] : "");
}
