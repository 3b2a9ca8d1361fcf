using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Notify.Kernel.Http;

/// <summary>Marks the endpoints that read <see cref="BasicCredentials"/>.</summary>
public sealed class TakesBasicCredentials;

/// <summary>
/// Senders that support nothing else (Grafana, many control systems) send their API key as the password of Basic authentication; the user name is
/// ignored. Only endpoints that receive events from other systems accept it: elsewhere a browser would ask for a password and keep it.
/// </summary>
public static class BasicCredentials
{
    private const string Scheme = "Basic ";
    private const string Bearer = "Bearer";

    public static TBuilder TakesBasicCredentials<TBuilder>(this TBuilder endpoints)
        where TBuilder : IEndpointConventionBuilder => endpoints.WithMetadata(new TakesBasicCredentials());

    /// <summary>
    /// The <c>Authorization</c> header; Basic credentials, where accepted, are returned as the equivalent Bearer token. Without a password, the
    /// key is empty.
    /// </summary>
    public static string AuthorizationOf(HttpContext http)
    {
        var header = http.Request.Headers.Authorization.ToString();
        return header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) && AreTakenAt(http)
            ? $"{Bearer} {PasswordIn(header[Scheme.Length..].Trim())}"
            : header;
    }

    /// <summary>The <c>WWW-Authenticate</c> challenge for a caller without credentials.</summary>
    public static string ChallengeOf(HttpContext http) => AreTakenAt(http) ? $"{Bearer}, Basic realm=\"Notify\", charset=\"UTF-8\"" : Bearer;

    private static bool AreTakenAt(HttpContext http) => http.GetEndpoint()?.Metadata.GetMetadata<TakesBasicCredentials>() is not null;

    private static string PasswordIn(string encoded)
    {
        var bytes = new byte[encoded.Length];
        if (encoded.Length > 1000 || !Convert.TryFromBase64String(encoded, bytes, out var length)) return "";
        var text = Encoding.UTF8.GetString(bytes, 0, length);
        return text.IndexOf(':', StringComparison.Ordinal) is var end && end < 0 ? "" : text[(end + 1)..];
    }
}
