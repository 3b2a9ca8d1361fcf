using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Notify.Contracts.Alarms;
using Notify.Contracts.Delivery;
using Notify.Contracts.Rules;
using Notify.Delivery.Lanes;
using Notify.Delivery.Notifications.Bulk;
using Notify.Delivery.WeCom;
using Notify.Kernel;
using Notify.Kernel.Events;
using Npgsql;

namespace Notify.Delivery.Notifications;

/// <summary>A notification as the REST contract shows it.</summary>
public sealed record NotificationView(
    string Id, string AlarmId, string AlarmName, AlarmLevel Level, string RuleId, long RuleVersion, string RuleName, string ServiceId, long ServiceVersion,
    string ServiceName, string MessageId, long MessageVersion, string ScheduleId, long ScheduleVersion, string Type, IReadOnlyList<ReceiverState> Receivers,
    NotificationStatus Status, string? Reason, string Format, string Body, Mentions Mentions, IReadOnlyList<Attempt> Attempts, bool MayHaveArrivedTwice,
    DateTimeOffset RequestedAt, DateTimeOffset? EndedAt, DateTimeOffset? RetryAt, string? ReplayOf, string? ResentAs, string CorrelationId,
    HeldView? Held, Explained? Explanation, DateTimeOffset? DigestAt, string? DigestedIn, IReadOnlyList<string>? DigestOf, string? ReplayId)
{
    /// <param name="block">Of its lane, when it waits for that.</param>
    public static NotificationView Of(Notification n, LaneBlock? block) => new(
        n.Id, n.Request.AlarmId, n.Request.AlarmName, n.Request.Level, n.Request.Rule.Id, n.Request.Rule.Version, n.Request.Rule.Name, n.Request.Service.Id,
        n.Request.Service.Version, n.Request.Service.Name, n.Request.Message.Id, n.Request.Message.Version, n.Request.Schedule.Id, n.Request.Schedule.Version,
        n.Request.ChannelType, n.Receivers, n.Status, n.Reason, n.Request.Content.Format, n.Request.Content.Text, n.Request.Content.Mentions, n.Attempts,
        n.MayHaveArrivedTwice, n.RequestedAt, n.EndedAt, block?.ProbeAt ?? n.RetryAt, n.Request.ReplayOf, n.ResentAs, n.CorrelationId,
        block is null ? null : HeldView.Of(block), Explained.Of(n, block),
        n.DigestAt, n.DigestedIn, n.Request.DigestOf, n.Request.ReplayId);
}

