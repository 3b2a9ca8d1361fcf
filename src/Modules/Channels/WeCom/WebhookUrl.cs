using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace Notify.Channels.WeCom;

/// <summary>
/// A robot's webhook address. Whoever can make Notify call an arbitrary address can reach the plant's internal network. Therefore it must have
/// exactly WeCom's form, and nothing deceptive is normalised away: user info, other ports, look-alike or encoded hosts, trailing dots, backslashes,
/// dot segments and further parameters are refused.
/// </summary>
public sealed partial class WebhookUrl
{
    public const string OfficialOrigin = "https://qyapi.weixin.qq.com";
    private const string SendPath = "/cgi-bin/webhook/send";

    public required string Origin { get; init; }
    public required string Key { get; init; }

    /// <summary>The address to show; the last four characters distinguish robots.</summary>
    public string Masked => $"{Origin}{SendPath}?key=****{(Key.Length >= 12 ? Key[^4..] : "")}";

    /// <summary>Restores the address to call.</summary>
    public static string Unmask(string masked, string key) => masked[..masked.IndexOf("****", StringComparison.Ordinal)] + key;

    /// <summary>Whether the text is a masked address.</summary>
    public static bool IsMasked(string text) => text.Contains("key=****", StringComparison.Ordinal);

    /// <param name="allowedOrigins">Further origins (<c>https://proxy.example:8443</c>), in addition to WeCom's own.</param>
    public static bool TryParse(string text, IReadOnlyCollection<string> allowedOrigins, [NotNullWhen(true)] out WebhookUrl? url, out string fault)
    {
        url = null;
        var parts = Address().Match(text.Trim());
        if (!parts.Success)
        {
            fault = "This is not an address. Copy the whole webhook URL from the robot's page in WeCom.";
            return false;
        }

        var origin = Plain(parts.Groups["origin"].Value);
        if (!IsAllowed(origin, allowedOrigins))
        {
            fault = $"The address must begin with {OfficialOrigin}, or with an origin listed in the setting Notify:WeCom:AllowedOrigins.";
            return false;
        }

        var rest = PathAndKey().Match(parts.Groups["rest"].Value);
        if (!rest.Success)
        {
            fault = $"The address must have the form {OfficialOrigin}{SendPath}?key=…";
            return false;
        }

        url = new WebhookUrl { Origin = origin, Key = rest.Groups["key"].Value };
        fault = "";
        return true;
    }

    /// <param name="origin">Scheme, host and port.</param>
    /// <inheritdoc cref="TryParse"/>
    public static bool IsAllowed(string origin, IReadOnlyCollection<string> allowedOrigins) =>
        Plain(origin) is var plain && (plain == OfficialOrigin || allowedOrigins.Any(x => Plain(x.TrimEnd('/')) == plain));

    /// <summary>Lower case, without the scheme's default port.</summary>
    private static string Plain(string origin)
    {
        var lower = origin.ToLowerInvariant();
        var usual = lower.StartsWith("https:", StringComparison.Ordinal) ? ":443" : ":80";
        return lower.EndsWith(usual, StringComparison.Ordinal) ? lower[..^usual.Length] : lower;
    }

    [GeneratedRegex(@"\A(?<origin>[A-Za-z]+://[!-~-[/?#]]+)(?<rest>[!-~]*)\z", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Address();

    [GeneratedRegex(@"\A/cgi-bin/webhook/send\?key=(?<key>[A-Za-z0-9_-]{1,128})\z", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant,
        1000)]
    private static partial Regex PathAndKey();
}
