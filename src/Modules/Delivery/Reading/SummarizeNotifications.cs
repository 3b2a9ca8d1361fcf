using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Notify.Channels;
using Notify.Delivery.Notifications;
using Notify.Kernel;
using Notify.Kernel.Http;
using Npgsql;

namespace Notify.Delivery.Reading;

/// <summary><c>GET /notifications/summary</c>: how many notifications were requested in each hour of a period, by their present status.</summary>
public sealed class SummarizeNotifications(NpgsqlDataSource database, ChannelCatalog channels, TimeProvider time)
{
    private static readonly TimeSpan longest = TimeSpan.FromDays(31);
    private static readonly TimeSpan usual = TimeSpan.FromDays(1);

    /// <param name="Hour">The beginning of the hour.</param>
    public sealed record HourCount(DateTimeOffset Hour, NotificationStatus Status, long Count);

    /// <param name="Items">One for each hour and status with at least one notification.</param>
    public sealed record Answer(DateTimeOffset From, DateTimeOffset To, IReadOnlyList<HourCount> Items);

    /// <param name="from">Null: 24 hours before the end.</param>
    /// <param name="to">Exclusive; null: now.</param>
    /// <exception cref="ProblemException">400: the period is empty or longer than 31 days.</exception>
    public async Task<Answer> RunAsync(DateTimeOffset? from, DateTimeOffset? to, CancellationToken cancellation)
    {
        var end = to ?? time.GetUtcNow();
        var start = from ?? Instants.Before(end, usual);
        if (start >= end) throw ProblemException.Invalid("to", "The end must be after the beginning.");
        if (end - start > longest)
            throw ProblemException.Invalid("from", string.Create(CultureInfo.InvariantCulture, $"At most {longest.TotalDays} days."));
        var filter = await NotificationFilter.OfRequestedAsync(new NotificationQuery(From: start, To: end), channels, database, cancellation);
        await using var command = database.CreateCommand(
            $"""
            select date_trunc('hour', n.requested_at, 'UTC'), n.status, count(*) from {NotificationTable.Name} n where {filter}
            group by 1, 2 order by 1, 2
            """);
        foreach (var value in filter.Values) command.Parameters.AddWithValue(value);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var items = new List<HourCount>();
        while (await reader.ReadAsync(cancellation))
        {
            if (Enum.TryParse<NotificationStatus>(reader.GetString(1), out var status))
                items.Add(new(reader.GetFieldValue<DateTimeOffset>(0), status, reader.GetInt64(2)));
        }

        return new(start, end, items);
    }

    public static void Map(RouteGroupBuilder group) =>
        group.MapGet("/summary", async (HttpContext http, SummarizeNotifications summarize) =>
        {
            var query = http.Query();
            var (from, to) = (query.Instant("from"), query.Instant("to"));
            query.ThrowIfInvalid();
            return await summarize.RunAsync(from, to, http.RequestAborted);
        }).Query(QueryParameter.Instant("from"), QueryParameter.Instant("to")).Requires(Permission.NotificationsRead).KeepsToPaths()
            .Document(
                "summarizeNotifications", "Number of notifications of a period",
                "How many notifications were requested in each hour, by status. By default of the last 24 hours; at most 31 days.");
}
