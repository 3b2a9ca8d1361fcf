using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Notify.Access.ApiKeys;
using Notify.Kernel.Http;

namespace Notify.Access.Http;

/// <summary>The session cookie, by ASP.NET Core's handler. It holds the protected ids of user and session; permissions are looked up for each
/// request. The cookie itself is renewed after half of the idle time, so that activity writes nothing to the database.</summary>
public static class SessionCookie
{
    public const string SchemeName = "Session";

    /// <summary>The scheme for calls by the console's pages within the process.</summary>
    public const string PageSchemeName = "Page";

    /// <summary>Browsers accept a cookie with this prefix only from the host itself and over TLS (RFC 6265bis, 4.1.3.2).</summary>
    public const string SecureName = "__Host-notify";

    public const string PlainName = "notify";

    /// <summary>The default is an API key (<see cref="AccessModule"/>): its handler forwards what presents something else, so that most requests need
    /// one handler only.</summary>
    public static void AddTo(IServiceCollection services)
    {
        services.AddAuthentication().AddCookie(SchemeName);
        services.Configure<AuthenticationSchemeOptions>(ApiKeyAuthentication.SchemeName, x => x.ForwardDefaultSelector = SchemeOf);
    }

    /// <param name="idle">How long a session lasts without activity.</param>
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

    /// <summary>The scheme of a request: a page of the console, an access token, the session cookie, or an API key.</summary>
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

    /// <summary>The session of the request's cookie, whatever caused the request; the session may have ended.</summary>
    public static (string UserId, string Session)? SentWith(HttpContext http)
    {
        var options = http.RequestServices.GetRequiredService<IOptionsMonitor<CookieAuthenticationOptions>>().Get(SchemeName);
        var ticket = options.CookieManager.GetRequestCookie(http, PlainName) is { } cookie ? options.TicketDataFormat.Unprotect(cookie) : null;
        return ticket?.Principal.FindFirstValue(ClaimTypes.NameIdentifier) is { } user
            && ticket.Principal.FindFirstValue(RequestAudit.SessionClaim) is { } session ? (user, session) : null;
    }

    public static Task RemoveAsync(HttpContext http) => http.SignOutAsync(SchemeName);

    /// <returns>When the session of this request ends if this is the last request; null: the request has none.</returns>
    public static async Task<DateTimeOffset?> IdleEndAsync(HttpContext http)
    {
        if (http.User.FindFirst(RequestAudit.SessionClaim) is null) return null;
        if ((await http.AuthenticateAsync(SchemeName)).Properties is not { IssuedUtc: { } issued, ExpiresUtc: { } expires }) return null;
        var now = http.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow();
        return expires - now < now - issued ? now + (expires - issued) : expires;
    }

    /// <summary>Uses <see cref="SecureName"/> over TLS and <see cref="PlainName"/> without, since browsers refuse the former without TLS.</summary>
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
