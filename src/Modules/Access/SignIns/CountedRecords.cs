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

    /// <summary>Streams expire as a whole: one must end also if something happens all the time.</summary>
    private const int LongestStream = 24;

    private readonly Lock gate = new();
    private readonly Dictionary<TKind, Counted> waiting = [];
    private readonly Dictionary<TKind, Recorded> recorded = [];

    /// <summary>The last event of a kind.</summary>
    private sealed record Recorded(DateTimeOffset At, string Stream, long Version);

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
    /// <param name="recorded">The kinds that are on record since less than the interval.</param>
    protected abstract (TKind Kind, AuditContext Audit) Bound(
        TKind kind, AuditContext audit, IReadOnlyDictionary<TKind, Counted> waiting, ICollection<TKind> recorded);

    /// <summary>The event to record.</summary>
    /// <param name="isRepeat">Whether it follows another event of the kind in its stream.</param>
    protected abstract object EventOf(TKind kind, Counted counted, bool isRepeat);

    protected void Count(TKind kind, AuditContext audit)
    {
        var now = time.GetUtcNow();
        lock (gate)
        {
            (kind, audit) = Bound(kind, audit, waiting, recorded.Keys);
            waiting[kind] = waiting.TryGetValue(kind, out var counted)
                ? counted with { Count = counted.Count + 1, LastAt = now } : new Counted(audit, 1, now, now);
        }
    }

    protected virtual async Task RecordAsync(bool all)
    {
        var now = time.GetUtcNow();
        (TKind Kind, Counted Counted, Recorded Place)[] due;
        lock (gate)
        {
            foreach (var (kind, last) in recorded.ToArray())
                if (Instants.HasPassed(interval, last.At, now) && !waiting.ContainsKey(kind)) recorded.Remove(kind);
            due =
            [
                .. from one in waiting
                    let last = recorded.GetValueOrDefault(one.Key)
                    where all || last is null || Instants.HasPassed(interval, last.At, now)
                    select (one.Key, one.Value, last is null ? new(now, Ids.New(noun, now), 1) : new Recorded(now, last.Stream, last.Version + 1)),
            ];
            foreach (var (kind, _, _) in due) waiting.Remove(kind);
        }

        if (due.Length == 0) return;
        try
        {
            await using var session = store.LightweightSession();
            var events = batches.New();
            foreach (var (kind, counted, place) in due)
                events.Append(place.Stream, place.Version, EventOf(kind, counted, isRepeat: place.Version > 1), counted.Audit);
            events.QueueTo(session);
            await session.SaveChangesAsync(CancellationToken.None);
            lock (gate)
            {
                foreach (var (kind, _, place) in due)
                    if (place.Version < LongestStream) recorded[kind] = place;
                    else recorded.Remove(kind);
            }
        }
        catch (Exception e)
        {
            if (StoreFault.IsStoreDown(e)) Logger.LogWarning(
                "{Count} {What} are waiting for the database to be recorded: {Fault}", due.Length, WorkName, e.Message);
            else Logger.LogError(e, "Recording {Count} {What} failed; trying again", due.Length, WorkName);
            lock (gate)
            {
                foreach (var (kind, x, _) in due)
                {
                    // Perhaps it was recorded after all, and the version is taken.
                    recorded.Remove(kind);
                    waiting[kind] = waiting.TryGetValue(kind, out var more) ? more with { Count = more.Count + x.Count, FirstAt = x.FirstAt } : x;
                }
            }
        }
    }
}
