using Marten;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Http;

namespace Notify.Access.SignIns;

/// <summary>Somebody has read the history, an export, or what is kept of people. Stream <c>read-…</c>.</summary>
/// <param name="Path">The address as the contract names it, without ids.</param>
/// <param name="Id">Of what was read, if it was one.</param>
/// <param name="Query">What they asked for; at most 500 characters.</param>
/// <param name="Count">How often, from <paramref name="FirstAt"/> to <paramref name="LastAt"/>.</param>
public sealed record RecordsRead(string Path, string? Id, string? Query, int Count, DateTimeOffset FirstAt, DateTimeOffset LastAt);

/// <summary>
/// Puts on record who reads the history, exports and personal data: the first read within seconds, and those of the same caller and query that follow
/// within an hour together, with their number. What is not recorded yet is recorded when the process stops.
/// </summary>
public sealed class Reads(
    IDocumentStore store, EventBatches batches, IConfiguration configuration, TimeProvider time, ILogger<Reads> logger) : BackgroundService
{
    /// <summary><c>false</c> leaves it out.</summary>
    public const string Setting = "Notify:Access:RecordReads";

    private const int MostKinds = 2000;
    private const int MostQuery = 500;

    private static readonly TimeSpan tick = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan interval = TimeSpan.FromHours(1);
    private static readonly HashSet<Permission> onRecord = [Permission.HistoryRead, Permission.HistoryExport, Permission.PeopleRead];

    private readonly bool isOn = configuration.GetValue(Setting, true);
    private readonly Lock gate = new();
    private readonly Dictionary<Kind, Counted> waiting = [];
    private readonly Dictionary<Kind, DateTimeOffset> recorded = [];

    private sealed record Kind(string Actor, string Path, string? Id, string? Query);

    private sealed record Counted(AuditContext Audit, int Count, DateTimeOffset FirstAt, DateTimeOffset LastAt);

    /// <summary>Middleware, after authorization.</summary>
    public async Task InvokeAsync(HttpContext http, RequestDelegate next)
    {
        await next(http);
        if (!isOn || http.Response.StatusCode is < 200 or >= 300 || http.GetEndpoint() is not RouteEndpoint endpoint) return;
        if (!HttpMethods.IsGet(http.Request.Method) || endpoint.Metadata.GetMetadata<RequiredPermission>() is not { } required
            || !onRecord.Contains(required.Permission)) return;
        Telemetry.Observe((Self: this, http, endpoint), static x => x.Self.Note(
            x.http.Audit(), $"/{x.endpoint.RoutePattern.RawText!.Trim('/')}", x.http.Request.RouteValues.GetValueOrDefault("id")?.ToString(),
            x.http.Request.QueryString.HasValue ? x.http.Request.QueryString.Value![1..] : null));
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await RecordAsync(all: true);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(tick, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken)) await RecordAsync(all: false);
        }
        catch (OperationCanceledException)
        {
            // stopping
        }
    }

    private void Note(AuditContext audit, string path, string? id, string? query)
    {
        var (kind, now) = (new Kind(audit.Actor.Id, path, id, query is null ? null : Errors.Cut(query, MostQuery)), time.GetUtcNow());
        lock (gate)
        {
            // Who asks for something else each time is on record by the address.
            if (!waiting.ContainsKey(kind) && waiting.Count + recorded.Count >= MostKinds) kind = kind with { Id = null, Query = null };
            waiting[kind] = waiting.TryGetValue(kind, out var counted)
                ? counted with { Count = counted.Count + 1, LastAt = now } : new Counted(audit with { Reason = null }, 1, now, now);
        }
    }

    private async Task RecordAsync(bool all)
    {
        var now = time.GetUtcNow();
        KeyValuePair<Kind, Counted>[] due;
        lock (gate)
        {
            foreach (var (kind, at) in recorded.ToArray())
                if (now - at >= interval) recorded.Remove(kind);
            due = [.. waiting.Where(x => all || !recorded.ContainsKey(x.Key))];
            foreach (var (kind, _) in due) waiting.Remove(kind);
        }

        if (due.Length == 0) return;
        try
        {
            await using var session = store.LightweightSession();
            var events = batches.New();
            foreach (var (kind, x) in due)
                events.Append(Ids.New("read", now), 1, new RecordsRead(kind.Path, kind.Id, kind.Query, x.Count, x.FirstAt, x.LastAt), x.Audit);
            events.QueueTo(session);
            await session.SaveChangesAsync(CancellationToken.None);
            lock (gate)
                foreach (var (kind, _) in due) recorded[kind] = now;
        }
        catch (Exception e)
        {
            if (StoreFault.IsStoreDown(e)) logger.LogWarning(
                "{Count} reads of the history are waiting for the database to be recorded: {Fault}", due.Length, e.Message);
            else logger.LogError(e, "Recording {Count} reads of the history failed; trying again", due.Length);
            lock (gate)
            {
                foreach (var (kind, x) in due)
                    waiting[kind] = waiting.TryGetValue(kind, out var more) ? more with { Count = more.Count + x.Count, FirstAt = x.FirstAt } : x;
            }
        }
    }
}
