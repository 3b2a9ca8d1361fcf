using Marten;
using Notify.Contracts.Rules;
using Notify.Delivery.Lanes;
using Notify.Kernel;
using Notify.Kernel.Events;

namespace Notify.Delivery.Notifications;

/// <summary>Puts the notifications of one batch of decisions on record, in one transaction, and hands them to their lanes.</summary>
public static class NotificationsDecidedHandler
{
    public static async Task Handle(
        NotificationsDecided batch, IDocumentSession session, EventBatch events, CurrentServices services, LaneDispatcher lanes,
        HeldLanes held, WaitingWork waiting, TimeProvider time, CancellationToken cancellation)
    {
        var changes = batch.Notifications.Select(x => (x.AlarmId, x.AlarmVersion)).Distinct().ToList();
        using var watch = held.Watch(changes.Select(x => x.AlarmId));
        var known = await NotificationTable.ReadKnownAsync(
            session, [.. batch.Notifications.Select(x => x.NotificationId)], [.. changes.Select(x => x.AlarmId)], [.. changes.Select(x => x.AlarmVersion)], cancellation);
        var reachable = await services.GetAsync(known.ConfigurationVersion, cancellation);
        var told = known.Overtaken.Length == 0 ? [] : await NotificationTable.ReadToldAsync(session, known.Overtaken, cancellation);
        var now = time.GetUtcNow();
        var rows = new List<NotificationTable.NewRow>(batch.Notifications.Count);
        var toSend = new List<Work>(batch.Notifications.Count);
        foreach (var x in batch.Notifications)
        {
            if (known.Requested.Contains(x.NotificationId)) continue; // a repeat
            var lane = CurrentServices.LaneOf(reachable.GetValueOrDefault(x.Service.Id), x.Receivers);
            var request = new NotificationRequested(
                x.AlarmId, x.AlarmName, x.AlarmPath, x.Level, x.State, x.EventTime, x.Rule, x.Service, x.Message, x.Schedule, x.ChannelType, lane, x.Receivers, x.Content, AlarmVersion: x.AlarmVersion,
                AlarmValue: x.AlarmValue);
            var audit = AuditContext.OfSystem(x.CorrelationId, x.CausationId.ToString(), traceParent: x.TraceParent);
            var requested = events.Append(x.NotificationId, 1, request, audit).ToString();
            var suppressed = x.Suppressed ?? (IsOvertaken(x, told) ? NotificationTable.Superseded : null);
            if (suppressed is null) toSend.Add(new Work(x.NotificationId, lane, 1, 0, 0, 0, request, now, x.CorrelationId, requested, x.TraceParent));
            else events.Append(x.NotificationId, 2, new NotificationSuppressed(suppressed, x.DigestAt), audit with { CausationId = requested });
            rows.Add(new(x.NotificationId, request, suppressed, x.DigestAt));
        }

        if (rows.Count == 0) return;
        var flights = await lanes.TakeAsync(toSend, reachable, watch, cancellation);
        try
        {
            var started = flights.Select(x => x.Works[0].Id).ToHashSet(StringComparer.Ordinal);
            List<Work> rest = [.. toSend.Where(x => !started.Contains(x.Id))];
            NotificationTable.QueueInsert(session, rows, now, started);
            NotificationTable.QueueUrgency(session, rest);
            lanes.Start(flights, events, session);
            events.QueueTo(session);
            string[] used = [.. toSend.Select(x => x.Lane).Distinct(StringComparer.Ordinal)];
            LaneTable.QueueInsert(session, [.. used.Where(x => !held.Serves(x))]);
            await session.SaveChangesAsync(cancellation);
            lanes.Launch(flights);
            if (rest.Count == 0) return;
            waiting.Remember(rest);
            lanes.Wake(used);
        }
        catch
        {
            lanes.PutBack(flights);
            throw;
        }
    }

    /// <summary>
    /// A batch that was recovered after a kill, or decided on another node, may come after a later change of the same alarm. Whoever was told of the later
    /// one is not told of the earlier any more; everybody else is.
    /// </summary>
    private static bool IsOvertaken(DecidedNotification x, List<(string AlarmId, long Version, string ServiceId, string[] Receivers)> told) =>
        x.AlarmVersion > 0 && told.Exists(y => y.AlarmId == x.AlarmId && y.Version > x.AlarmVersion && y.ServiceId == x.Service.Id
            && y.Receivers.Intersect(x.Receivers.Select(NotificationTable.KeyOf), StringComparer.Ordinal).Any());
}
