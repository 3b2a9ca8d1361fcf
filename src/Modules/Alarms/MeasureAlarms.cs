using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Notify.Contracts.Alarms;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Events.Store;
using Notify.Kernel.Http;
using Npgsql;

namespace Notify.Alarms;

/// <summary>The performance of a plant's alarm system in a period, by the measures of ISA-18.2 and EEMUA 191.</summary>
/// <param name="Complete">False: there were more changes than are counted, and these are the first.</param>
/// <param name="Raised">How often an alarm became active.</param>
/// <param name="PerHour">For each hour with at least one.</param>
/// <param name="Peak">The maximum within ten minutes (by the clock: 00, 10, 20 …).</param>
/// <param name="FloodShare">The share of the period's ten-minute spans (by the clock) with more than ten, 0 to 1.</param>
/// <param name="Paths">The 20 paths with most alarms.</param>
/// <param name="Frequent">The 20 most frequent alarms.</param>
/// <param name="FrequentShare">The share of the ten most frequent alarms in all, 0 to 1.</param>
/// <param name="Acknowledged">The times from becoming active to the acknowledgement, for alarms raised in the period.</param>
/// <param name="Standing">The alarms that have been active for more than a day now; the oldest 50.</param>
public sealed record AlarmPerformance(
    DateTimeOffset From, DateTimeOffset To, bool Complete, long Raised, IReadOnlyList<AlarmPerformance.Hour> PerHour, long Peak, double FloodShare,
    IReadOnlyList<AlarmPerformance.Share> Levels, IReadOnlyList<AlarmPerformance.Share> Paths, IReadOnlyList<AlarmPerformance.FrequentAlarm> Frequent,
    double FrequentShare, AlarmPerformance.Response Acknowledged, long StandingCount, IReadOnlyList<AlarmPerformance.StandingAlarm> Standing)
{
    public sealed record Hour(DateTimeOffset At, long Count);

    public sealed record Share(string Name, long Count);

    /// <param name="Fleeting">How often it was raised within a minute of the previous time.</param>
    public sealed record FrequentAlarm(string Id, string Name, string Path, AlarmLevel Level, long Count, long Fleeting);

    /// <summary>The seconds are null when nothing was acknowledged.</summary>
    public sealed record Response(long Count, double? MedianSeconds, double? NinetiethSeconds);

    public sealed record StandingAlarm(string Id, string Name, string Path, AlarmLevel Level, DateTimeOffset Since);
}

/// <summary><c>GET /reports/alarms</c>: measures of a period, computed from recorded events only.</summary>
public sealed class MeasureAlarms(NpgsqlDataSource database, TimeProvider time)
{
    /// <summary>This many changes are counted in a second or two.</summary>
    private const int MostEvents = 1_000_000;

    private static readonly TimeSpan longest = TimeSpan.FromDays(31);
    private static readonly TimeSpan usual = TimeSpan.FromDays(7);
    private static readonly TimeSpan standsAfter = TimeSpan.FromDays(1);
    private static readonly TimeSpan span = TimeSpan.FromMinutes(10);

    private sealed record Counted(
        long Events, long Raised, IReadOnlyList<AlarmPerformance.Hour>? PerHour, long? Peak, long Floods,
        IReadOnlyList<AlarmPerformance.Share>? Levels, IReadOnlyList<AlarmPerformance.Share>? Paths,
        IReadOnlyList<AlarmPerformance.FrequentAlarm>? Frequent, AlarmPerformance.Response Acknowledged);

    /// <param name="from">Null: seven days before the end.</param>
    /// <param name="to">Exclusive; null: now.</param>
    /// <exception cref="ProblemException">400: the period is empty or longer than 31 days.</exception>
    public async Task<AlarmPerformance> RunAsync(DateTimeOffset? from, DateTimeOffset? to, CancellationToken cancellation)
    {
        var end = to ?? time.GetUtcNow();
        var start = from ?? Instants.Before(end, usual);
        if (start >= end) throw ProblemException.Invalid("to", "The end must be after the beginning.");
        if (end - start > longest)
            throw ProblemException.Invalid("from", string.Create(CultureInfo.InvariantCulture, $"At most {longest.TotalDays} days."));
        var counted = await CountAsync(start, end, cancellation);
        var (standing, count) = await AlarmTable.StandingAsync(database, time.GetUtcNow() - standsAfter, cancellation);
        var frequent = counted.Frequent ?? [];
        return new(
            start, end, counted.Events <= MostEvents, counted.Raised, counted.PerHour ?? [], counted.Peak ?? 0,
            counted.Floods / (double)SpansOf(start, end), counted.Levels ?? [], counted.Paths ?? [], frequent,
            counted.Raised == 0 ? 0 : (double)frequent.Take(10).Sum(x => x.Count) / counted.Raised, counted.Acknowledged, count, standing);
    }

