using System.Security.Claims;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Notify.Access.Credentials;
using Notify.Access.Http;
using Notify.Access.People;
using Notify.Kernel;
using Notify.Kernel.Http;

namespace Notify.Access.Sessions;

/// <summary><c>GET /session</c>: the caller, their permissions, and when the session ends.</summary>
public sealed class ReadSession(SessionCheck check, Accounts accounts, PeopleCache people, TimeProvider time)
{
    /// <param name="Kind"><c>user</c> or <c>apiKey</c>.</param>
    /// <param name="UserName">Null for an API key.</param>
    /// <param name="Roles">Names of roles.</param>
    /// <param name="Permissions">The effective permissions; none while there is a duty.</param>
    /// <param name="Paths">Patterns for the paths of the alarms that the caller sees; empty: all.</param>
    /// <param name="Duty">What must be done before anything else: <c>changePassword</c> or <c>setUpSecondFactor</c>.</param>
    /// <param name="Session">Null for an API key.</param>
    public sealed record Answer(
        string Id, string Kind, string? UserName, string Name, IReadOnlyList<string> Roles, IReadOnlyList<string> Permissions,
        IReadOnlyList<string> Paths, string? Duty, bool HasSecondFactor, int Passkeys, Current? Session);

    /// <param name="Authentication">How the caller signed in: <c>password</c>, <c>password+code</c>, <c>password+recoveryCode</c>, <c>passkey</c> or
    /// <c>oidc</c>.</param>
    /// <param name="IdleEnd">When it ends without activity.</param>
    /// <param name="End">When it ends, however active it is.</param>
    public sealed record Current(string Id, string Authentication, DateTimeOffset StartedAt, DateTimeOffset IdleEnd, DateTimeOffset End);

    internal async Task<Answer> OfAsync(SignedIn signedIn, CancellationToken cancellation) =>
        await RunAsync(
            await check.FindAsync(signedIn.UserId, signedIn.Session.Id, cancellation) ?? throw new ProblemException(
                401, "Not authenticated.", "The session has ended. Sign in again."),
            signedIn.IdleEnd, cancellation);

    public async Task<Answer> RunAsync(ClaimsPrincipal caller, DateTimeOffset? idleEnd, CancellationToken cancellation)
    {
        var actor = caller.Actor();
        var user = (await people.RecentAsync(cancellation)).FindUser(actor.Id);
        var account = user is null ? null : await accounts.FindAsync(user.Id, cancellation);
        var session = caller.FindFirstValue(RequestAudit.SessionClaim) is { } id ? account?.Sessions.Find(id, time.GetUtcNow()) : null;
        return new Answer(
            actor.Id, actor.Kind, user?.Settings.UserName, actor.Name, All(caller, ClaimTypes.Role), All(caller, EndpointPermissions.ClaimType),
            All(caller, RequestAudit.PathClaim), caller.FindFirstValue(SessionCheck.DutyClaim), account?.Credential.SecondFactor is not null,
            account?.Credential.Passkeys.Count ?? 0,
            session is null ? null : new Current(
                session.Id, session.Method, session.StartedAt, Earlier(idleEnd ?? session.Until, session.Until), session.Until));
    }

    public static void Map(RouteGroupBuilder session) =>
        session.MapGet("", async (HttpContext http, ReadSession read) =>
            await read.RunAsync(http.User, await SessionCookie.IdleEndAsync(http), http.RequestAborted))
            .Own("It says only what the caller is.")
            .Document("readSession", "Read who you are", "Who calls, what they may do, and when their session ends. Also of an API key, which has no session.");

    private static IReadOnlyList<string> All(ClaimsPrincipal caller, string type) => [.. caller.FindAll(type).Select(x => x.Value)];

    private static DateTimeOffset Earlier(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;
}
