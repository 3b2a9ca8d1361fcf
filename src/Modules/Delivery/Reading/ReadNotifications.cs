using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Notify.Channels;
using Notify.Channels.Texts;
using Notify.Contracts.Alarms;
using Notify.Contracts.Delivery;
using Notify.Contracts.Rules;
using Notify.Delivery.Lanes;
using Notify.Delivery.Notifications;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Http;
using Npgsql;
using Wolverine;

namespace Notify.Delivery.Reading;

/// <summary>A notification in the REST API.</summary>
/// <param name="SentInstead">The notification that the fallback sent in place of this one, the first if there are several; absent when there is
/// none.</param>
/// <param name="Step">The escalation or reminder for which it was sent; absent when there is none.</param>
/// <param name="Fields">The channel-specific fields of the message, such as a subject; absent when there are none.</param>
public sealed record NotificationView(
    string Id, string AlarmId, string AlarmName, AlarmLevel Level, string RuleId, long RuleVersion, string RuleName, string ServiceId,
    long ServiceVersion,
    string ServiceName, string MessageId, long MessageVersion, string ScheduleId, long ScheduleVersion, string Type,
    IReadOnlyList<ReceiverState> Receivers,
    NotificationStatus Status, string? Reason, string Format, string Body, Mentions Mentions, IReadOnlyList<Attempt> Attempts,
    bool MayHaveArrivedTwice,
    DateTimeOffset RequestedAt, DateTimeOffset? EndedAt, DateTimeOffset? RetryAt, string? ReplayOf, string? ResentAs, string CorrelationId,
    HeldView? Held, Explained? Explanation, DateTimeOffset? DigestAt, string? DigestedIn, IReadOnlyList<string>? DigestOf, string? ReplayId,
    string? FailedAt,
    IReadOnlyList<NotMentioned>? NotMentioned, bool? Unreadable, IReadOnlyDictionary<string, string>? Fields,
    NotificationStep? Step, string? SentInstead)
{
    /// <param name="block">The block of the lane on which it waits; null: none.</param>
    public static NotificationView Of(Notification n, LaneBlock? block, ChannelCatalog channels) => new(
        n.Id, n.Request.AlarmId, n.Request.AlarmName, n.Request.Level, n.Request.Rule.Id, n.Request.Rule.Version, n.Request.Rule.Name,
        n.Request.Service.Id,
        n.Request.Service.Version, n.Request.Service.Name, n.Request.Message.Id, n.Request.Message.Version, n.Request.Schedule.Id,
        n.Request.Schedule.Version,
        n.Request.ChannelType, n.Receivers, n.Status, n.Reason, n.Request.Content.Format, n.Request.Content.Text, n.Request.Content.Mentions,
        n.Attempts,
        n.MayHaveArrivedTwice, n.RequestedAt, n.EndedAt, block?.ProbeAt ?? n.RetryAt, n.Request.ReplayOf, n.ResentAs, n.CorrelationId,
        block is null ? null : HeldView.Of(block), NotificationExplanations.Of(n, block, channels),
        n.DigestAt, n.DigestedIn, n.Request.DigestOf, n.Request.ReplayId, n.FailedAt,
        n.Request.Content.NotMentioned, n.IsUnreadable ? true : null, n.Request.Content.Fields, n.Request.Step, n.SentInstead);
}

/// <summary>The notification waits on a lane that is blocked because of a setting.</summary>
public sealed record HeldView(DateTimeOffset Since, string? PlatformCode, string? PlatformMessage, string? EgressIp, DateTimeOffset TriedAgainAt)
{
    public static HeldView Of(LaneBlock block) => new(block.Since, block.PlatformCode, block.PlatformMessage, block.EgressIp, block.ProbeAt);
}

/// <summary><c>GET /notifications</c> and <c>/notifications/{id}</c>: found by their rows, read from their events.</summary>
public sealed class ReadNotifications(NpgsqlDataSource database, EventReader events, ChannelCatalog channels, IMessageBus bus)
{
    /// <summary>Newest first; a period applies to the time of the request.</summary>
    /// <param name="before">The position before which the page begins (<see cref="CursorPage{T}.Next"/>); null: the newest.</param>
    /// <param name="limit">1 to 1,000.</param>
    public Task<CursorPage<NotificationView>> ListAsync(NotificationQuery query, long? before, int limit, CancellationToken cancellation)
    {
        return PutAside.PageAsync(before, limit, channels, AsideAsync, async (position, count) =>
        {
            var filter = await NotificationFilter.OfRequestedAsync(query, channels, database, cancellation);
            filter.WhereBefore(position);
            return await PageAsync(database, events, channels, filter, count, cancellation);
        });

        async Task<List<Notification>> AsideAsync() => (await PutAside.ReadAsync(bus, database, cancellation)).FindAll(
            x => !(x.RequestedAt < query.From) && !(x.RequestedAt >= query.To) && PutAside.Fits(x, query, channels));
    }

