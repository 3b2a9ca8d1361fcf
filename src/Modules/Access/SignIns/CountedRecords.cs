using Marten;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Notify.Kernel;
using Notify.Kernel.Events;

namespace Notify.Access.SignIns;

/// <summary>How often something of one kind has happened, and when.</summary>
/// <param name="Audit">The context of the first.</param>
public sealed record Counted(AuditContext Audit, int Count, DateTimeOffset FirstAt, DateTimeOffset LastAt);

/// <summary>Records what may happen thousands of times as few events: the first of a kind within seconds, those that follow within an interval in one
/// event with their count. What is left is recorded when the process stops. While the database is unavailable, it keeps counting.</summary>
/// <param name="what">What is recorded, for the log: <c>refused requests</c>.</param>
/// <param name="noun">The kind of the streams.</param>
public abstract class CountedRecords<TKind>(
    string what, string noun, TimeSpan interval, IDocumentStore store, EventBatches batches, TimeProvider time, ILogger logger)
    : Worker(what, logger, startsAfter: tick)
    where TKind : notnull
{
    private static readonly TimeSpan tick = TimeSpan.FromSeconds(2);

    private readonly Lock gate = new();
    private readonly Dictionary<TKind, Counted> waiting = [];
    private readonly Dictionary<TKind, DateTimeOffset> recorded = [];

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await RecordAsync(all: true);
    }

    protected override async Task<TimeSpan> WorkAsync(CancellationToken cancellation)
    {
        await RecordAsync(all: false);
        return tick;
    }

    /// <summary>Limits the number of kinds: returns the kind to count under, a common one if there are too many.</summary>
    protected abstract (TKind Kind, AuditContext Audit) Bound(
        TKind kind, AuditContext audit, IReadOnlyDictionary<TKind, Counted> waiting, IReadOnlyDictionary<TKind, DateTimeOffset> recorded);

    /// <summary>The event to record.</summary>
    protected abstract object EventOf(TKind kind, Counted counted);

    protected void Count(TKind kind, AuditContext audit)
    {
        var now = time.GetUtcNow();
        lock (gate)
        {
            (kind, audit) = Bound(kind, audit, waiting, recorded);
            waiting[kind] = waiting.TryGetValue(kind, out var counted)
                ? counted with { Count = counted.Count + 1, LastAt = now } : new Counted(audit, 1, now, now);
        }
    }

    protected virtual async Task RecordAsync(bool all)
    {
        var now = time.GetUtcNow();
        KeyValuePair<TKind, Counted>[] due;
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
            foreach (var (kind, counted) in due) events.Append(Ids.New(noun, now), 1, EventOf(kind, counted), counted.Audit);
            events.QueueTo(session);
            await session.SaveChangesAsync(CancellationToken.None);
            lock (gate)
                foreach (var (kind, _) in due) recorded[kind] = now;
        }
        catch (Exception e)
        {
            if (StoreFault.IsStoreDown(e)) Logger.LogWarning(
                "{Count} {What} are waiting for the database to be recorded: {Fault}", due.Length, WorkName, e.Message);
            else Logger.LogError(e, "Recording {Count} {What} failed; trying again", due.Length, WorkName);
            lock (gate)
            {
                foreach (var (kind, x) in due)
                    waiting[kind] = waiting.TryGetValue(kind, out var more) ? more with { Count = more.Count + x.Count, FirstAt = x.FirstAt } : x;
            }
        }
    }
}
