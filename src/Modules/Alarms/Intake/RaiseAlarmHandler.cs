using Notify.Contracts.Alarms;
using Notify.Kernel;
using Notify.Kernel.Events;
using Npgsql;

namespace Notify.Alarms.Intake;

/// <summary>Treats Notify's own alarms like all others. Every node reports what it sees, again after a restart: on the same day (UTC) a repeat
/// changes nothing. A fault that persists on another day is reported again, so that people are notified again even if it was acknowledged; to silence
/// it, shelve the alarm.</summary>
public static class RaiseAlarmHandler
{
    private const string Type = "notify";
    private static readonly Dictionary<string, string> noLabels = new(StringComparer.Ordinal);

    private static bool IsKnown(RaiseAlarm alarm, Alarm? known, DateTimeOffset now) =>
        // If the node that was to handle the fault died, the end may arrive first; the end then prevails.
        alarm.At is { } at ? known?.Facts.EventTime >= at
        : alarm.State is AlarmState.ActiveUnacked or AlarmState.ActiveAcked
            ? known is { IsActive: true } && known.Facts.Description == alarm.Description
                && known.Facts.EventTime.UtcDateTime.Date == now.UtcDateTime.Date
        : known is not { IsActive: true };

    public static async Task Handle(
        RaiseAlarm alarm, AlarmWriter writer, NpgsqlDataSource database, EventReader events, TimeProvider time, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var report = new AlarmReported(
            Names.Readable(alarm.Name, out _), Names.Readable(alarm.Path, out _), Type, alarm.Level, alarm.State, "", alarm.At ?? now,
            alarm.Description, AcknowledgeMode.Manual, "", null, noLabels, alarm.SourceId);
        var audit = AuditContext.OfSystem(alarm.CorrelationId ?? Ids.NewGuid(now).ToString("N"), alarm.CausationId);
        var id = Alarm.IdOf(report.SourceId, report.Path, report.Name);
        var eventId = AlarmReport.EventId(id, report.State, report.EventTime);
        // A known state costs the writer no transaction.
        var (known, _, _) = await AlarmTable.LoadAsync(database, events, [id], [], cancellation);
        if (IsKnown(alarm, known.GetValueOrDefault(id), now)) return;
        await writer.WriteAsync([new AlarmCommand(id, known => IsKnown(alarm, known, now) ? null : report, audit, eventId)]);
    }
}
