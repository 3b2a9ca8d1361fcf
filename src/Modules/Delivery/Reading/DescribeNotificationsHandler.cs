using Notify.Channels;
using Notify.Contracts.Delivery;
using Notify.Delivery.Lanes;
using Notify.Delivery.Notifications;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Events.Store;
using Npgsql;
using Wolverine;

namespace Notify.Delivery.Reading;

/// <summary>Describes to other modules what was sent about an alarm: the state from the row, the content from the first event, and the explanation
/// from all events.</summary>
public static class DescribeNotificationsHandler
{
    public static async Task<NotificationsDescribed> Handle(DescribeNotifications query, NpgsqlDataSource database, EventReader events,
        ChannelCatalog channels, IMessageBus bus, CancellationToken cancellation)
    {
        var (found, waiting) = (new List<NotificationDescription>(), new Dictionary<string, string>(StringComparer.Ordinal));
        await using (var command = database.CreateCommand(
            $"""
            select n.id, n.requested_at, n.ended_at, n.status, n.reason, e.data, e.correlation_id, case when n.due_at is not null then n.lane end
            from {NotificationTable.Name} n {EventTables.JoinFirst("n.id")}
            where n.alarm_id = $1 order by n.position desc limit $2
            """))
        {
            command.Parameters.AddWithValue(query.AlarmId);
            command.Parameters.AddWithValue(query.Limit);
            await using var reader = await command.ExecuteReaderAsync(cancellation);
            while (await reader.ReadAsync(cancellation))
            {
                // An unreadable request is empty here; it is explained below.
                var (request, unreadable) = Work.ReadRequest(reader.GetString(5));
                found.Add(new NotificationDescription(
                    reader.GetString(0), reader.GetFieldValue<DateTimeOffset>(1), reader.IsDBNull(2) ? null : reader.GetFieldValue<DateTimeOffset>(2),
                    reader.GetString(3), reader.IsDBNull(4)
                    ? null : reader.GetString(4), request.Level, request.Rule, request.Service, request.Receivers,
                    request.Content.Text, reader.IsDBNull(6) ? null : reader.GetString(6), Explanation: null, request.Step,
                    unreadable is null ? request.State : null));
                if (!reader.IsDBNull(7)) waiting[reader.GetString(0)] = reader.GetString(7);
            }
        }

        foreach (var x in (await PutAside.ReadAsync(bus, database, cancellation)).Where(x => x.Request.AlarmId == query.AlarmId))
        {
            found.Insert(0, new NotificationDescription(
                x.Id, x.RequestedAt, x.EndedAt, x.Status.ToString(), x.Reason, x.Request.Level, x.Request.Rule, x.Request.Service,
                x.Request.Receivers, x.Request.Content.Text, x.CorrelationId,
                NotificationExplanations.Of(x, null, channels) is var (meaning, advice) ? new(meaning, advice) : null,
                x.Request.Step, x.Request.State));
        }

        // Delivered ones, which are the most, need no explanation.
        string[] others = [.. found.Where(x => x.Status != nameof(NotificationStatus.Delivered) && x.Explanation is null).Select(x => x.Id)];
        if (others.Length == 0) return new NotificationsDescribed(found);
        var loaded = await NotificationReader.LoadShownAsync(database, events, channels, others, cancellation);
        var blocked = waiting.Count == 0 ? [] : await LaneTable.BlockedAsync(database, cancellation);
        return new NotificationsDescribed(found.ConvertAll(x => loaded.TryGetValue(x.Id, out var n) ? x with { Explanation = Explain(n) } : x));

        NotificationExplanation? Explain(Notification n) =>
            NotificationExplanations.Of(n, waiting.TryGetValue(n.Id, out var lane) ? blocked.GetValueOrDefault(lane) : null, channels) is var (
                meaning, advice) ? new(meaning, advice) : null;
    }
}
