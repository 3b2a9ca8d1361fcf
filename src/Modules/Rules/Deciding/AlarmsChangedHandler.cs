using Marten;
using Microsoft.Extensions.Configuration;
using Notify.Contracts.Alarms;
using Notify.Contracts.Rules;
using Notify.Kernel;
using Notify.Kernel.Events;
using Npgsql;
using Wolverine;

namespace Notify.Rules.Deciding;

/// <summary>Decides, for each change of an alarm, whom to tell, and puts the decision on record; also when it is "nobody".</summary>
public static class AlarmsChangedHandler
{
    public static async Task<NotificationsDecided?> Handle(
        AlarmsChanged batch, IDocumentSession session, IMessageBus bus, CurrentSnapshot configuration, EventBatch events,
        TimeProvider time, IConfiguration settings, CancellationToken cancellation)
    {
        var stream = "decision" + batch.BatchId[batch.BatchId.IndexOf('-', StringComparison.Ordinal)..];
        var (version, decided) = await ReadAsync(stream, session, cancellation);
        if (decided) return null; // a repeat: the decision, and the message that follows from it, are on record

        var snapshot = await configuration.GetAsync(version, session, bus, cancellation);
        var now = time.GetUtcNow();
        var notifications = new List<DecidedNotification>();
        foreach (var (i, change) in batch.Alarms.Index())
        {
            var decision = snapshot.Decide(change.Alarm, now, $"{settings["Notify:PublicUrl"]}/alarms/{change.AlarmId}");
            var audit = AuditContext.OfSystem(change.CorrelationId, change.EventId.ToString());
            var ids = decision.Notifications.Select(_ => Ids.New("notification", now)).ToList();
            var decisionEvent = events.Append(stream, i + 1, new AlarmDecided(
                change.AlarmId, change.Alarm.Name, change.Version, decision.ConfigurationVersion,
                [.. decision.Notifications.Select((x, n) => new DecidedAction(ids[n], x.Rule.Id, x.Rule.Version, x.Action, x.Receivers, x.Suppressed))],
                decision.Nobody), audit);
            notifications.AddRange(decision.Notifications.Select((x, n) => new DecidedNotification(
                ids[n], change.AlarmId, change.Alarm.Name, change.Alarm.Path, change.Alarm.Level, change.Alarm.State, change.Alarm.EventTime, decisionEvent, change.CorrelationId,
                x.Rule, x.Service, x.Message, x.Schedule, x.ChannelType, x.Receivers, x.Content, x.Suppressed)));
        }

        // The record bears the instant for which the schedules were asked: who looks at it again asks them for the same.
        events.QueueTo(session, now);
        return notifications.Count == 0 ? null : new NotificationsDecided(batch.BatchId, notifications);
    }

    /// <summary>One round trip: the configuration's version, and whether this batch was decided before.</summary>
    private static async Task<(long Version, bool Decided)> ReadAsync(string stream, IQuerySession session, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"select coalesce((select version from {Database.Schema}.configuration_stamp), 0), exists (select 1 from {Database.Schema}.mt_streams where id = $1)");
        command.Parameters.AddWithValue(stream);
        await using var reader = await session.ExecuteReaderAsync(command, cancellation);
        await reader.ReadAsync(cancellation);
        return (reader.GetInt64(0), reader.GetBoolean(1));
    }
}
