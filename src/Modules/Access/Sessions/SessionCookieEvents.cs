using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Http;
using Notify.Access.Http;
using Notify.Kernel.Http;

namespace Notify.Access.Sessions;

/// <summary>Validates the session cookie of each request.</summary>
public sealed class SessionCookieEvents(SessionCheck check) : CookieAuthenticationEvents
{
    public override async Task ValidatePrincipal(CookieValidatePrincipalContext context)
    {
        var (http, ticket) = (context.HttpContext, context.Principal);
        if (!OwnOrigin.Is(http))
        {
            ProblemResponses.Explain(http, OwnOrigin.Fault);
            context.RejectPrincipal();
            return;
        }

        if (ticket?.FindFirstValue(ClaimTypes.NameIdentifier) is { } user && ticket.FindFirstValue(RequestAudit.SessionClaim) is { } session
            && await check.FindAsync(user, session, http.RequestAborted) is { } principal)
        {
            context.ReplacePrincipal(principal);
            return;
        }

        ProblemResponses.Explain(http, "The session has ended. Sign in again.");
        context.RejectPrincipal();
    }

    public override Task CheckSlidingExpiration(CookieSlidingExpirationContext context)
    {
        // Requests caused by pages of other sites are not activity.
        context.ShouldRenew &= OwnOrigin.Is(context.HttpContext);
        return Task.CompletedTask;
    }

    /// <summary>No redirect to a page: API callers expect a status, and the console redirects by itself.</summary>
    public override Task RedirectToLogin(RedirectContext<CookieAuthenticationOptions> context)
    {
        context.Response.Headers.WWWAuthenticate = BasicCredentials.ChallengeOf(context.HttpContext);
        context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        return Task.CompletedTask;
    }

    public override Task RedirectToAccessDenied(RedirectContext<CookieAuthenticationOptions> context)
    {
        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        return Task.CompletedTask;
    }

    public override Task RedirectToReturnUrl(RedirectContext<CookieAuthenticationOptions> context) => Task.CompletedTask;

    public override Task RedirectToLogout(RedirectContext<CookieAuthenticationOptions> context) => Task.CompletedTask;
}
