namespace Notify.Host.Operating;

/// <summary>
/// The headers of every answer for browsers: no content sniffing, no caching, no framing, no scripts. A page that needs more sets its own
/// Content-Security-Policy, and a cacheable answer its own Cache-Control.
/// </summary>
internal static class SecurityHeaders
{
    /// <summary>One year, with subdomains: a browser that has once used https no longer uses http (RFC 6797).</summary>
    private const string OneYear = "max-age=31536000; includeSubDomains";

    public static Task InvokeAsync(HttpContext http, RequestDelegate next)
    {
        var headers = http.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers.CacheControl = "no-store";
        headers.ContentSecurityPolicy = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        // For browsers that do not know frame-ancestors.
        headers.XFrameOptions = "DENY";
        if (http.Request.IsHttps) headers.StrictTransportSecurity = OneYear;
        return next(http);
    }
}
