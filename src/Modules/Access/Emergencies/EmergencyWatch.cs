using Marten;
using Microsoft.Extensions.Logging;
using Notify.Contracts.Alarms;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Events.Store;
using Npgsql;

namespace Notify.Access.Emergencies;

/// <summary>Records the end of emergencies whose time is up, and raises Notify's own alarms: one while an emergency is open, and one while a review
/// is overdue. Every node does this; <see cref="OwnAlarms"/> says why that is harmless.</summary>
public sealed class EmergencyWatch(
    NpgsqlDataSource database, IDocumentStore store, EmergenciesOnRecord record, EmergencySettings settings, EventBatches batches,
    OwnAlarms alarms, TimeProvider time, ILogger<EmergencyWatch> logger)
    : Worker("Emergencies", logger, startsAfter: rest)
{
    private const int MostRead = 1000;

    private static readonly TimeSpan rest = TimeSpan.FromSeconds(5);
    private (long Events, IReadOnlyList<Emergency> All) known = (-1, []);

    protected override async Task<TimeSpan> WorkAsync(CancellationToken cancellation)
    {
        var count = await StoredEvents.CountOfKindsAsync(database, [Emergency.Noun], cancellation);
        if (count != known.Events)
        {
            await using var session = store.QuerySession();
            known = (count, (await record.NewestAsync(session, before: null, MostRead, cancellation)).Found);
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
            // Another node recorded it first, or a change was made under it just now: the next turn sees that.
        }
    }

    private async Task TellAsync(RaiseAlarm alarm) =>
        await alarms.TellAsync(alarm.SourceId, alarm.State == AlarmState.ActiveUnacked ? alarm.Description : null, alarm);
}
