using System.Text.RegularExpressions;

namespace Notify.Channels.Fields;

/// <summary>
/// An address issued by a platform: one of its origins, a fixed path, and a key. Whoever can make Notify call an arbitrary address can reach the
/// plant's internal network. Therefore an address must have exactly the platform's form, and nothing deceptive is normalised away: user info, other
/// ports, look-alike or encoded hosts, dot segments and further parameters are refused.
/// </summary>
/// <param name="platform">The platform's own origins, at least one.</param>
/// <param name="path">The part before the key, such as <c>/send?key=</c>.</param>
/// <param name="others">Further origins (<c>https://proxy.example:8443</c>).</param>
/// <param name="setting">The name of the setting that lists them.</param>
public sealed partial class PlatformAddress(IReadOnlyList<string> platform, string path, IEnumerable<string> others, string setting)
    : SecretAddressForm
{
    private readonly HashSet<string> origins = new(platform.Concat(others).Select(Plain), StringComparer.Ordinal);

    public override (string Shown, string Key, string? Fault) Divide(string address)
    {
        var parts = Parts().Match(address);
        if (!parts.Success) return ("", "", "This is not an address.");
        var (origin, rest) = (Plain(parts.Groups["origin"].Value), parts.Groups["rest"].Value);
        if (!origins.Contains(origin)) return (
            "", "", $"The address must begin with {platform[0]}, or with an origin listed in the setting {setting}.");
        if (!rest.StartsWith(path, StringComparison.Ordinal) || !Key().IsMatch(rest[path.Length..])) return (
            "", "", $"The address must have the form {platform[0]}{path}….");
        var key = rest[path.Length..];
        return ($"{origin}{path}{Masked(key)}", key, null);
    }

    public override string Whole(string shown, string key) => shown[..shown.IndexOf(Mask, StringComparison.Ordinal)] + key;

    /// <summary>Lower case, without the scheme's default port.</summary>
    private static string Plain(string origin)
    {
        var lower = origin.TrimEnd('/').ToLowerInvariant();
        var usual = lower.StartsWith("https:", StringComparison.Ordinal) ? ":443" : ":80";
        return lower.EndsWith(usual, StringComparison.Ordinal) ? lower[..^usual.Length] : lower;
    }

    [GeneratedRegex(@"\A(?<origin>https?://[!-~-[/?#]]+)(?<rest>[!-~]*)\z",
        RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant | RegexOptions.IgnoreCase, 1000)]
    private static partial Regex Parts();

    [GeneratedRegex(@"\A[A-Za-z0-9_-]{1,128}\z", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Key();
}