    /// <summary>How many ten-minute spans, by the clock, a period touches: one more than fit into it if it begins and ends within spans.</summary>
    /// <param name="to">Exclusive, and later than <paramref name="from"/>.</param>
    public static long SpansOf(DateTimeOffset from, DateTimeOffset to) =>
        (to.UtcTicks - 1) / span.Ticks - from.UtcTicks / span.Ticks + 1;

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/v1/reports/alarms", async (HttpContext http, MeasureAlarms measure) =>
        {
            var query = http.Query();
            var (from, to) = (query.Instant("from"), query.Instant("to"));
            query.ThrowIfInvalid();
            return await measure.RunAsync(from, to, http.RequestAborted);
        })
            .Query(QueryParameter.Instant("from"), QueryParameter.Instant("to")).WithTags("alarms")
            .Requires(Permission.AlarmsRead).KeepsToPaths()
            .Document(
                "measureAlarms", "Alarm performance of a period",
                "How many alarms were raised, in each hour, by level and path; the most frequent; peaks and floods; how long acknowledgements took; "
                + "and the alarms that have been active for more than a day. By default of the last seven days; at most 31.");

    /// <summary>An alarm is raised by a report that it is active and unacknowledged, unless the report was late or continues an occurrence that was
    /// taken as over. Repeats are not recorded as reports.</summary>
    private async Task<Counted> CountAsync(DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation)
    {
        var period = await EventPeriod.FindAsync(database, from, to, cancellation);
        await using var command = database.CreateCommand(
            $"""
            with e as materialized (
              select e.stream_id, e.seq_id, e.timestamp as at, e.type = '{AlarmsModule.AcknowledgedEvent}' as acked, e.data
              from {EventTables.Events} e
              where {EventPeriod.Holds} and e.type in ('{AlarmsModule.ReportedEvent}', '{AlarmsModule.AcknowledgedEvent}')
              order by e.seq_id limit {MostEvents + 1}),
            changes as materialized (
              select stream_id, seq_id, at, acked, data->>'name' as name, data->>'path' as path, data->>'level' as level from e
              where acked or (data->>'state' = 'ActiveUnacked' and data->>'late' is distinct from 'true' and data->>'reopens' is null
                and ($5::text is null or data->>'path' ~* $5))),
            sequences as materialized (
              select *, lag(at) over same as before, lag(acked) over same as before_acked from changes
              window same as (partition by stream_id order by seq_id)),
            raised as materialized (
              select *, lag(at) over (partition by stream_id order by seq_id) as previous from sequences where not acked),
            spans as (select count(*) as n from raised group by floor(extract(epoch from at) / 600)),
            times as (select extract(epoch from at - before) as seconds from sequences where acked and before_acked = false)
            select jsonb_build_object(
              'events', (select count(*) from e),
              'raised', (select count(*) from raised),
              'perHour', (select jsonb_agg(jsonb_build_object('at', h, 'count', n) order by h)
                from (select date_trunc('hour', at, 'UTC') h, count(*) n from raised group by 1) x),
              'peak', (select max(n) from spans),
              'floods', (select count(*) from spans where n > 10),
              'levels', (select jsonb_agg(jsonb_build_object('name', level, 'count', n) order by n desc, level)
                from (select level, count(*) n from raised where level is not null group by 1) x),
              'paths', (select jsonb_agg(jsonb_build_object('name', path, 'count', n) order by n desc, path)
                from (select coalesce(path, '') path, count(*) n from raised group by 1 order by 2 desc, 1 limit 20) x),
              'frequent', (select jsonb_agg(jsonb_build_object(
                  'id', stream_id, 'name', coalesce(name, ''), 'path', coalesce(path, ''), 'level', level, 'count', n, 'fleeting', f)
                  order by n desc, stream_id)
                from (select stream_id, {Last("name")}, {Last("path")}, {Last("level")}, count(*) n,
                    count(*) filter (where at - previous < interval '1 minute') f
                  from raised where level in ('Critical', 'High', 'Medium', 'Low') group by 1 order by 5 desc, 1 limit 20) x),
              'acknowledged', (select jsonb_build_object(
                  'count', count(*), 'medianSeconds', percentile_cont(0.5) within group (order by seconds),
                  'ninetiethSeconds', percentile_cont(0.9) within group (order by seconds)) from times))
            """);
        static string Last(string column) => $"(array_agg({column} order by seq_id desc))[1] as {column}";

        period.AddTo(command, from, to);
        command.Parameters.AddWithValue((object?)PathLimit.Current.Expression ?? DBNull.Value);
        return JsonSerializer.Deserialize<Counted>((string)(await command.ExecuteScalarAsync(cancellation))!, NotifyJson.Options)!;
    }
}
