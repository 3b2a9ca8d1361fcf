using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Notify.Delivery.Lanes;
using Notify.Delivery.Notifications;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Events.Store;
using Notify.Kernel.Http;
using Npgsql;
using Wolverine;

namespace Notify.Delivery.Reading;

/// <summary>What could not be delivered, and what is held because nothing passes through its robot or app.</summary>
public static class FailedNotifications
{
    private const string Open = "n.status in ('Failed', 'PartlyDelivered') and n.resent_as is null";
    private static readonly QueryParameter[] filters =
    [
        "serviceId", "ruleId", "alarmId", "receiver", QueryParameter.OneOf<NotificationStatus>("status"), QueryParameter.Instant("from"), QueryParameter.Instant("to"), "search",
    ];

    private sealed record FailedCount(long Count);

    private static readonly TimeSpan DefaultSpan = TimeSpan.FromDays(7);
    private static readonly TimeSpan LongestSpan = TimeSpan.FromDays(366);

    public static void Map(RouteGroupBuilder group)
    {
        group.MapGet("/failed", async (HttpContext http, NpgsqlDataSource database, EventReader events, IMessageBus bus, TimeProvider time) =>
        {
            var query = http.Query();
            var (filter, limit) = (await FilterOfAsync(query, database, time, http.RequestAborted), query.Number("limit", 100, 1, 1000));
            var cursor = query.Cursor();
            filter.WhereBefore(cursor);
            query.ThrowIfInvalid();
            var page = await ReadNotifications.PageAsync(database, events, filter, limit, http.RequestAborted);
            if (cursor is not null) return page;
            // On the first page, and beyond its limit: they have no place in the order, and whoever looks here must see them.
            var aside = await PutAsideAsync(query, bus, database, time, http.RequestAborted);
            return aside.Count == 0 ? page : page with { Items = [.. aside.Take(1000).Select(x => NotificationView.Of(x, null)), .. page.Items] };
        }).Query([.. filters, QueryParameter.Cursor, QueryParameter.Limit]).Requires(Permission.NotificationsRead)
            .Document(
                "listFailedNotifications", "The failed list",
                "Notifications that could not be delivered and were neither resent nor dismissed; by default of the last seven days.");

        group.MapGet("/failed/count", async (HttpContext http, NpgsqlDataSource database, IMessageBus bus, TimeProvider time) =>
        {
            var query = http.Query();
            var filter = await FilterOfAsync(query, database, time, http.RequestAborted);
            query.ThrowIfInvalid();
            await using var command = database.CreateCommand($"select count(*) from {NotificationTable.Name} n where {filter}");
            foreach (var value in filter.Values) command.Parameters.AddWithValue(value);
            var onRecord = (long)(await command.ExecuteScalarAsync(http.RequestAborted))!;
            return new FailedCount(onRecord + (await PutAsideAsync(query, bus, database, time, http.RequestAborted)).Count);
        }).Query(filters).Requires(Permission.NotificationsRead)
            .Document("countFailedNotifications", "Number of failed notifications", "The number of notifications in the failed list.");
    }

    /// <summary>What is in dead letters and fits the query.</summary>
    private static async Task<List<Notification>> PutAsideAsync(QueryReader query, IMessageBus bus, NpgsqlDataSource database, TimeProvider time, CancellationToken cancellation)
    {
        var aside = await PutAside.ReadAsync(bus, database, cancellation);
        if (aside.Count == 0) return aside;
        var to = query.Instant("to") ?? time.GetUtcNow();
        var from = query.Instant("from") ?? to - DefaultSpan;
        var (service, rule, alarm, search) = (query.Text("serviceId"), query.Text("ruleId"), query.Text("alarmId"), query.Text("search"));
        string[]? receivers = query.Text("receiver") is { } receiver ? NotificationTable.KeysOf(receiver) : null;
        return aside.FindAll(x =>
            x.RequestedAt >= from && x.RequestedAt <= to && query.OneOf<NotificationStatus>("status") is null or NotificationStatus.Failed
            && (service is null || x.Request.Service.Id == service) && (rule is null || x.Request.Rule.Id == rule) && (alarm is null || x.Request.AlarmId == alarm)
            && (receivers is null || x.Request.Receivers.Any(r => receivers.Contains(NotificationTable.KeyOf(r), StringComparer.Ordinal)))
            && (search is null || $"{x.Reason} {x.Request.Rule.Name} {x.Request.Content.Text}".Contains(search, StringComparison.OrdinalIgnoreCase)));
    }

    /// <summary>What has failed, and what waits for a lane that is blocked: somebody has to do something about either.</summary>
    internal static async Task<NotificationFilter> FilterOfAsync(QueryReader query, NpgsqlDataSource database, TimeProvider time, CancellationToken cancellation)
    {
        var to = query.Instant("to") ?? time.GetUtcNow();
        var from = query.Instant("from") ?? to - DefaultSpan;
        if (to < from) query.Fault("to", "The end is before the beginning.");
        if (to - from > LongestSpan) query.Fault("from", "At most one year.");
        var filter = NotificationFilter.Of(query);
        var blocked = await LaneTable.BlockedAsync(database, cancellation);
        if (blocked.Count == 0) filter.WhereIndexed($"{Open} and n.ended_at between {filter.Add(from)} and {filter.Add(to)}");
        else
        {
            var (first, last) = (filter.Add(from), filter.Add(to));
            filter.WhereIndexed(
                $"(({Open} and n.ended_at between {first} and {last}) or (n.due_at is not null and n.lane = any({filter.Add(blocked.Keys.ToArray())}) and n.requested_at between {first} and {last}))");
        }

        if (query.Text("search") is { } search)
        {
            filter.Where(
                $"exists (select 1 from {EventTables.Events} e where e.stream_id = n.id and e.version = 1 and strpos(lower(concat_ws(' ', n.reason, e.data->'rule'->>'name', e.data->'content'->>'text')), lower({filter.Add(search)})) > 0)");
        }

        return filter;
    }
}
