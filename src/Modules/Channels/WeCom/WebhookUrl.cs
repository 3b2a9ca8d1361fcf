using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace Notify.Channels.WeCom;

/// <summary>
/// A robot's webhook address. Whoever can make Notify call an address of their choosing can reach the inside of the plant's network. So the address
/// must be written exactly as WeCom gives it out, and nothing is normalised that could be meant to deceive: user info, other ports, look-alike or
/// encoded hosts, trailing dots, backslashes, dot segments and further parameters do not fit the form.
/// </summary>
public sealed partial class WebhookUrl
{
    public const string OfficialOrigin = "https://qyapi.weixin.qq.com";
    private const string SendPath = "/cgi-bin/webhook/send";

    public required string Origin { get; init; }
    public required string Key { get; init; }

    /// <summary>The address as people may see it; the last four characters tell robots apart.</summary>
    public string Masked => $"{Origin}{SendPath}?key=****{(Key.Length >= 12 ? Key[^4..] : "")}";

    /// <summary>The address as it can be called.</summary>
    public static string Unmask(string masked, string key) => masked[..masked.IndexOf("****", StringComparison.Ordinal)] + key;

    /// <summary>Whether it is what a read shows, and not what can be called.</summary>
    public static bool IsMasked(string text) => text.Contains("key=****", StringComparison.Ordinal);

    /// <param name="allowedOrigins">Further origins (<c>https://proxy.example:8443</c>), beside WeCom's own.</param>
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

    /// <summary>Lower case and without the port that the scheme has anyway.</summary>
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
