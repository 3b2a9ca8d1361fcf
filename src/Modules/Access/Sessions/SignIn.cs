using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Notify.Access.Credentials;
using Notify.Access.Http;
using Notify.Access.People;
using Notify.Access.SignIns;
using Notify.Access.Verifying;
using Notify.Kernel;
using Notify.Kernel.Http;

namespace Notify.Access.Sessions;

/// <param name="IdleEnd">When the session ends without activity.</param>
public sealed record SignedIn(string UserId, OpenSession Session, DateTimeOffset IdleEnd);

/// <summary><c>POST /session</c>: somebody signs in with a password.</summary>
public sealed class SignIn(Verification verification, StartSession start)
{
    /// <param name="UserName">Case is ignored.</param>
    /// <param name="Code">A code of the authenticator app or a recovery code; required if a second factor is set up.</param>
    public sealed record Request([property: Required] string? UserName, [property: Required] string? Password, string? Code = null);

    /// <exception cref="ProblemException">400, 401 or 429 (<see cref="Verification.ProveAsync"/>).</exception>
    public async Task<SignedIn> RunAsync(Request request, AuditContext audit, CancellationToken cancellation)
    {
        var proved = await verification.ProveAsync(request.UserName, request.Password, request.Code, audit, cancellation);
        return await start.RunAsync(
            proved.User, proved.Method, now =>
            {
                if (now.Credential.Password != proved.Account.Credential.Password)
                    throw ProblemException.Conflict("The account was changed at the same time. Try again.");
                return proved.Code is { } code ? [verification.UsedBy(code, now)] : [];
            }, audit, cancellation);
    }

    public static void Map(RouteGroupBuilder session) =>
        session.MapPost("", async (HttpContext http, SignIn signIn, EndSessions sessions, ReadSession read) =>
        {
            OwnOrigin.CheckSignIn(http);
            var signedIn = await signIn.RunAsync(await http.Request.ReadAsync<Request>(), http.Audit(), http.RequestAborted);
            await sessions.EndReplacedAsync(SessionCookie.SentWith(http), signedIn, http.Audit(), http.RequestAborted);
            await SessionCookie.SetAsync(http, signedIn.UserId, signedIn.Session.Id);
            return await read.OfAsync(signedIn, http.RequestAborted);
        }).Open("Whoever signs in has nothing to show before.").WithMetadata(new TakesCredentials()).TakesSecrets()
            .Document(
                "signIn", "Sign in with a password",
                "Sets a session cookie, which counts only in requests with an Origin or Sec-Fetch-Site of Notify's own address. 401 with errors.code: a code "
                + "is needed too. After several wrong tries the next one has to wait (429); where somebody has signed in before, tries elsewhere do not slow them.")
            .Takes<Request>("""{ "userName": "zhang.san", "password": "four unrelated words here" }""").Answers<ReadSession.Answer>()
            .ProducesProblem(StatusCodes.Status401Unauthorized).ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status429TooManyRequests);
}

/// <summary>Starts a session for somebody who has just authenticated.</summary>
public sealed class StartSession(Accounts accounts, SignInSettings settings, TimeProvider time)
{
    /// <param name="used">Returns the events that record what was used for it, such as a code.</param>
    public async Task<SignedIn> RunAsync(
        User user, string method, Func<Account, IReadOnlyList<object>> used, AuditContext audit, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var (id, until) = (Ids.New("session", now), now + settings.Longest);
        audit = audit with { Actor = new Actor(user.Id, user.Name, "user"), Authentication = method, Session = id };
        await accounts.ChangeAsync(user.Id, (account, _) => [.. used(account), new SessionStarted(user.Name, id, method, until)], audit,
            cancellation);
        return new SignedIn(user.Id, new OpenSession(id, method, now, until, audit.SourceIp, audit.Client), now + settings.Idle);
    }
}
