using Marten;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Http;

namespace Notify.Access.SignIns;

/// <summary>Requests came with credentials that are unknown or revoked. Stream <c>refusal-…</c>.</summary>
/// <param name="Count">How many, from <paramref name="FirstAt"/> to <paramref name="LastAt"/>.</param>
public sealed record SignInFailed(string Method, string Path, int Count, DateTimeOffset FirstAt, DateTimeOffset LastAt);

/// <summary>Requests were refused: not allowed (401, 403), or changes that did not fit (400, 404, 409, 412, 413, 415, 428). Stream
/// <c>refusal-…</c>.</summary>
/// <param name="Path">The address as the contract names it, without ids; <c>*</c> for several that were counted together.</param>
public sealed record RequestRefused(string Method, string Path, int Status, int Count, DateTimeOffset FirstAt, DateTimeOffset LastAt);

/// <summary>Requests were refused (403) because the caller lacks a permission. Stream <c>refusal-…</c>.</summary>
/// <param name="Path">As in <see cref="RequestRefused"/>.</param>
public sealed record PermissionMissed(string Method, string Path, string Permission, int Count, DateTimeOffset FirstAt, DateTimeOffset LastAt);

/// <summary>Marks the endpoints whose body says who somebody is: a 401 there is a failed sign-in.</summary>
public sealed record TakesCredentials;

/// <summary>
/// Puts refused requests on record, counted: one event for each actor, address, endpoint and status in a minute, at most <see cref="MaxPerMinute"/>,
/// and what is beyond in one event for each status. So whoever floods Notify with requests that are refused can neither hide among them nor fill the
/// disk. What was refused has changed nothing, so that its record may follow: the first of a kind within seconds, the count of the rest within a
/// minute.
/// </summary>
public sealed class Refusals(IDocumentStore store, EventBatches batches, TimeProvider time, ILogger<Refusals> logger) : BackgroundService
{
    private const int MaxPerMinute = 100;

    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);
    private static readonly int[] ofChanges = [400, 404, 409, 412, 413, 415, 428];

    private readonly RefusalLines lines = new(time, logger);
    private readonly Lock gate = new();
    private readonly Dictionary<Kind, Counted> waiting = [];
    private readonly Dictionary<Kind, DateTimeOffset> recorded = [];

    private sealed record Kind(
        string Actor, string? Address, string Method, string Path, int Status, bool WithCredentials, string? Permission = null);

    private sealed record Counted(AuditContext Audit, int Count, DateTimeOffset FirstAt, DateTimeOffset LastAt);

    /// <summary>Middleware, outermost: sees the answer as it leaves.</summary>
    public async Task InvokeAsync(HttpContext http, RequestDelegate next)
    {
        await next(http);
        var status = http.Response.StatusCode;
        if (status < 400) return;
        var changes = !HttpMethods.IsGet(http.Request.Method) && !HttpMethods.IsHead(http.Request.Method)
            && !HttpMethods.IsOptions(http.Request.Method);
        if (status is not (401 or 403 or 429) && !(changes && ofChanges.Contains(status))) return;
        // The route and not the address: whoever asks for addresses that do not exist would make each a kind of its own.
        Telemetry.Observe((Self: this, http, status), static x => x.Self.Note(
            RequestAudit.OfRefused(x.http), x.http.Request.Method,
            (x.http.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText?.TrimEnd('/') ?? "*", x.status,
            (x.http.Request.Headers.Authorization.Count > 0 && x.http.User.Identity is not { IsAuthenticated: true })
                || x.http.GetEndpoint()?.Metadata.GetMetadata<TakesCredentials>() is not null,
            EndpointPermissions.MissedIn(x.http)?.Name));
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await RecordAsync(all: true);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Tick, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken)) await RecordAsync(all: false);
        }
        catch (OperationCanceledException)
        {
            // stopping
        }
    }

    private void Note(AuditContext audit, string method, string path, int status, bool withCredentials, string? permission)
    {
        var kind = new Kind(audit.Actor.Id, audit.SourceIp, method, path, status, status is 401 or 429 && withCredentials, permission);
        var now = time.GetUtcNow();
        if (status is 401 or 403 or 429) lines.Note(audit.SourceIp, kind.Method, path == "*" ? "another address" : path, status);
        lock (gate)
        {
            if (!waiting.ContainsKey(kind) && !recorded.ContainsKey(kind) && waiting.Keys.Union(recorded.Keys).Count() >= MaxPerMinute)
                (kind, audit) = (new Kind("", null, "*", "*", status, kind.WithCredentials), AuditContext.OfSystem(audit.CorrelationId));
            waiting[kind] = waiting.TryGetValue(kind, out var counted)
                ? counted with { Count = counted.Count + 1, LastAt = now } : new Counted(audit, 1, now, now);
        }
    }

    private async Task RecordAsync(bool all)
    {
        lines.Tell();
        var now = time.GetUtcNow();
        KeyValuePair<Kind, Counted>[] due;
        lock (gate)
        {
            foreach (var (kind, at) in recorded.ToArray())
                if (now - at >= Interval) recorded.Remove(kind);
            due = [.. waiting.Where(x => all || !recorded.ContainsKey(x.Key))];
            foreach (var (kind, _) in due) waiting.Remove(kind);
        }

        if (due.Length == 0) return;
        try
        {
            await using var session = store.LightweightSession();
            var events = batches.New();
            foreach (var ((_, _, method, path, status, withCredentials, permission), x) in due)
            {
                object refusal = withCredentials ? new SignInFailed(method, path, x.Count, x.FirstAt, x.LastAt)
                    : permission is not null ? new PermissionMissed(method, path, permission, x.Count, x.FirstAt, x.LastAt)
                    : new RequestRefused(method, path, status, x.Count, x.FirstAt, x.LastAt);
                events.Append(Ids.New("refusal", now), 1, refusal, x.Audit);
            }

            events.QueueTo(session);
            await session.SaveChangesAsync(CancellationToken.None);
            lock (gate)
                foreach (var (kind, _) in due) recorded[kind] = now;
        }
        catch (Exception e)
        {
            if (StoreFault.IsStoreDown(e)) logger.LogWarning(
                "{Count} refused requests are waiting for the database to be recorded: {Fault}", due.Length, e.Message);
            else logger.LogError(e, "Recording {Count} refused requests failed; trying again", due.Length);
            lock (gate)
            {
                foreach (var (kind, x) in due)
                    waiting[kind] = waiting.TryGetValue(kind, out var more) ? more with { Count = more.Count + x.Count, FirstAt = x.FirstAt } : x;
            }
        }
    }
}
