using System.Text.Json;
using Notify.Contracts.Delivery;
using Notify.Kernel;
using Npgsql;

namespace Notify.Delivery.Notifications;

/// <summary>Tells other modules what was sent about an alarm: the row says what became of it, its first event what it is.</summary>
public static class DescribeNotificationsHandler
{
    public static async Task<NotificationsDescribed> Handle(DescribeNotifications query, NpgsqlDataSource database, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"""
            select n.id, n.requested_at, n.ended_at, n.status, n.reason, e.data, e.correlation_id
            from {NotificationTable.Name} n join {Database.Schema}.mt_events e on e.stream_id = n.id and e.version = 1
            where n.alarm_id = $1 order by n.position desc limit $2
            """);
        command.Parameters.AddWithValue(query.AlarmId);
        command.Parameters.AddWithValue(query.Limit);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var found = new List<NotificationDescription>();
        while (await reader.ReadAsync(cancellation))
        {
            var request = JsonSerializer.Deserialize<NotificationRequested>(reader.GetString(5), NotifyJson.Options)!;
            found.Add(new NotificationDescription(
                reader.GetString(0), reader.GetFieldValue<DateTimeOffset>(1), reader.IsDBNull(2) ? null : reader.GetFieldValue<DateTimeOffset>(2),
                reader.GetString(3), reader.IsDBNull(4) ? null : reader.GetString(4), request.Level, request.Rule, request.Service, request.Receivers,
                request.Content.Text, reader.IsDBNull(6) ? null : reader.GetString(6)));
        }

        return new NotificationsDescribed(found);
    }
}
