using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Notify.Channels;
using Notify.Delivery.Lanes;
using Notify.Delivery.Notifications;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Events.Store;
using Notify.Kernel.Http;
using Npgsql;
using Wolverine;

namespace Notify.Delivery.Reading;

/// <summary>Notifications that could not be delivered, and those held because their lane is blocked.</summary>
public sealed class FailedNotifications(NpgsqlDataSource database, EventReader events, ChannelCatalog channels, IMessageBus bus, TimeProvider time)
{
    private const string Open = "n.status in ('Failed', 'PartlyDelivered') and n.resent_as is null";
    private static readonly QueryParameter[] filters =
    [
        "serviceId", "ruleId", "alarmId", "receiver", QueryParameter.OneOf<NotificationStatus>("status"), QueryParameter.Instant("from"),
        QueryParameter.Instant("to"), "search",
    ];

    private static readonly TimeSpan DefaultPeriod = TimeSpan.FromDays(7);
    private static readonly TimeSpan LongestPeriod = TimeSpan.FromDays(366);

    public sealed record FailedCount(long Count);

    /// <summary>Newest first. Without a period: the last seven days.</summary>
    /// <param name="before">The position before which the page begins (<see cref="CursorPage{T}.Next"/>); null: the newest.</param>
    /// <param name="limit">1 to 1,000.</param>
    /// <exception cref="ProblemException">400: the period is invalid or longer than a year.</exception>
    public async Task<CursorPage<NotificationView>> ListAsync(NotificationQuery query, long? before, int limit, CancellationToken cancellation)
    {
        var filter = await FilterOfAsync(query, channels, database, time, cancellation);
        return await PutAside.PageAsync(
            before, limit, channels, () => PutAsideAsync(query, channels, bus, database, time, cancellation), (position, count) =>
            {
                filter.WhereBefore(position);
                return ReadNotifications.PageAsync(database, events, channels, filter, count, cancellation);
            });
    }

    /// <inheritdoc cref="ListAsync"/>
    public async Task<FailedCount> CountAsync(NotificationQuery query, CancellationToken cancellation)
    {
        var filter = await FilterOfAsync(query, channels, database, time, cancellation);
        await using var command = database.CreateCommand($"select count(*) from {NotificationTable.Name} n where {filter}");
        foreach (var value in filter.Values) command.Parameters.AddWithValue(value);
        var onRecord = (long)(await command.ExecuteScalarAsync(cancellation))!;
        return new(onRecord + (await PutAsideAsync(query, channels, bus, database, time, cancellation)).Count);
    }

    public static void Map(RouteGroupBuilder group)
    {
        group.MapGet("/failed", async (HttpContext http, FailedNotifications failed) =>
        {
            var query = http.Query();
            var (wanted, cursor, limit) = (Read(query), query.Cursor(), query.Number("limit", 100, 1, 1000));
            query.ThrowIfInvalid();
            return await failed.ListAsync(wanted, cursor, limit, http.RequestAborted);
        }).Query([.. filters, QueryParameter.Cursor, QueryParameter.Limit]).Requires(Permission.NotificationsRead).KeepsToPaths()
            .Document(
                "listFailedNotifications", "The failed list",
                "Notifications that could not be delivered and were neither resent nor dismissed; by default of the last seven days.");

        group.MapGet("/failed/count", async (HttpContext http, FailedNotifications failed) =>
        {
            var query = http.Query();
            var wanted = Read(query);
            query.ThrowIfInvalid();
            return await failed.CountAsync(wanted, http.RequestAborted);
        }).Query(filters).Requires(Permission.NotificationsRead).KeepsToPaths()
            .Document("countFailedNotifications", "Number of failed notifications", "The number of notifications in the failed list.");
    }

    private static NotificationQuery Read(QueryReader query) => NotificationQuery.Read(query) with { Search = query.Text("search") };

    /// <summary>The notifications in dead letters that match the query.</summary>
    internal static async Task<List<Notification>> PutAsideAsync(
        NotificationQuery query, ChannelCatalog channels, IMessageBus bus, NpgsqlDataSource database, TimeProvider time,
        CancellationToken cancellation)
    {
        var aside = await PutAside.ReadAsync(bus, database, cancellation);
        if (aside.Count == 0) return aside;
        var (from, to) = PeriodOf(query, time);
        return aside.FindAll(x =>
            x.RequestedAt >= from && x.RequestedAt <= to && PutAside.Fits(x, query, channels)
            && (query.Search is not { } search || $"{x.Reason} {x.Request.Rule.Name} {x.Request.Content.Text}".Contains(
                search, StringComparison.OrdinalIgnoreCase)));
    }

    private static (DateTimeOffset From, DateTimeOffset To) PeriodOf(NotificationQuery query, TimeProvider time)
    {
        var to = query.To ?? time.GetUtcNow();
        return (query.From ?? Instants.Before(to, DefaultPeriod), to);
    }

    /// <summary>Failed notifications, and those that wait on a blocked lane: both need somebody's attention.</summary>
    /// <exception cref="ProblemException">400: the period is invalid.</exception>
    /// <param name="path">The JSON path of the query in the request, for the paths of faults.</param>
    internal static async Task<NotificationFilter> FilterOfAsync(
        NotificationQuery query, ChannelCatalog channels, NpgsqlDataSource database, TimeProvider time, CancellationToken cancellation,
        string path = "")
    {
        var (from, to) = PeriodOf(query, time);
        if (to < from) throw ProblemException.Invalid(JsonFault.Join(path, "to"), "The end is before the beginning.");
        if (to - from > LongestPeriod) throw ProblemException.Invalid(JsonFault.Join(path, "from"), "At most one year.");
        var filter = NotificationFilter.Of(query, channels);
        var blocked = await LaneTable.BlockedAsync(database, cancellation);
        if (blocked.Count == 0) filter.WhereIndexed($"{Open} and n.ended_at between {filter.Add(from)} and {filter.Add(to)}");
        else
        {
            var (first, last) = (filter.Add(from), filter.Add(to));
            filter.WhereIndexed(
                $"(({Open} and n.ended_at between {first} and {last}) or (n.due_at is not null and n.lane = any({filter.Add(blocked.Keys.ToArray())}) and n.requested_at between {first} and {last}))");
        }

        return filter;
    }
}