/// <summary>It waits for its robot or app, through which nothing passes just now because of a setting.</summary>
public sealed record HeldView(DateTimeOffset Since, int? PlatformCode, string? PlatformMessage, string? EgressIp, DateTimeOffset TriedAgainAt)
{
    public static HeldView Of(LaneBlock block) => new(block.Since, block.PlatformCode, block.PlatformMessage, block.EgressIp, block.ProbeAt);
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
            var filter = await FilterOfRequestedAsync(query, database, http.RequestAborted);
            filter.Where("n.position < ", before);
            query.ThrowIfInvalid();
            return await PageAsync(database, events, filter, "n.position", limit, http.RequestAborted);
        });

        FailedNotifications.Map(group);
        ChangeNotifications.Map(group);
        BulkEndpoints.Map(group);
        group.MapGet("/{id}", async (string id, HttpContext http, NpgsqlDataSource database, EventReader events) =>
            (await LoadAsync(events, [id], http.RequestAborted)).TryGetValue(id, out var found)
                ? NotificationView.Of(found, await BlockOfAsync(database, id, http.RequestAborted))
                : throw ProblemException.NotFound("notification", id));
    }

    /// <summary>With <c>from</c> and <c>to</c>: when it was asked for.</summary>
    internal static async Task<Filter> FilterOfRequestedAsync(QueryReader query, NpgsqlDataSource database, CancellationToken cancellation)
    {
        var (filter, from, to) = (FilterOf(query), query.Instant("from"), query.Instant("to"));
        filter.Where("n.requested_at >= ", from);
        filter.Where("n.requested_at < ", to);
        if (from is null && to is null) return filter;
        // What was asked for later has a higher position: an old period is found by that, and not by going through all that came after.
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var order = new TimeOrder(connection, NotificationTable.Name, "position", "requested_at");
        if (from is { } start) filter.Where("n.position > ", await order.BeforeAsync(start, cancellation));
        if (to is { } end) filter.Where("n.position <= ", await order.UpToAsync(end, cancellation));
        return filter;
    }

    internal static Filter FilterOf(QueryReader query)
    {
        var filter = new Filter();
        filter.Where("n.status = ", query.OneOf<NotificationStatus>("status")?.ToString());
        filter.Where("n.service_id = ", query.Text("serviceId"));
        filter.Where("n.rule_id = ", query.Text("ruleId"));
        filter.Where("n.alarm_id = ", query.Text("alarmId"));
        if (query.Text("receiver") is { } receiver) filter.Where("n.receivers && ", new[] { $"bot:{receiver}", $"account:{receiver.ToLowerInvariant()}" });
        return filter;
    }

    /// <summary>So many are gathered and put in order in a few milliseconds.</summary>
    private const int Rare = 2000;

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

        /// <returns>What stands for the value in SQL.</returns>
        public string Add(object value)
        {
            Values.Add(value);
            return string.Create(System.Globalization.CultureInfo.InvariantCulture, $"${Values.Count}");
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
        // Going back from the newest finds a page of what is common at once. What is rare is gathered by its indexes and then put in order; the planner cannot know.
        var found = await IsRareAsync(database, filter, cancellation) ? $"{order} + 0" : order;
        await using var command = database.CreateCommand($"select n.id, n.position, case when n.due_at is not null then n.lane end from {NotificationTable.Name} n where {filter} order by {found} desc limit {limit + 1}");
        foreach (var value in filter.Values) command.Parameters.AddWithValue(value);
        var rows = new List<(string Id, long Position, string? Lane)>();
        await using (var reader = await command.ExecuteReaderAsync(cancellation))
        {
            while (await reader.ReadAsync(cancellation)) rows.Add((reader.GetString(0), reader.GetInt64(1), reader.IsDBNull(2) ? null : reader.GetString(2)));
        }

        var more = rows.Count > limit;
        if (more) rows.RemoveAt(limit);
        var loaded = await LoadAsync(events, [.. rows.Select(x => x.Id)], cancellation);
        var blocked = rows.Exists(x => x.Lane is not null) ? await LaneTable.BlockedAsync(database, cancellation) : [];
        return new([.. rows.Select(x => NotificationView.Of(loaded[x.Id], x.Lane is { } lane ? blocked.GetValueOrDefault(lane) : null))], more ? QueryReader.CursorOf(rows[^1].Position) : null);
    }

    private static async Task<bool> IsRareAsync(NpgsqlDataSource database, Filter filter, CancellationToken cancellation)
    {
        if (filter.Values.Count == 0) return false;
        await using var command = database.CreateCommand($"select count(*) < {Rare} from (select from {NotificationTable.Name} n where {filter} limit {Rare}) r");
        foreach (var value in filter.Values) command.Parameters.AddWithValue(value);
        return (bool)(await command.ExecuteScalarAsync(cancellation))!;
    }

    /// <summary>What its lane waits for, when it waits itself.</summary>
    private static async Task<LaneBlock?> BlockOfAsync(NpgsqlDataSource database, string id, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"select lane from {NotificationTable.Name} where id = $1 and due_at is not null");
        command.Parameters.AddWithValue(id);
        return await command.ExecuteScalarAsync(cancellation) is string lane ? (await LaneTable.BlockedAsync(database, cancellation)).GetValueOrDefault(lane) : null;
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
