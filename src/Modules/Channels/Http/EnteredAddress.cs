using Notify.Kernel.Http;

namespace Notify.Channels.Http;

/// <summary>Checks an address that people enter and Notify calls.</summary>
internal static class EnteredAddress
{
    /// <param name="allowHttp">Whether it may be called without TLS.</param>
    /// <returns>What is wrong with it; null: nothing.</returns>
    public static string? FaultOf(string text, OutgoingAddresses addresses, bool allowHttp)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Host.Length == 0) return "This is not an address.";
        if (url.Scheme != Uri.UriSchemeHttps && !(allowHttp && url.Scheme == Uri.UriSchemeHttp)) return "The address must begin with https://.";
        if (url.UserInfo.Length > 0 || url.Fragment.Length > 0) return "The address must have no user, password or fragment.";
        return addresses.FaultOf(url.IdnHost);
    }
}
