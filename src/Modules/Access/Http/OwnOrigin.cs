using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Notify.Kernel;
using Notify.Kernel.Http;

namespace Notify.Access.Http;

/// <summary>
/// Protects against cross-site request forgery. A browser sends cookies whichever page causes a request, so a session's cookie counts only if
/// <c>Sec-Fetch-Site</c> (W3C Fetch Metadata) or <c>Origin</c> (RFC 6454), which no page can set, says that one of Notify's own pages did.
/// </summary>
public static class OwnOrigin
{
    public const string Fault = "The session cookie counts only in requests with an Origin or Sec-Fetch-Site of Notify's own address.";

    /// <summary>Whether the session cookie of this request counts.</summary>
    public static bool Is(HttpContext http)
    {
        var (site, origin) = (http.Request.Headers["Sec-Fetch-Site"].ToString(), http.Request.Headers.Origin.ToString());
        if (origin.Length > 0 && !IsOwn(origin, http)) return false;
        return site switch
        {
            "" => origin.Length > 0,
            "same-origin" => true,
            // A typed address or a bookmark can only read.
            "none" => IsRead(http),
            // A followed link to a page: its content is not visible to the site with the link.
            _ => IsNavigation(http),
        };
    }

    /// <summary>Whether this request may sign somebody in: pages of other sites must not do that either. Programs send neither header, and browsers
    /// send no <c>Sec-Fetch-Site</c> without TLS; so their absence is accepted.</summary>
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

    /// <param name="origin">Scheme, host and port. The literal <c>null</c> never matches.</param>
    public static bool IsOwn(string origin, HttpContext http) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var given) && given.Host.Length > 0
        && (Same(given, $"{http.Request.Scheme}://{http.Request.Host}") || (Public(http) is { IsGiven: true } address && Same(given, address.Url)));

    /// <summary>Whether the browser uses TLS, possibly terminated by a proxy.</summary>
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
