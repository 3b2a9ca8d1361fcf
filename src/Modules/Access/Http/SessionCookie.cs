using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Notify.Access.ApiKeys;
using Notify.Kernel.Http;

namespace Notify.Access.Http;

/// <summary>
/// The cookie of a session, by ASP.NET Core's handler. It holds, protected, who and which session; what they may do is looked up at each request.
/// Each half of the idle time it is renewed, so that nothing is written when somebody is active.
/// </summary>
public static class SessionCookie
{
    public const string SchemeName = "Session";

    /// <summary>Of requests: the API key of the <c>Authorization</c> header, else the session of the cookie.</summary>
    public const string AnySchemeName = "Any";

    /// <summary>Of requests of the console's own pages.</summary>
    public const string PageSchemeName = "Page";

    /// <summary>With this prefix a browser takes a cookie only from the host itself, over TLS (RFC 6265bis, 4.1.3.2).</summary>
    public const string SecureName = "__Host-notify";

    public const string PlainName = "notify";

    public static void AddTo(IServiceCollection services) =>
        services.AddAuthentication(AnySchemeName)
            .AddPolicyScheme(AnySchemeName, null, x => x.ForwardDefaultSelector = SchemeOf).AddCookie(SchemeName);

    /// <param name="idle">How long a session lasts in which nothing is done.</param>
    public static void Configure(CookieAuthenticationOptions options, TimeSpan idle)
    {
        options.Cookie.Name = PlainName;
        options.Cookie.HttpOnly = true;
        options.Cookie.SameSite = SameSiteMode.Lax;
        options.Cookie.Path = "/";
        options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        options.Cookie.IsEssential = true;
        options.CookieManager = new NamedCookie();
        options.ExpireTimeSpan = idle;
        options.SlidingExpiration = true;
    }

    private static string SchemeOf(HttpContext http)
    {
        if (http.Features.Get<PageCaller>() is not null) return PageSchemeName;
        var authorization = http.Request.Headers.Authorization;
        if (TokenScheme.IsToken(authorization.ToString()) && http.RequestServices.GetService<TokenScheme>() is { } tokens) return tokens.Name;
        var hasSession = authorization.Count == 0 && http.Request.Cookies.ContainsKey(NamedCookie.NameFor(http));
        return hasSession ? SchemeName : ApiKeyAuthentication.SchemeName;
    }

    public static Task SetAsync(HttpContext http, string userId, string session) => http.SignInAsync(
        SchemeName,
        new ClaimsPrincipal(new ClaimsIdentity(
            [new Claim(ClaimTypes.NameIdentifier, userId), new Claim(RequestAudit.SessionClaim, session)], SchemeName)));

    /// <summary>The session of the cookie that was sent along, whoever made the browser send it; it may be over.</summary>
    public static (string UserId, string Session)? SentWith(HttpContext http)
    {
        var options = http.RequestServices.GetRequiredService<IOptionsMonitor<CookieAuthenticationOptions>>().Get(SchemeName);
        var ticket = options.CookieManager.GetRequestCookie(http, PlainName) is { } cookie ? options.TicketDataFormat.Unprotect(cookie) : null;
        return ticket?.Principal.FindFirstValue(ClaimTypes.NameIdentifier) is { } user
            && ticket.Principal.FindFirstValue(RequestAudit.SessionClaim) is { } session ? (user, session) : null;
    }

    public static Task RemoveAsync(HttpContext http) => http.SignOutAsync(SchemeName);

    /// <returns>When the session of this request is over if nothing is done in it, after this request; null: it has none.</returns>
    public static async Task<DateTimeOffset?> IdleEndAsync(HttpContext http)
    {
        if (http.User.FindFirst(RequestAudit.SessionClaim) is null) return null;
        if ((await http.AuthenticateAsync(SchemeName)).Properties is not { IssuedUtc: { } issued, ExpiresUtc: { } expires }) return null;
        var now = http.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow();
        return expires - now < now - issued ? now + (expires - issued) : expires;
    }

    /// <summary>Under the one name over TLS, and under the other without: a browser takes the first only over TLS.</summary>
    private sealed class NamedCookie : ICookieManager
    {
        private readonly ChunkingCookieManager inner = new();

        public static string NameFor(HttpContext http) => OwnOrigin.IsSecure(http) ? SecureName : PlainName;

        public string? GetRequestCookie(HttpContext context, string key) => inner.GetRequestCookie(context, NameFor(context));

        public void AppendResponseCookie(HttpContext context, string key, string? value, CookieOptions options) =>
            inner.AppendResponseCookie(context, NameFor(context), value, With(context, options));

        public void DeleteCookie(HttpContext context, string key, CookieOptions options) =>
            inner.DeleteCookie(context, NameFor(context), With(context, options));

        private static CookieOptions With(HttpContext http, CookieOptions options)
        {
            options.Secure = OwnOrigin.IsSecure(http);
            return options;
        }
    }
}
