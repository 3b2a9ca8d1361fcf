using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace Notify.Services.WeCom;

/// <summary>
/// A robot's webhook address. Whoever can make Notify call an address of their choosing can reach the inside of the plant's network, so only
/// known origins are let through, compared after parsing: user info, other ports, look-alike or encoded hosts and trailing dots do not pass.
/// </summary>
public sealed partial class WebhookUrl
{
    public const string OfficialOrigin = "https://qyapi.weixin.qq.com";
    private const string SendPath = "/cgi-bin/webhook/send";

    public required string Origin { get; init; }
    public required string Key { get; init; }

    /// <summary>The address as people may see it; the last four characters tell robots apart.</summary>
    public string Masked => $"{Origin}{SendPath}?key=****{(Key.Length >= 12 ? Key[^4..] : "")}";

    /// <param name="allowedOrigins">Further origins (<c>https://proxy.example:8443</c>), beside WeCom's own.</param>
    public static bool TryParse(string text, IReadOnlyCollection<string> allowedOrigins, [NotNullWhen(true)] out WebhookUrl? url, out string fault)
    {
        url = null;
        text = text.Trim();
        if (text.Any(c => c is < '!' or > '~') || text.Contains('\\', StringComparison.Ordinal) || !Uri.TryCreate(text, UriKind.Absolute, out var uri))
        {
            fault = "This is not an address. Copy the whole webhook URL from the robot's page in WeCom.";
            return false;
        }

        var origin = $"{uri.Scheme}://{uri.Authority}".ToLowerInvariant();
        var authority = text[(text.IndexOf("://", StringComparison.Ordinal) + 3)..].Split('/', '?', '#')[0];
        // The host must be written plainly: what the parser had to normalise (escapes, dots, user info) was meant to deceive.
        var plain = authority.ToLowerInvariant() is var written && (written == uri.Authority || written == $"{uri.Host}:{uri.Port}");
        if (!plain || uri.UserInfo.Length > 0 || !(origin == OfficialOrigin || allowedOrigins.Any(x => string.Equals(x.TrimEnd('/'), origin, StringComparison.OrdinalIgnoreCase))))
        {
            fault = $"The address must begin with {OfficialOrigin}, or with an origin that the setting Notify:WeCom:AllowedOrigins names.";
            return false;
        }

        var key = KeyQuery().Match(uri.Query);
        if (uri.AbsolutePath != SendPath || uri.Fragment.Length > 0 || !key.Success)
        {
            fault = $"The address must have the form {OfficialOrigin}{SendPath}?key=…";
            return false;
        }

        url = new WebhookUrl { Origin = origin, Key = key.Groups["key"].Value };
        fault = "";
        return true;
    }

    [GeneratedRegex(@"^\?key=(?<key>[A-Za-z0-9_-]{1,128})$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex KeyQuery();
}
