using Marten;
using Notify.Channels.Receivers;
using Notify.Contracts.Alarms;
using Notify.Contracts.Delivery;
using Notify.Contracts.Rules;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Events.Store;
using Notify.Kernel.Http;
using Npgsql;
using Wolverine;

namespace Notify.Rules.Deciding;

/// <summary>Decides again, by the current configuration, about notifications that could not be recorded. A receiver of the same action keeps the
/// notification's id, so that earlier explanations still lead to it; a receiver who is no longer to be notified is recorded as suppressed.
/// Notifications that are recorded already stay unchanged.</summary>
public static class DecideAnewHandler
{
    public static async Task<NotificationsDecided?> Handle(
        DecideAnew command, IDocumentSession session, IMessageBus bus, CurrentSnapshot configuration, EventBatches batches, AcknowledgeLinks links,
        TimeProvider time, CancellationToken cancellation)
    {
        var onRecord = (await bus.InvokeAsync<DeliveriesDescribed>(
            new DescribeDeliveries([.. command.Notifications.Select(x => x.NotificationId)]), cancellation)).Deliveries
            .Where(x => x.Sequence > 0).Select(x => x.NotificationId).ToHashSet(StringComparer.Ordinal);
        var wanted = command.Notifications.ToLookup(x => new AlarmVersion(x.AlarmId, x.AlarmVersion));
        var changes = (await bus.InvokeAsync<AlarmChangesDescribed>(new DescribeAlarmChanges([.. wanted.Select(x => x.Key)]),
            cancellation)).Changes.ToDictionary(x => new AlarmVersion(x.AlarmId, x.Version));
        var versions = await Streams.VersionsAsync(session, [.. changes.Values.Select(x => DecisionLog.AnewStreamOf(x.EventId))], cancellation);
        var (snapshot, now) = (await configuration.GetAsync(session, bus, cancellation), time.GetUtcNow());
        var (events, decided) = (batches.New(), new List<DecidedNotification>());
        foreach (var group in wanted)
        {
            // Without a record of the alarm's change, a notification can only be kept as it was. The same holds for those of steps: the change did
            // not decide them.
            var isKnown = changes.TryGetValue(group.Key, out var change);
            decided.AddRange(group.Where(x => (!isKnown || x.Step is not null) && !onRecord.Contains(x.NotificationId)));
            if (isKnown && group.Any(x => x.Step is null)) Decide(
                command.LetterId, change!, [.. group.Where(x => x.Step is null)], onRecord, versions, snapshot, now, links, events, decided);
        }

        events.QueueTo(session, now);
        return decided.Count == 0 ? null : new NotificationsDecided($"batch-{command.LetterId}", decided);
    }

    private static void Decide(
        string letterId, DescribedAlarmChange change, List<DecidedNotification> before, HashSet<string> onRecord, Dictionary<string, long> versions,
        RuleSnapshot snapshot, DateTimeOffset now,
        AcknowledgeLinks links, EventBatch events, List<DecidedNotification> decided)
    {
        var audit = AuditContext.OfSystem(before[0].CorrelationId, change.EventId.ToString(), traceParent: before[0].TraceParent);
        var decision = snapshot.Decide(change.Alarm, now, links.To(change.AlarmId, change.Version));
        var ids = decision.Notifications.Select(x =>
        {
            if (before.Find(b => b.Rule.Id == x.Rule.Id && (b.ActionKey ?? x.ActionKey) == x.ActionKey && b.Service.Id == x.Service.Id
                && KeysOf(b.Receivers).SequenceEqual(KeysOf(x.Receivers), StringComparer.Ordinal)) is not { } same)
                return Ids.Derived("notification", $"{letterId}\n{change.EventId}\n{x.Rule.Id}\n{x.ActionKey}\n{string.Join('\n', KeysOf(x.Receivers))}");
            before.Remove(same);
            return same.NotificationId;
        }).ToList();
        var stream = DecisionLog.AnewStreamOf(change.EventId);
        var version = versions[stream] = versions.GetValueOrDefault(stream) + 1;
        var decisionEvent = events.Append(stream, version, new AlarmDecided(
            change.AlarmId, change.Alarm.Name, change.Version, decision.ConfigurationVersion,
            [.. decision.Notifications.Select((x, n) => x.OnRecord(ids[n]))], decision.Nobody, change.Alarm.Path), audit);
        decided.AddRange(decision.Notifications.Select((x, n) => x.Decided(
            ids[n], change.AlarmId, change.Version, change.Alarm, decisionEvent, audit)).Where(x => !onRecord.Contains(x.NotificationId)));
        decided.AddRange(before.Where(x => !onRecord.Contains(x.NotificationId))
            .Select(x => x with
            {
                CausationId = decisionEvent,
                Suppressed = x.Suppressed ?? Suppression.DecidedAnew,
                Failure = null,
                DigestAt = null
            }));
    }

    private static IEnumerable<string> KeysOf(IReadOnlyList<Receiver> receivers) => receivers.Select(ReceiverKey.Of);
}
