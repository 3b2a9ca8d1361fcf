using Microsoft.AspNetCore.Http;

namespace Notify.Access.Http;

/// <summary>A cookie of ASP.NET Core's handlers with the <c>__Host-</c> prefix over TLS, as the session's cookie has
/// (<see cref="SessionCookie.SecureName"/>).</summary>
public sealed class HostCookie : CookieBuilder
{
    private readonly string name;
    private readonly IHttpContextAccessor accessor;

    public HostCookie(string name, IHttpContextAccessor accessor)
    {
        (this.name, this.accessor) = (name, accessor);
        (HttpOnly, SameSite, IsEssential, Path) = (true, SameSiteMode.Lax, true, "/");
    }

    public override string? Name => accessor.HttpContext is { } http && OwnOrigin.IsSecure(http) ? $"__Host-{name}" : name;

    public override CookieOptions Build(HttpContext context, DateTimeOffset expiresFrom)
    {
        var options = base.Build(context, expiresFrom);
        options.Secure = OwnOrigin.IsSecure(context);
        return options;
    }
}
