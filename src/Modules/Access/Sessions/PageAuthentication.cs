using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Notify.Access.Http;
using Notify.Access.Verifying;
using Notify.Kernel.Http;

namespace Notify.Access.Sessions;

/// <summary>Authenticates calls of the console's pages by the session that opened the page (<see cref="PageCaller"/>), as long as that is
/// open.</summary>
public sealed class PageAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, SessionCheck check, SignInSettings settings)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (Context.Features.Get<PageCaller>() is not { UserId: { } user, Session: { } session } caller) return AuthenticateResult.NoResult();
        if (TimeProvider.GetUtcNow() - caller.ActiveAt < settings.Idle
            && await check.FindAsync(user, session, Context.RequestAborted) is { } principal)
            return AuthenticateResult.Success(new AuthenticationTicket(principal, SessionCookie.PageSchemeName));
        ProblemResponses.Explain(Context, "The session has ended. Sign in again.");
        return AuthenticateResult.NoResult();
    }
}
