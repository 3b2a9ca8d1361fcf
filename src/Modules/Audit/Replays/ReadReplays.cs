using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Notify.Contracts.Replays;
using Notify.Kernel;
using Notify.Kernel.Http;
using Npgsql;

namespace Notify.Audit.Replays;

/// <summary>A replay as the REST contract shows it.</summary>
/// <param name="EndReason">Why it was cancelled or failed.</param>
/// <param name="Unreadable">True: somebody has changed its record in the database, and only mode and status are known.</param>
/// <param name="Paths">The paths to which the replay is limited; null: it is not.</param>
public sealed record ReplayView(
    string Id, ReplayMode Mode, DateTimeOffset From, DateTimeOffset To, ReplayFilter Filter, string? ServiceId,
    IReadOnlyList<System.Text.Json.Nodes.JsonObject>? Rules,
    string? Reason, Actor RequestedBy, DateTimeOffset RequestedAt, string CorrelationId, ReplayStatus Status, ReplayProgress Progress,
    DateTimeOffset? EndedAt, Actor? EndedBy,
    string? EndReason, System.Text.Json.Nodes.JsonObject? Result, IReadOnlyList<ReplayReport> Reports, long Version, bool? Unreadable,
    IReadOnlyList<string>? Paths)
{
    public static ReplayView Of(Replay x) => new(
        x.Id, x.Request.Mode, x.Request.From, x.Request.To, x.Request.Filter, x.Request.ServiceId, x.Request.Rules, x.Request.Reason, x.RequestedBy,
        x.RequestedAt,
        x.CorrelationId, x.Status, ProgressOf(x), x.EndedAt, x.EndedBy, x.EndReason, x.Result, x.Reports, x.Version, x.IsUnreadable ? true : null,
        x.Request.Paths);

    /// <summary>The total is not shown to callers who are limited to a part of it.</summary>
    private static ReplayProgress ProgressOf(Replay x)
    {
        var percent = x.Status == ReplayStatus.Completed ? 100 : x.Total == 0 ? 0 : (int)Math.Min(99, x.Done * 100 / x.Total);
        return x.Request.Paths is null ? new(x.Done, x.Total, percent) : new(percent, 100, percent);
    }
}

/// <param name="Done">Events, decisions or notifications, depending on the mode. <paramref name="Total"/> may be slightly too high.</param>
public sealed record ReplayProgress(long Done, long Total, int Percent);

/// <summary><c>GET /replays</c>, newest first, and <c>GET /replays/{id}</c>.</summary>
public sealed class ReadReplays(NpgsqlDataSource database)
{
    /// <param name="page">From 1 on.</param>
    /// <param name="pageSize">From 1 to 200.</param>
    public async Task<Page<ReplayView>> ListAsync(ReplayStatus? status, ReplayMode? mode, int page, int pageSize, CancellationToken cancellation)
    {
        // The same condition as Replay.IsSeen.
        const string Wanted =
            "($1::text is null or status = $1) and ($2::text is null or mode = $2) and ($5::jsonb is null or body->'request'->'paths' <@ $5)";
        await using var command = database.CreateCommand(
            $"""
            select {ReplayTable.Columns}, (select count(*) from {ReplayTable.Name} where {Wanted})
            from {ReplayTable.Name} where {Wanted} order by id desc offset $3 limit $4
            """);
        command.Parameters.Add(new NpgsqlParameter<string?> { TypedValue = status?.ToString() });
        command.Parameters.Add(new NpgsqlParameter<string?> { TypedValue = mode?.ToString() });
        command.Parameters.AddWithValue((page - 1) * pageSize);
        command.Parameters.AddWithValue(pageSize);
        command.Parameters.Add(new NpgsqlParameter
        {
            Value = PathLimit.Current.IsNone ? DBNull.Value : JsonSerializer.Serialize(PathLimit.Current.Texts),
            NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Jsonb,
        });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var (items, total) = (new List<ReplayView>(), 0L);
        while (await reader.ReadAsync(cancellation))
        {
            items.Add(ReplayView.Of(ReplayTable.Read(reader)));
            total = reader.GetInt64(4);
        }

        return new(items, page, pageSize, total);
    }

    /// <exception cref="ProblemException">404: there is no such replay.</exception>
    public async Task<ReplayView> GetAsync(string id, CancellationToken cancellation) =>
        ReplayView.Of(await ReplayTable.FindAsync(database, id, cancellation) is { IsSeen: true } found
            ? found : throw ProblemException.NotFound("replay", id));

    public static void Map(RouteGroupBuilder replays)
    {
        replays.MapGet("", async (HttpContext http, ReadReplays read) =>
        {
            var query = http.Query();
            var (page, size) = (query.Number("page", 1, 1, int.MaxValue / 200), query.Number("pageSize", 20, 1, 200));
            var status = query.OneOf<ReplayStatus>("status");
            ReplayMode? mode = query.OneOf("mode", "review", "whatIf", "redeliver") is { } given
                ? Enum.Parse<ReplayMode>(given, ignoreCase: true) : null;
            query.ThrowIfInvalid();
            return await read.ListAsync(status, mode, page, size, http.RequestAborted);
        })
            .Query(
                QueryParameter.OneOf<ReplayStatus>("status"), QueryParameter.OneOf("mode", "review", "whatIf", "redeliver"), QueryParameter.Page,
                QueryParameter.PageSize)
            .Requires(Permission.HistoryRead).KeepsToPaths()
            .Document("listReplays", "List replays", "Newest first.");

        replays.MapGet("/{id}", (string id, HttpContext http, ReadReplays read) => read.GetAsync(id, http.RequestAborted))
            .Requires(Permission.HistoryRead).KeepsToPaths()
            .Document("getReplay", "Read a replay", "Its progress and its result.");
    }
}
