using Marten;
using Microsoft.Extensions.Logging;
using Notify.Contracts.Rules;
using Notify.Delivery.Lanes;
using Notify.Delivery.Notifications;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Events.Store;
using Wolverine.Marten;
using Wolverine.Runtime;

namespace Notify.Delivery.OtherWays;

/// <summary>Reports notifications with a fallback that did not arrive to the module Rules: they have failed for good, have reached only some of their
/// receivers, or their lane has been blocked for as long as their action says. Held notifications are still sent when the lane continues. The table
/// stores what is to be reported; the node that locks the rows reports it.</summary>
public sealed class OtherWayWorker(
    IDocumentStore store, EventReader events, IWolverineRuntime runtime, TimeProvider time, ILogger<OtherWayWorker> logger)
    : Worker("Other ways", logger)
{
    private const int MostAtOnce = 500;
    private static readonly TimeSpan interval = TimeSpan.FromSeconds(2);

    private static readonly string hasEnded = NotificationTable.NotAllReached("n");

    protected override async Task<TimeSpan> WorkAsync(CancellationToken cancellation)
    {
        await using var session = store.LightweightSession();
        await session.BeginTransactionAsync(cancellation);
        var undelivered = new List<UndeliveredNotification>();
        await using (var command = new Npgsql.NpgsqlCommand(
            $"""
            select n.id, n.alarm_id, n.alarm_version, n.rule_id, (e.data->'otherwise'->>'action')::int, coalesce(e.correlation_id, n.id),
              case when not ({hasEnded}) then 'blocked' when n.status = 'Failed' then 'failed' else '{UndeliveredNotification.PartlyDelivered}' end,
              case when {hasEnded} then n.reason else concat_ws(' ', l.blocked_code, l.blocked_message) end,
              e.data->'otherwise'->>'actionKey'
            from {NotificationTable.Name} n {EventTables.JoinFirst("n.id")} left join {LaneTable.Name} l on l.id = n.lane
            where n.otherwise_after is not null and (({hasEnded}) or (n.due_at is not null
              and greatest(l.blocked_at, n.requested_at) + n.otherwise_after * interval '1 minute' <= $1 and l.blocked_at is not null))
            order by n.priority, n.position limit {MostAtOnce} for update of n skip locked
            """))
        {
            command.Parameters.AddWithValue(time.GetUtcNow());
            await using var reader = await session.ExecuteReaderAsync(command, cancellation);
            while (await reader.ReadAsync(cancellation))
                undelivered.Add(new(
                    reader.GetString(0), reader.GetString(1), reader.GetInt64(2), reader.GetString(3), reader.GetInt32(4), reader.GetString(5),
                    reader.GetString(6), reader.IsDBNull(7) ? null : reader.GetString(7), Notification.IdInsteadOf(reader.GetString(0)),
                    reader.IsDBNull(8) ? null : reader.GetString(8)));
        }

        await NameMissedAsync(undelivered, cancellation);
        NotificationUpdates.QueueOtherWayTaken(session, [.. undelivered.Select(x => x.NotificationId)]);
        if (undelivered.Count > 0) await new MartenOutbox(runtime, session).PublishAsync(new NotificationsUndelivered(undelivered));
        await session.SaveChangesAsync(cancellation);
        return undelivered.Count == MostAtOnce ? TimeSpan.Zero : interval;
    }

    /// <summary>The row does not say whom a partly delivered notification has not reached; its events do.</summary>
    private async Task NameMissedAsync(List<UndeliveredNotification> undelivered, CancellationToken cancellation)
    {
        string[] partly = [.. undelivered.Where(x => x.Why == UndeliveredNotification.PartlyDelivered).Select(x => x.NotificationId)];
        if (partly.Length == 0) return;
        var loaded = await NotificationReader.LoadAsync(events, partly, cancellation);
        foreach (var (i, x) in undelivered.Index().ToList())
            if (loaded.TryGetValue(x.NotificationId, out var n)) undelivered[i] = x with { Reason = n.NotReached };
    }
}
