using Marten;
using Notify.Contracts.Alarms;
using Notify.Contracts.Rules;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Events.Store;
using Notify.Kernel.Http;
using Notify.Rules.Deciding;
using Wolverine;

namespace Notify.Rules.Steps;

/// <summary>Uses the fallback for notifications that did not arrive: sends the same change of the alarm by the other service, by the current
/// configuration, and records why. Each notification is handled once, however often the message is delivered.</summary>
public static class NotificationsUndeliveredHandler
{
    public static async Task<NotificationsDecided?> Handle(
        NotificationsUndelivered told, IDocumentSession session, IMessageBus bus, CurrentSnapshot configuration, EventBatches batches,
        AcknowledgeLinks links, TimeProvider time, CancellationToken cancellation)
    {
        var decided = await Streams.VersionsAsync(
            session, [.. told.Notifications.Select(x => OtherWayTaken.StreamOf(x.NotificationId))], cancellation);
        var open = told.Notifications.Where(x => !decided.ContainsKey(OtherWayTaken.StreamOf(x.NotificationId)))
            .DistinctBy(x => x.NotificationId, StringComparer.Ordinal).ToList();
        if (open.Count == 0) return null;
        var changes = (await bus.InvokeAsync<AlarmChangesDescribed>(
            new DescribeAlarmChanges([.. open.Select(x => new AlarmVersion(x.AlarmId, x.AlarmVersion)).Distinct()]), cancellation)).Changes
            .ToDictionary(x => new AlarmVersion(x.AlarmId, x.Version));
        var (snapshot, now) = (await configuration.GetAsync(session, bus, cancellation), time.GetUtcNow());
        var (events, notifications) = (batches.New(), new List<DecidedNotification>());
        foreach (var x in open)
        {
            var key = x.ActionKey ?? ActionKeys.OfIndex(x.Action);
            var alarm = changes.GetValueOrDefault(new AlarmVersion(x.AlarmId, x.AlarmVersion))?.Alarm;
            var outcome = alarm is null
                ? new DueStep([], StepStop.AlarmRemoved) : snapshot.TakeOtherWay(x.RuleId, key, alarm, now, links.To(x.AlarmId, x.AlarmVersion));
            var ids = outcome.Notifications.Select((_, n) => n == 0 ? x.InsteadId : Ids.New("notification", now)).ToList();
            var stream = OtherWayTaken.StreamOf(x.NotificationId);
            var audit = AuditContext.OfSystem(x.CorrelationId);
            var cause = events.Append(stream, 1, new OtherWayTaken(
                x.NotificationId, x.AlarmId, alarm?.Name ?? "", alarm?.Path ?? "", x.AlarmVersion, snapshot.RefOf(x.RuleId),
                snapshot.IndexOf(x.RuleId, key) ?? x.Action, x.Why,
                x.Reason, snapshot.ConfigurationVersion, [.. outcome.Notifications.Select((p, n) => p.OnRecord(ids[n]))], outcome.Stopped), audit);
            if (alarm is not null) notifications.AddRange(outcome.Notifications.Select((p, n) => p.Decided(
                ids[n], x.AlarmId, x.AlarmVersion, alarm, cause, audit) with
            { Step = new(stream, StepKind.Otherwise, 0) { InsteadOf = x.NotificationId } }));
        }

        events.QueueTo(session, now);
        return notifications.Count == 0 ? null : new NotificationsDecided(Ids.New("batch", now), notifications);
    }
}
