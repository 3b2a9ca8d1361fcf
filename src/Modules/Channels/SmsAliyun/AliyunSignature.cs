using System.Security.Cryptography;
using System.Text;

namespace Notify.Channels.SmsAliyun;

/// <summary>Signs a form request by ACS3-HMAC-SHA256
/// (https://help.aliyun.com/zh/sdk/product-overview/v3-request-structure-and-signature).</summary>
internal static class AliyunSignature
{
    private const string Algorithm = "ACS3-HMAC-SHA256";
    public const string ContentType = "application/x-www-form-urlencoded";

    /// <summary>The headers of a request.</summary>
    /// <param name="nonce">Unique to the request.</param>
    public static IReadOnlyList<(string Name, string Value)> Sign(
        Uri uri, string action, string form, string keyId, string keySecret, DateTimeOffset at, string nonce)
    {
        var hash = Hex(SHA256.HashData(Encoding.UTF8.GetBytes(form)));
        List<(string Name, string Value)> headers =
        [
            ("x-acs-action", action),
            ("x-acs-content-sha256", hash),
            ("x-acs-date", at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture)),
            ("x-acs-signature-nonce", nonce),
            ("x-acs-version", "2017-05-25"),
        ];
        List<(string Name, string Value)> signed = [("content-type", ContentType), ("host", uri.Authority), .. headers];
        var names = string.Join(';', signed.Select(x => x.Name));
        var canonical = $"POST\n/\n\n{string.Concat(signed.Select(x => $"{x.Name}:{x.Value}\n"))}\n{names}\n{hash}";
        var toSign = $"{Algorithm}\n{Hex(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)))}";
        var signature = Hex(HMACSHA256.HashData(Encoding.UTF8.GetBytes(keySecret), Encoding.UTF8.GetBytes(toSign)));
        return [.. headers, ("Authorization", $"{Algorithm} Credential={keyId},SignedHeaders={names},Signature={signature}")];
    }

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);
}
