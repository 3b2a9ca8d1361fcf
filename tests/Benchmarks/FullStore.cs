using System.Diagnostics;
using Npgsql;

namespace Notify.Benchmarks;

/// <summary>A store that holds many notifications already: what an alarm costs then, beside an empty one, and how long lists take.</summary>
internal static class FullStore
{
    private const int Notifications = 1_000_000;
    private const int Pages = 11;

    public static async Task MeasureAsync(Bench bench)
    {
        var empty = await Throughput.MeasureAsync(bench, "empty store, batches of 100", connections: 8, batch: 100, total: 40_000);
        await using var database = NpgsqlDataSource.Create(bench.SuperuserConnectionString.Replace("Database=postgres", "Database=notify", StringComparison.Ordinal));
        var clock = Stopwatch.StartNew();
        await FillAsync(database);
        Console.WriteLine($"filled with {Notifications:N0} notifications in {clock.Elapsed.TotalSeconds:N0} s");
        var full = await Throughput.MeasureAsync(bench, "full store, batches of 100", connections: 8, batch: 100, total: 40_000);
        Report.Table(
            ["CPU of one alarm, us", "empty", "full", "ratio", "aim"],
            ["Notify", $"{empty.NotifyCpu:N0}", $"{full.NotifyCpu:N0}", $"{full.NotifyCpu / empty.NotifyCpu:N2}", "1.10"],
            ["PostgreSQL", $"{empty.PostgresCpu:N0}", $"{full.PostgresCpu:N0}", $"{full.PostgresCpu / empty.PostgresCpu:N2}", "1.10"]);
        await ListsAsync(bench, database);
    }

    /// <summary>Copies of one notification that Notify itself made, of which one in a hundred failed.</summary>
    private static async Task FillAsync(NpgsqlDataSource database)
    {
        await using var command = database.CreateCommand(
            $"""
            create temp table sample as select * from notify.notification order by position limit 1;
            create temp table sample_event as select e.* from notify.mt_events e join sample s on e.stream_id = s.id;
            insert into notify.mt_streams (id, version, timestamp, created)
            select 'notification-x' || lpad(i::text, 25, '0'), (select max(version) from sample_event), now(), now() from generate_series(1, {Notifications}) i;
            insert into notify.mt_events (seq_id, id, stream_id, version, data, type, timestamp, mt_dotnet_type, correlation_id, causation_id, headers, user_name)
            select nextval('notify.mt_events_sequence'), gen_random_uuid(), 'notification-x' || lpad(i::text, 25, '0'), e.version, e.data, e.type,
                   now() - i * interval '1 second', e.mt_dotnet_type, e.correlation_id, e.causation_id, e.headers, e.user_name
            from generate_series(1, {Notifications}) i cross join sample_event e;
            insert into notify.notification (id, position, lane, priority, status, version, attempts, tries, requests_done, alarm_id, rule_id, service_id, receivers, requested_at, ended_at)
            select 'notification-x' || lpad(i::text, 25, '0'), nextval('notify.notification_positions'), s.lane, s.priority, case when i % 100 = 0 then 'Failed' else s.status end,
                   s.version, s.attempts, s.tries, s.requests_done, 'alarm-x' || (i % 50000), s.rule_id, s.service_id, s.receivers,
                   now() - i * interval '1 second', now() - i * interval '1 second'
            from generate_series(1, {Notifications}) i cross join sample s;
            analyze;
            """);
        command.CommandTimeout = 1800;
        await command.ExecuteNonQueryAsync();
    }

    private static async Task ListsAsync(Bench bench, NpgsqlDataSource database)
    {
        await using var one = database.CreateCommand("select service_id || '|' || rule_id from notify.notification limit 1");
        var ids = ((string)(await one.ExecuteScalarAsync())!).Split('|');
        string[] lists =
        [
            "notifications", "notifications?status=Failed", "notifications?status=Suppressed", $"notifications?serviceId={ids[0]}", $"notifications?ruleId={ids[1]}", "notifications?ruleId=rule-none",
            "notifications?alarmId=alarm-x77", "notifications?receiver=Robot", "notifications?receiver=nobody", "notifications?from=2020-01-01T00:00:00Z&to=2020-02-01T00:00:00Z",
            "notifications/failed", "notifications/failed/count", "notifications/failed?search=nothing", "alarms", "alarms?state=ActiveUnacked", "alarms?search=run", "alarms?search=nothing",
        ];
        var rows = new List<string[]> { new[] { "list", "median ms", "aim" } };
        foreach (var list in lists)
        {
            var times = new List<double>();
            for (var i = 0; i < Pages; i++)
            {
                var clock = Stopwatch.StartNew();
                using var response = await bench.Client.GetAsync(new Uri($"/api/v1/{list}", UriKind.Relative));
                await response.Content.ReadAsByteArrayAsync();
                times.Add(response.IsSuccessStatusCode ? clock.Elapsed.TotalMilliseconds : double.NaN);
            }

            times.Sort();
            rows.Add([list, $"{Report.Percentile(times, 0.5):N1}", "50"]);
        }

        Report.Table([.. rows]);
    }
}
