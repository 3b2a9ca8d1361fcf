using System.Collections.Concurrent;
using System.Globalization;
using Marten;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Events.Store;
using Notify.Kernel.Http;
using Npgsql;

namespace Notify.Access.SignIns;

/// <summary>A person or a program was admitted: the first request of a day from an address. Stream <c>signin-…</c>.</summary>
/// <param name="Name">The actor's name at that time.</param>
/// <param name="Method">How the actor authenticated: <c>apiKey</c>, <c>password</c>, <c>oidc</c>, ….</param>
public sealed record SignInSucceeded(string Name, string Method, string? Role);

/// <summary>
/// Records who is admitted from where: once for each actor, address and day (UTC), before the first request continues. An event for each request
/// would say no more, since programs send one for each alarm. The id of the stream is derived from actor, address and day, so that nodes and restarts
/// do not repeat it.
/// </summary>
public sealed class RecordSignIns(IDocumentStore store, NpgsqlDataSource database, EventBatches batches, TimeProvider time)
{
    private const int MaxKnown = 10_000;

    private readonly ConcurrentDictionary<(string Actor, string? Address), DateOnly> known = new();

    /// <summary>Middleware, after authentication and the audit context.</summary>
    public Task InvokeAsync(HttpContext http, RequestDelegate next)
    {
        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        // Open endpoints must work without a database, and sessions are recorded when they begin.
        var isKnown = http.User.Identity is not { IsAuthenticated: true } || http.User.FindFirst(RequestAudit.SessionClaim) is not null
            || http.GetEndpoint()?.Metadata.GetMetadata<IAllowAnonymous>() is not null
            || (known.TryGetValue(KeyOf(http.Audit()), out var day) && day == today);
        return isKnown ? next(http) : FirstOfDayAsync();

        async Task FirstOfDayAsync()
        {
            var audit = http.Audit();
            await RecordAsync(audit, http.User.FindFirst(System.Security.Claims.ClaimTypes.Role)?.Value, today, http.RequestAborted);
            if (known.Count >= MaxKnown) known.Clear();
            known[KeyOf(audit)] = today;
            await next(http);
        }
    }

    private static (string Actor, string? Address) KeyOf(AuditContext audit) => (audit.Actor.Id, audit.SourceIp);

    private async Task RecordAsync(AuditContext audit, string? role, DateOnly day, CancellationToken cancellation)
    {
        var what = string.Create(CultureInfo.InvariantCulture, $"{audit.Actor.Id}\n{audit.SourceIp}\n{day:O}");
        var stream = Ids.Derived("signin", what);
        if (await Streams.ExistsAsync(database, stream, cancellation)) return;
        await using var session = store.LightweightSession();
        var events = batches.New();
        events.Append(stream, 1, new SignInSucceeded(audit.Actor.Name, audit.Authentication ?? audit.Actor.Kind, role), audit with { Reason = null });
        events.QueueTo(session);
        try
        {
            await session.SaveChangesAsync(cancellation);
        }
        catch (Exception e) when (WriteConflict.Is(e))
        {
            // A concurrent request of the same actor recorded it.
        }
    }
}
