using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Notify.Kernel;
using Notify.Kernel.Http;

namespace Notify.Access.Http;

/// <summary>
/// A browser sends cookies with every request, whichever page caused it. So a session's cookie counts only if the browser says that a page of
/// Notify's own caused the request: by <c>Sec-Fetch-Site</c> (W3C Fetch Metadata) or <c>Origin</c> (RFC 6454), which no page can set.
/// </summary>
public static class OwnOrigin
{
    public const string Fault = "The session cookie counts only in requests with an Origin or Sec-Fetch-Site of Notify's own address.";

    /// <summary>Whether the cookie of this request counts.</summary>
    public static bool Is(HttpContext http)
    {
        var (site, origin) = (http.Request.Headers["Sec-Fetch-Site"].ToString(), http.Request.Headers.Origin.ToString());
        if (origin.Length > 0 && !IsOwn(origin, http)) return false;
        return site switch
        {
            "" => origin.Length > 0,
            "same-origin" => true,
            // Somebody has typed the address or opened a bookmark: that reads.
            "none" => IsRead(http),
            // Somebody has followed a link to a page, which shows it to nobody else.
            _ => IsNavigation(http),
        };
    }

    /// <summary>Of a request that signs somebody in: a page of somebody else's may not do that either. A program sends neither header, nor does a
    /// browser without TLS.</summary>
    public static bool MaySignIn(HttpContext http)
    {
        var (site, origin) = (http.Request.Headers["Sec-Fetch-Site"].ToString(), http.Request.Headers.Origin.ToString());
        return (origin.Length == 0 || IsOwn(origin, http)) && (site is "" or "same-origin" or "none");
    }

    /// <inheritdoc cref="MaySignIn"/>
    /// <exception cref="ProblemException">403.</exception>
    public static void CheckSignIn(HttpContext http)
    {
        if (!MaySignIn(http)) throw new ProblemException(403, "Not allowed.", "A page of another address may not sign anybody in.");
    }

    /// <param name="origin">Scheme, host and port; <c>null</c> is nobody's.</param>
    public static bool IsOwn(string origin, HttpContext http) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var given) && given.Host.Length > 0
        && (Same(given, $"{http.Request.Scheme}://{http.Request.Host}") || (Public(http) is { IsGiven: true } address && Same(given, address.Url)));

    /// <summary>Whether the browser speaks to Notify over TLS, maybe by a proxy that ends it.</summary>
    public static bool IsSecure(HttpContext http) =>
        http.Request.IsHttps || (Public(http) is { IsGiven: true } address && address.Url.StartsWith("https://", StringComparison.OrdinalIgnoreCase));

    private static PublicAddress Public(HttpContext http) => http.RequestServices.GetRequiredService<PublicAddress>();

    private static bool Same(Uri origin, string address) =>
        Uri.TryCreate(address, UriKind.Absolute, out var own)
        && string.Equals(origin.GetLeftPart(UriPartial.Authority), own.GetLeftPart(UriPartial.Authority), StringComparison.OrdinalIgnoreCase);

    private static bool IsRead(HttpContext http) => HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method);

    private static bool IsNavigation(HttpContext http) =>
        HttpMethods.IsGet(http.Request.Method) && http.Request.Headers["Sec-Fetch-Mode"] == "navigate"
        && http.Request.Headers["Sec-Fetch-Dest"] == "document" && !http.Request.Path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase);
}
