using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Notify.Access.Credentials;
using Notify.Access.Http;
using Notify.Access.People;
using Notify.Access.Verifying;
using Notify.Kernel;
using Notify.Kernel.Http;

namespace Notify.Access.Sessions;

/// <summary>Lists and ends sessions: <c>DELETE /session</c>, <c>/sessions</c>, <c>/users/{id}/sessions</c>. An end takes effect on this node at once
/// and on the others within five seconds.</summary>
public sealed class EndSessions(Accounts accounts, PeopleCache people, TimeProvider time)
{
    private const string Noun = "session";

    public sealed record Answer(IReadOnlyList<Item> Items);

    /// <param name="Authentication">How the person signed in.</param>
    /// <param name="End">When it ends at the latest; earlier without activity.</param>
    /// <param name="Client">The <c>User-Agent</c> of the browser or program.</param>
    /// <param name="IsCurrent">Whether it is the session of the caller.</param>
    public sealed record Item(
        string Id, string Authentication, DateTimeOffset StartedAt, DateTimeOffset End, string? SourceIp, string? Client, bool IsCurrent);

    /// <summary>The open sessions of a person, newest first.</summary>
    /// <exception cref="ProblemException">404: there is no such user.</exception>
    public async Task<Answer> ListAsync(string userId, AuditContext audit, CancellationToken cancellation)
    {
        await FindAsync(userId, cancellation);
        var account = await accounts.ReadAsync(userId, cancellation) ?? throw Accounts.Damaged();
        return new Answer(
        [
            .. account.Sessions.At(time.GetUtcNow())
                .Select(x => new Item(x.Id, x.Method, x.StartedAt, x.Until, x.Address, x.Client, x.Id == audit.Session)),
        ]);
    }

    /// <exception cref="ProblemException">404: the person has no such session.</exception>
    public Task EndAsync(string userId, string session, string why, AuditContext audit, CancellationToken cancellation) =>
        accounts.ChangeAsync(userId, (account, _) => account.Sessions.Find(session, time.GetUtcNow()) is null
            ? throw ProblemException.NotFound(Noun, session) : [new SessionEnded(session, why)], audit, cancellation);

    /// <summary>Ends the previous session of a browser in which somebody, possibly another person, has just signed in: the browser has lost its
    /// cookie and could not end it any more.</summary>
    /// <param name="before">Null: there was none.</param>
    /// <param name="signedIn">The new sign-in, on whose behalf it is ended.</param>
    public async Task EndReplacedAsync((string UserId, string Session)? before, SignedIn signedIn, AuditContext audit, CancellationToken cancellation)
    {
        if (before is not var (userId, session) || session == signedIn.Session.Id) return;
        if ((await people.ReadAsync(cancellation)).FindUser(signedIn.UserId) is not { } by) return;
        audit = audit with { Actor = new Actor(by.Id, by.Name, "user"), Authentication = signedIn.Session.Method, Session = signedIn.Session.Id };
        await accounts.ChangeAsync(
            userId, (account, _) => account.Sessions.Find(session, time.GetUtcNow()) is null ? [] : [new SessionEnded(session, "replaced")], audit,
            cancellation);
    }

    /// <summary>Ends all sessions of a person, including the caller's own.</summary>
    /// <exception cref="ProblemException">404: there is no such user.</exception>
    public async Task EndAllAsync(string userId, AuditContext audit, CancellationToken cancellation)
    {
        var user = await FindAsync(userId, cancellation);
        await accounts.ChangeAsync(
            userId, (account, _) => account.Sessions.At(time.GetUtcNow()).Count == 0 ? [] : [new SessionsEnded(user.Name, "revoked")], audit,
            cancellation);
    }

    public static void Map(IEndpointRouteBuilder routes, RouteGroupBuilder session)
    {
        session.MapDelete("", async (HttpContext http, EndSessions sessions) =>
        {
            var audit = http.Audit();
            await sessions.EndAsync(audit.Actor.Id, Caller.SessionOf(audit), "signedOut", audit, http.RequestAborted);
            await SessionCookie.RemoveAsync(http);
            return Results.NoContent();
        }).Own("Everybody may sign out.").Answers(204, "The session has ended.")
            .Document("signOut", "Sign out", "Ends the session in which it is sent; its cookie opens nothing any more.");
        var own = routes.MapGroup("/api/v1/sessions").WithTags("session");
        own.MapGet("", async (HttpContext http, EndSessions sessions) =>
            await sessions.ListAsync(Caller.UserOf(http.Audit()), http.Audit(), http.RequestAborted))
            .Own("They are the caller's own.")
            .Document("listOwnSessions", "List your sessions", "Your sessions that were not ended, newest first.");
        own.MapDelete("", async (HttpContext http, EndSessions sessions) =>
        {
            await sessions.EndAllAsync(Caller.UserOf(http.Audit()), http.Audit(), http.RequestAborted);
            await SessionCookie.RemoveAsync(http);
            return Results.NoContent();
        }).Own("They are the caller's own.").Answers(204, "All sessions have ended.")
            .Document("endOwnSessions", "Sign out everywhere", "Ends all your sessions, also this one.");
        own.MapDelete("/{id}", async (string id, HttpContext http, EndSessions sessions) =>
        {
            await sessions.EndAsync(Caller.UserOf(http.Audit()), id, "revoked", http.Audit(), http.RequestAborted);
            return Results.NoContent();
        }).Own("It is the caller's own.").Answers(204, "The session has ended.")
            .Document("endOwnSession", "End one of your sessions", "For a browser that was left signed in elsewhere.");
        var ofUser = routes.MapGroup("/api/v1/users/{id}/sessions").WithTags("users");
        ofUser.MapGet("", async (string id, HttpContext http, EndSessions sessions) =>
            await sessions.ListAsync(id, http.Audit(), http.RequestAborted))
            .Requires(Permission.PeopleRead)
            .Document("listSessions", "List a person's sessions", "Those that were not ended, newest first.");
        ofUser.MapDelete("", async (string id, HttpContext http, EndSessions sessions) =>
        {
            await sessions.EndAllAsync(id, http.Audit(), http.RequestAborted);
            return Results.NoContent();
        }).Requires(Permission.PeopleManage).Answers(204, "All sessions have ended.")
            .Document("endSessions", "Sign a person out everywhere", "On every node within five seconds. The person can sign in again, unless they are disabled.");
    }

    private async Task<User> FindAsync(string userId, CancellationToken cancellation) =>
        (await people.ReadAsync(cancellation)).FindUser(userId) ?? throw ProblemException.NotFound("user", userId);
}
