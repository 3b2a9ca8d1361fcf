using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Notify.Contracts.Alarms;
using Notify.Contracts.Rules;
using Notify.Kernel;
using Notify.Kernel.Events;
using Npgsql;

namespace Notify.Delivery.Notifications;

/// <summary>A notification as the REST contract shows it.</summary>
public sealed record NotificationView(
    string Id, string AlarmId, string AlarmName, AlarmLevel Level, string RuleId, long RuleVersion, string RuleName, string ServiceId, long ServiceVersion,
    string ServiceName, string MessageId, long MessageVersion, string ScheduleId, long ScheduleVersion, string Type, IReadOnlyList<ReceiverState> Receivers,
    NotificationStatus Status, string? Reason, string Format, string Body, Mentions Mentions, IReadOnlyList<Attempt> Attempts, bool MayHaveArrivedTwice,
    DateTimeOffset RequestedAt, DateTimeOffset? EndedAt, DateTimeOffset? RetryAt, string? ReplayOf, string? ReplayId, string? ResentAs, string CorrelationId)
{
    public static NotificationView Of(Notification n) => new(
        n.Id, n.Request.AlarmId, n.Request.AlarmName, n.Request.Level, n.Request.Rule.Id, n.Request.Rule.Version, n.Request.Rule.Name, n.Request.Service.Id,
        n.Request.Service.Version, n.Request.Service.Name, n.Request.Message.Id, n.Request.Message.Version, n.Request.Schedule.Id, n.Request.Schedule.Version,
        n.Request.ChannelType, n.Receivers, n.Status, n.Reason, n.Request.Content.Format, n.Request.Content.Text, n.Request.Content.Mentions, n.Attempts,
        n.MayHaveArrivedTwice, n.RequestedAt, n.EndedAt, n.RetryAt, n.Request.ReplayOf, n.Request.ReplayId, n.ResentAs, n.CorrelationId);
}

/// <summary><c>GET /notifications</c> and <c>/notifications/{id}</c>: rows find them, their events say what they are.</summary>
public static class ReadNotifications
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/v1/notifications").WithTags("notifications");
        group.MapGet("", async (HttpContext http, NpgsqlDataSource database, EventReader events) =>
        {
            var query = new QueryReader(http.Request.Query);
            var (before, limit) = (query.Cursor(), query.Number("limit", 100, 1, 1000));
            var filter = new Filter();
            filter.Where("n.status = ", query.OneOf<NotificationStatus>("status")?.ToString());
            filter.Where("n.service_id = ", query.Text("serviceId"));
            filter.Where("n.rule_id = ", query.Text("ruleId"));
            filter.Where("n.alarm_id = ", query.Text("alarmId"));
            filter.Where("n.requested_at >= ", query.Instant("from"));
            filter.Where("n.requested_at < ", query.Instant("to"));
            if (query.Text("receiver") is { } receiver) filter.Where("n.receivers && ", new[] { $"bot:{receiver}", $"account:{receiver.ToLowerInvariant()}" });
            filter.Where("n.position < ", before);
            query.ThrowIfInvalid();
            return await PageAsync(database, events, filter, "n.position", limit, http.RequestAborted);
        });

        FailedNotifications.Map(group);
        group.MapGet("/{id}", async (string id, HttpContext http, EventReader events) =>
            (await LoadAsync(events, [id], http.RequestAborted)).TryGetValue(id, out var found)
                ? NotificationView.Of(found)
                : throw ProblemException.NotFound("notification", id));
    }

    /// <summary>Conditions joined by "and", with their values kept apart from the SQL.</summary>
    internal sealed class Filter
    {
        private readonly StringBuilder sql = new("true");

        public List<object> Values { get; } = [];

        public void Where(string condition, object? value)
        {
            if (value is null) return;
            Values.Add(value);
            sql.Append(System.Globalization.CultureInfo.InvariantCulture, $" and {condition}${Values.Count}");
        }

        /// <summary>With more SQL behind the value.</summary>
        public void Where(string condition, object value, string rest)
        {
            Where(condition, value);
            sql.Append(rest);
        }

        public void Where(string condition) => sql.Append(System.Globalization.CultureInfo.InvariantCulture, $" and {condition}");

        public override string ToString() => sql.ToString();
    }

    internal static async Task<CursorPage<NotificationView>> PageAsync(
        NpgsqlDataSource database, EventReader events, Filter filter, string order, int limit, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"select n.id, n.position from {NotificationTable.Name} n where {filter} order by {order} desc limit {limit + 1}");
        foreach (var value in filter.Values) command.Parameters.AddWithValue(value);
        var rows = new List<(string Id, long Position)>();
        await using (var reader = await command.ExecuteReaderAsync(cancellation))
        {
            while (await reader.ReadAsync(cancellation)) rows.Add((reader.GetString(0), reader.GetInt64(1)));
        }

        var more = rows.Count > limit;
        if (more) rows.RemoveAt(limit);
        var loaded = await LoadAsync(events, [.. rows.Select(x => x.Id)], cancellation);
        return new([.. rows.Select(x => NotificationView.Of(loaded[x.Id]))], more ? QueryReader.CursorOf(rows[^1].Position) : null);
    }

    internal static async Task<Dictionary<string, Notification>> LoadAsync(EventReader events, string[] ids, CancellationToken cancellation)
    {
        var loaded = new Dictionary<string, Notification>(StringComparer.Ordinal);
        if (!ids.All(x => x.StartsWith("notification-", StringComparison.Ordinal))) return loaded;
        foreach (var e in await events.ReadAsync(ids, cancellation))
            loaded[e.StreamId] = Notification.Apply(loaded.GetValueOrDefault(e.StreamId), e.StreamId, e.Data, e.At, e.CorrelationId);
        return loaded;
    }
}
