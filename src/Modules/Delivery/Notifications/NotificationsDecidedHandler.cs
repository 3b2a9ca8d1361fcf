using Marten;
using Notify.Contracts.Rules;
using Notify.Delivery.Lanes;
using Notify.Kernel;
using Notify.Kernel.Events;

namespace Notify.Delivery.Notifications;

/// <summary>Puts the notifications of one batch of decisions on record, in one transaction, and wakes their lanes.</summary>
public static class NotificationsDecidedHandler
{
    public static async Task Handle(
        NotificationsDecided batch, IDocumentSession session, EventBatch events, CurrentServices services, LaneDispatcher lanes,
        TimeProvider time, CancellationToken cancellation)
    {
        var (version, known) = await NotificationTable.ReadKnownAsync(session, [.. batch.Notifications.Select(x => x.NotificationId)], cancellation);
        var reachable = await services.GetAsync(version, cancellation);
        var rows = new List<(string Id, NotificationRequested Request, string? Suppressed)>(batch.Notifications.Count);
        foreach (var x in batch.Notifications)
        {
            if (known.Contains(x.NotificationId)) continue; // a repeat
            var lane = CurrentServices.LaneOf(reachable.GetValueOrDefault(x.Service.Id), x.Receivers);
            var request = new NotificationRequested(
                x.AlarmId, x.AlarmName, x.Level, x.Rule, x.Service, x.Message, x.Schedule, x.ChannelType, lane, x.Receivers, x.Content);
            var audit = AuditContext.OfSystem(x.CorrelationId, x.CausationId.ToString());
            var requested = events.Append(x.NotificationId, 1, request, audit);
            if (x.Suppressed is not null)
                events.Append(x.NotificationId, 2, new NotificationSuppressed(x.Suppressed), audit with { CausationId = requested.ToString() });
            rows.Add((x.NotificationId, request, x.Suppressed));
        }

        if (rows.Count == 0) return;
        NotificationTable.QueueInsert(session, rows, time.GetUtcNow());
        events.QueueTo(session);
        var toSend = rows.Where(x => x.Suppressed is null).Select(x => x.Request.Lane).Distinct(StringComparer.Ordinal).ToArray();
        LaneTable.QueueInsert(session, toSend);
        if (toSend.Length > 0) session.Listeners.Add(new WakeOnCommit(lanes, toSend));
    }

    private sealed class WakeOnCommit(LaneDispatcher dispatcher, string[] lanes) : DocumentSessionListenerBase
    {
        public override Task AfterCommitAsync(IDocumentSession session, Marten.Services.IChangeSet commit, CancellationToken token)
        {
            dispatcher.Wake(lanes);
            return Task.CompletedTask;
        }
    }
}
