using Marten;
using Microsoft.Extensions.Logging;
using Notify.Contracts.Alarms;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Events.Store;
using Npgsql;
using Wolverine;
using Wolverine.Runtime;

namespace Notify.Access.Emergencies;

/// <summary>
/// Records that an emergency has expired, and raises alarms of Notify's own: one while an emergency is open, and one when nobody has reviewed it in
/// time. Every node looks: what is said twice changes nothing.
/// </summary>
public sealed class EmergencyWatch(
    NpgsqlDataSource database, IDocumentStore store, EmergenciesOnRecord record, EmergencySettings settings, EventBatches batches,
    IWolverineRuntime wolverine, TimeProvider time, ILogger<EmergencyWatch> logger)
    : Worker("Emergencies", logger)
{
    private const int MostRead = 1000;

    private static readonly TimeSpan rest = TimeSpan.FromSeconds(5);
    private readonly Dictionary<string, string> told = new(StringComparer.Ordinal);
    private (long Events, IReadOnlyList<Emergency> All) known = (-1, []);
    private bool started;

    protected override async Task<TimeSpan> WorkAsync(CancellationToken cancellation)
    {
        if (!started)
        {
            // Not before the process has started: what is told by then may have to wait for the whole of a short life.
            started = true;
            return rest;
        }

        var count = await StoredEvents.CountOfKindsAsync(database, [Emergency.Noun], cancellation);
        if (count != known.Events)
        {
            await using var session = store.QuerySession();
            known = (count, await record.NewestAsync(session, before: null, MostRead, cancellation));
        }

        if (known.All.Count == 0) return rest;
        var now = time.GetUtcNow();
        foreach (var over in known.All.Where(x => x.HasRunOut(now))) await RecordEndAsync(over, now, cancellation);
        await TellAsync(EmergencyAlarm.OfOpen(known.All.FirstOrDefault(x => x.State(now) == EmergencyState.Open)));
        await TellAsync(EmergencyAlarm.OfUnreviewed([.. known.All.Where(x => IsOverdue(x, now))]));
        return rest;
    }

    private bool IsOverdue(Emergency x, DateTimeOffset now) =>
        settings.ReviewWithin is { } within && x is { Opened: { } opened, Reviewed: null } && now - (x.EndedAt ?? opened.Until) >= within;

    private async Task RecordEndAsync(Emergency over, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var session = store.LightweightSession();
        var events = batches.New();
        var version = await StoredEvents.LastVersionAsync(database, over.Id, cancellation);
        events.Append(over.Id, version + 1, new EmergencyEnded(EmergencyEnded.RanOut), AuditContext.OfSystem(over.CorrelationId));
        events.QueueTo(session, now);
        try
        {
            await session.SaveChangesAsync(cancellation);
        }
        catch (Exception e) when (WriteConflict.Is(e))
        {
            // Another node was faster, or the last change of it: looked at again.
        }
    }

    /// <summary>Once for each state, and again on each day on which it persists.</summary>
    private async Task TellAsync(RaiseAlarm alarm)
    {
        var what = alarm.State == AlarmState.ActiveUnacked ? $"{alarm.Description} {time.GetUtcNow().UtcDateTime:yyyy-MM-dd}" : "";
        var before = told.GetValueOrDefault(alarm.SourceId);
        if (before == what) return;
        var bus = new MessageBus(wolverine);
        // Another node, or this one before its restart, may have raised what is over. A stop does not cut the question off: the bus would log that.
        if (what.Length > 0 || before is not null || (
            await bus.InvokeAsync<OwnAlarmAnswered>(new AskOwnAlarm(alarm.SourceId), CancellationToken.None)).IsActive)
            await bus.PublishAsync(alarm);
        told[alarm.SourceId] = what;
    }
}
