using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Events.Store;
using Notify.Kernel.Http;
using Npgsql;
using NpgsqlTypes;

namespace Notify.Audit.History;

/// <summary>What happened in a part of a period.</summary>
/// <param name="At">When the part begins.</param>
/// <param name="Alarms">Reports that changed an alarm.</param>
/// <param name="Failures">Attempts to send that failed.</param>
/// <param name="Changes">Changes of the configuration.</param>
public sealed record HistogramBar(DateTimeOffset At, long Alarms, long Notifications, long Failures, long Changes);

/// <param name="Bars">Parts of equal length that cover the period.</param>
/// <param name="OneOf">1: every event was counted. Otherwise one event in this many was counted, and the figures are estimates.</param>
public sealed record Histogram(DateTimeOffset From, DateTimeOffset To, IReadOnlyList<HistogramBar> Bars, long OneOf);

/// <summary><c>GET /audit/histogram</c>: how much happened when, to find a period of interest.</summary>
internal sealed class ReadHistogram(NpgsqlDataSource database, PathSight sight)
{
    /// <summary>A long period is sampled: of its runs of this many sequence numbers only every n-th is counted, and stands for those left
    /// out.</summary>
    private const int Run = 1024;
    private const int MostRuns = 300;

    private const int UsualBars = 120;
    private const int MostBars = 500;

    private static readonly TimeSpan longest = TimeSpan.FromDays(366);

    /// <summary>Patterns of the event types that are counted.</summary>
    private const string Alarms = "alarms.alarm_reported.%", Notifications = "delivery.notification_requested.%", Failures = "delivery.attempt_failed.%";

    /// <exception cref="ProblemException">400: the period is invalid.</exception>
    public async Task<Histogram> RunAsync(DateTimeOffset from, DateTimeOffset to, int bars, CancellationToken cancellation)
    {
        if (from >= to) throw ProblemException.Invalid("to", "The end must be after the beginning.");
        if (to - from > longest) throw ProblemException.Invalid("from", "At most 366 days.");
        var period = await EventPeriod.FindAsync(database, from, to, cancellation);
        var runs = ((period.UpTo - period.After) / Run) + 1;
        var oneOf = Math.Max(1, (runs + MostRuns - 1) / MostRuns);
        var paths = PathLimit.Current.Expression;
        await using var command = database.CreateCommand(
            $"""
            select floor(extract(epoch from e.timestamp - $3) / $5)::int as bar, count(*) filter (where e.type like '{Alarms}'),
              count(*) filter (where e.type like '{Notifications}'), count(*) filter (where e.type like '{Failures}'),
              count(*) filter (where split_part(e.stream_id, '-', 1) = any($6))
            from generate_series($1::bigint, $2::bigint, {Run} * $7::bigint) as run(start)
            cross join lateral (
              select * from {EventTables.Events} e where e.seq_id > run.start and e.seq_id <= least(run.start + {Run}, $2)
                and e.timestamp >= $3 and e.timestamp < $4 and not e.is_archived) e
            where {(paths is null ? "true" : PathSight.Condition("e", "$8", "$6"))}
            group by bar
            """);
        period.AddTo(command, from.ToUniversalTime(), to.ToUniversalTime());
        var seconds = (to - from).TotalSeconds / bars;
        command.Parameters.AddWithValue(seconds);
        command.Parameters.AddWithValue(sight.Configuration);
        command.Parameters.AddWithValue(oneOf);
        if (paths is not null) command.Parameters.AddWithValue(NpgsqlDbType.Text, paths);
        var counted = new Dictionary<int, long[]>();
        await using (var reader = await command.ExecuteReaderAsync(cancellation))
            while (await reader.ReadAsync(cancellation))
                counted[Math.Clamp(reader.GetInt32(0), 0, bars - 1)] = [.. Enumerable.Range(1, 4).Select(i => reader.GetInt64(i) * oneOf)];
        return new(from, to, [.. Enumerable.Range(0, bars).Select(i => BarOf(from.AddSeconds(i * seconds), counted.GetValueOrDefault(i)))], oneOf);
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/v1/audit/histogram", async (HttpContext http, ReadHistogram read) =>
        {
            var query = http.Query();
            var (from, to, bars) = (query.RequiredInstant("from"), query.RequiredInstant("to"), query.Number("bars", UsualBars, 1, MostBars));
            query.ThrowIfInvalid();
            return await read.RunAsync(from, to, bars, http.RequestAborted);
        }).Query(QueryParameter.Instant("from").Required, QueryParameter.Instant("to").Required, QueryParameter.Number("bars", 1, MostBars, UsualBars))
            .WithTags("audit").Requires(Permission.HistoryRead).KeepsToPaths()
            .Document(
                "getAuditHistogram", "How much happened when",
                "Alarms, notifications, failed attempts and changes of the configuration in each part of a period. A long history is estimated "
                + "from a sample: one event in `oneOf` was counted.");

    private static HistogramBar BarOf(DateTimeOffset at, long[]? counts) =>
        counts is null ? new(Instants.Cut(at), 0, 0, 0, 0) : new(Instants.Cut(at), counts[0], counts[1], counts[2], counts[3]);
}
