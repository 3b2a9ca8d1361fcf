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
        HeldLanes held, TimeProvider time, CancellationToken cancellation)
    {
        var (version, known) = await NotificationTable.ReadKnownAsync(session, [.. batch.Notifications.Select(x => x.NotificationId)], cancellation);
        var reachable = await services.GetAsync(version, cancellation);
        var now = time.GetUtcNow();
        var rows = new List<NotificationTable.NewRow>(batch.Notifications.Count);
        var toSend = new List<Work>(batch.Notifications.Count);
        foreach (var x in batch.Notifications)
        {
            if (known.Contains(x.NotificationId)) continue; // a repeat
            var lane = CurrentServices.LaneOf(reachable.GetValueOrDefault(x.Service.Id), x.Receivers);
            var request = new NotificationRequested(
                x.AlarmId, x.AlarmName, x.AlarmPath, x.Level, x.State, x.EventTime, x.Rule, x.Service, x.Message, x.Schedule, x.ChannelType, lane, x.Receivers, x.Content);
            var audit = AuditContext.OfSystem(x.CorrelationId, x.CausationId.ToString(), traceParent: x.TraceParent);
            var requested = events.Append(x.NotificationId, 1, request, audit).ToString();
            if (x.Suppressed is null) toSend.Add(new Work(x.NotificationId, lane, 1, 0, 0, 0, request, now, x.CorrelationId, requested, x.TraceParent));
            else events.Append(x.NotificationId, 2, new NotificationSuppressed(x.Suppressed), audit with { CausationId = requested });
            rows.Add(new(x.NotificationId, request, x.Suppressed));
        }

        if (rows.Count == 0) return;
        var flights = await lanes.TakeAsync(toSend, reachable, cancellation);
        try
        {
            NotificationTable.QueueInsert(session, rows, now);
            lanes.Start(flights, events, session);
            events.QueueTo(session);
            string[] used = [.. toSend.Select(x => x.Lane).Distinct(StringComparer.Ordinal)];
            LaneTable.QueueInsert(session, [.. used.Where(x => !held.Serves(x))]);
            await session.SaveChangesAsync(cancellation);
            lanes.Launch(flights);
            if (flights.Count < toSend.Count) lanes.Wake(used);
        }
        catch
        {
            lanes.PutBack(flights);
            throw;
        }
    }
}