    /// <exception cref="ProblemException">404: the notification does not exist, or the caller may not see its path.</exception>
    public async Task<NotificationView> GetAsync(string id, CancellationToken cancellation) =>
        (await NotificationReader.LoadShownAsync(database, events, channels, [id], cancellation)).TryGetValue(id, out var found)
            && PathLimit.Current.Allows(found.Request.AlarmPath)
            ? NotificationView.Of(found, await BlockOfAsync(database, id, cancellation), channels)
        : (await PutAside.ReadAsync(bus, database, cancellation)).Find(x => x.Id == id && PathLimit.Current.Allows(x.Request.AlarmPath)) is { } aside
            ? NotificationView.Of(aside, null, channels)
        : throw ProblemException.NotFound("notification", id);

    public static void Map(RouteGroupBuilder group)
    {
        group.MapGet("", async (HttpContext http, ReadNotifications read) =>
        {
            var query = http.Query();
            var (wanted, before, limit) = (NotificationQuery.Read(query), query.Cursor(), query.Number("limit", 100, 1, 1000));
            query.ThrowIfInvalid();
            return await read.ListAsync(wanted, before, limit, http.RequestAborted);
        })
            .Query(
                QueryParameter.OneOf<NotificationStatus>("status"), "serviceId", "ruleId", "alarmId", "receiver", QueryParameter.Instant("from"),
                QueryParameter.Instant("to"), QueryParameter.Cursor, QueryParameter.Limit)
            .Requires(Permission.NotificationsRead).KeepsToPaths()
            .Document("listNotifications", "List notifications", "Newest first, paged.");

        group.MapGet("/{id}", (string id, HttpContext http, ReadNotifications read) => read.GetAsync(id, http.RequestAborted))
            .Requires(Permission.NotificationsRead).KeepsToPaths()
            .Document("getNotification", "Read a notification", "With its text as sent, each attempt and the platform's answers.");
    }

    /// <summary>Up to this number, rows are collected and sorted in a few milliseconds.</summary>
    private const int Rare = 20_000;

    internal static async Task<CursorPage<NotificationView>> PageAsync(
        NpgsqlDataSource database, EventReader events, ChannelCatalog channels, NotificationFilter filter, int limit, CancellationToken cancellation)
    {
        var rows = await RowsAsync(database, filter, limit + 1, cancellation);
        var more = rows.Count > limit;
        if (more) rows.RemoveAt(limit);
        var loaded = await NotificationReader.LoadShownAsync(database, events, channels, [.. rows.Select(x => x.Id)], cancellation);
        var blocked = rows.Exists(x => x.Lane is not null) ? await LaneTable.BlockedAsync(database, cancellation) : [];
        // A notification that was archived since its row was read is omitted.
        return new(
            [.. rows.Where(x => loaded.ContainsKey(x.Id))
                .Select(x => NotificationView.Of(loaded[x.Id], x.Lane is { } lane ? blocked.GetValueOrDefault(lane) : null, channels))],
            more ? rows[^1].Position : null);
    }

    private sealed record Row(string Id, long Position, string? Lane);

    private static async Task<List<Row>> RowsAsync(NpgsqlDataSource database, NotificationFilter filter, int limit, CancellationToken cancellation)
    {
        const string select = "n.id, n.position, case when n.due_at is not null then n.lane end";
        // Rare ones are collected by their index and then sorted; frequent ones are found quickly by scanning backwards from the newest. The planner
        // cannot know which case applies.
        var rare = filter.Indexed is { } indexed && await IsRareAsync(database, indexed, filter.Values, cancellation);
        if (!rare && filter.Keys.Count > 0) return await NotificationSpans.ReadAsync(database, filter, select, Read, limit, cancellation);
        var order = rare ? "n.position + 0" : "n.position";
        await using var command = database.CreateCommand(
            $"select {select} from {NotificationTable.Name} n where {filter} order by {order} desc limit {limit}");
        foreach (var value in filter.Values) command.Parameters.AddWithValue(value);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var rows = new List<Row>();
        while (await reader.ReadAsync(cancellation)) rows.Add(Read(reader));
        return rows;

        static Row Read(NpgsqlDataReader reader) => new(reader.GetString(0), reader.GetInt64(1), reader.IsDBNull(2) ? null : reader.GetString(2));
    }

    private static async Task<bool> IsRareAsync(
        NpgsqlDataSource database, string condition, IReadOnlyList<object> values, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"select count(*) < {Rare} from (select from {NotificationTable.Name} n where {condition} limit {Rare}) r");
        foreach (var value in values) command.Parameters.AddWithValue(value);
        return (bool)(await command.ExecuteScalarAsync(cancellation))!;
    }

    /// <summary>The block of the lane on which it waits; null: it does not wait, or the lane is open.</summary>
    private static async Task<LaneBlock?> BlockOfAsync(NpgsqlDataSource database, string id, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"select lane from {NotificationTable.Name} where id = $1 and due_at is not null");
        command.Parameters.AddWithValue(id);
        return await command.ExecuteScalarAsync(cancellation) is string lane
            ? (await LaneTable.BlockedAsync(database, cancellation)).GetValueOrDefault(lane) : null;
    }
}
