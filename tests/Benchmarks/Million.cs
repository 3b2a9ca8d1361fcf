using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Npgsql;

namespace Notify.Benchmarks;

/// <summary>Speed and list pages with 1,000,000 notifications in the store, beside an empty one. The store is filled by SQL with all that their
/// alarms leave behind.</summary>
internal static class Million
{
    private const int Notifications = 1_000_000;
    private const int Repeats = 7;

    private static readonly string[] pages =
    [
        "notifications", "notifications?status=Delivered", "notifications?status=Failed", "notifications?status=Dismissed",
        "notifications?ruleId=rule-bench", "notifications?ruleId=rule-rare",
        "notifications?serviceId=service-rare", "notifications?receiver=Line%201", "notifications?receiver=zhangsan", "notifications?receiver=nobody",
        "notifications?ruleId=rule-bench&status=Failed", "notifications?receiver=zhangsan&serviceId=service-rare",
        "notifications?alarmId=alarm-bench-17", "notifications?from=2025-06-01T00:00:00Z&to=2025-06-02T00:00:00Z",
        "notifications?to=2025-01-02T00:00:00Z", "notifications/failed", "notifications/failed?search=Pump%207",
        "notifications/failed/count", "alarms", "alarms?state=ActiveAcked", "alarms?search=Pump%20777%20", "alarms?path=Site1/Line7", "lanes",
    ];

    public static async Task MeasureAsync(Bench bench)
    {
        var empty = await MeasureAsync(bench, "empty");
        await FillAsync(bench);
        var full = await MeasureAsync(bench, "full");
        Report.Table(
            ["end to end, alarms/s", "empty", $"{Notifications:N0}", "ratio", "aim"],
            ["single posts on 64 connections", $"{empty.Single:N0}", $"{full.Single:N0}", $"{full.Single / empty.Single:N2}", "0.90"],
            ["batches of 100 on 16 connections", $"{empty.Batched:N0}", $"{full.Batched:N0}", $"{full.Batched / empty.Batched:N2}", "0.90"]);
        var rows = new List<string[]>();
        foreach (var page in pages)
        {
            var times = new List<double>();
            for (var i = 0; i < Repeats; i++)
            {
                var clock = Stopwatch.StartNew();
                using var response = await bench.Client.GetAsync(new Uri($"/api/v1/{page}", UriKind.Relative));
                response.EnsureSuccessStatusCode();
                await response.Content.ReadAsByteArrayAsync();
                times.Add(clock.Elapsed.TotalMilliseconds);
            }

            times.Sort();
            rows.Add([Uri.UnescapeDataString(page), $"{times[Repeats / 2]:N0} ms"]);
        }

        Report.Table([["page of 100", "median (aim: 50 ms)"], .. rows]);
    }

    /// <summary>All that 1,000,000 notifications and their alarms leave behind.</summary>
    public static async Task FillAsync(Bench bench)
    {
        await using var database = NpgsqlDataSource.Create(bench.ConnectionString);
        await AuditPages.ExecuteAsync(database, AuditPages.RuleStream);
        Console.Write($"filling to {Notifications:N0} notifications … ");
        for (var i = 0; i < Notifications; i += 25_000) await AuditPages.FillAsync(database, i, i + 25_000);
        await AuditPages.ExecuteAsync(database, Rows);
        await AuditPages.ExecuteAsync(database, "vacuum analyze");
        for (var lag = 1L; lag > 0; lag = (
            await bench.Client.GetFromJsonAsync<JsonObject>("/api/v1/audit/rebuild"))!["lag"]!.GetValue<long>()) await Task.Delay(500);
        Console.WriteLine("done");
    }

    private static async Task<(double Single, double Batched)> MeasureAsync(Bench bench, string store)
    {
        var single = await Throughput.MeasureAsync(bench, "single posts, 64 connections", connections: 64, batch: 1, total: 40_000, store);
        var batched = await Throughput.MeasureAsync(bench, "batches of 100, 16 connections", connections: 16, batch: 100, total: 80_000, store);
        return (single.EndToEnd, batched.EndToEnd);
    }

    /// <summary>The rows beside the events: of 1,000,000 one in 500 failed, one in ten went to an account, one in 100,000 by another rule and
    /// service.</summary>
    private const string Rows =
        """
        insert into notify.notification (id, position, lane, priority, due_at, status, version, attempts, tries, requests_done, alarm_id, alarm_version, rule_id, service_id, receivers, requested_at, ended_at, reason)
        select 'notification-' || i, -2000000 + i, 'wecom/robot/bench', 1, null, case when i % 500 = 7 then 'Failed' else 'Delivered' end, 3, 1, 1, 1,
               'alarm-bench-' || i % 20000, 4 * (i / 20000) + 1, case when i % 100000 = 50007 then 'rule-rare' else 'rule-bench' end, case when i % 100000 = 50007 then 'service-rare' else 's' end,
               case when i % 10 = 3 then array['account:zhangsan', 'account:lisi'] else array['bot:Line 1'] end,
               '2025-01-01T00:00:00Z'::timestamptz + i * interval '30 seconds', '2025-01-01T00:00:01Z'::timestamptz + i * interval '30 seconds', case when i % 500 = 7 then 'invalid webhook url' end
        from generate_series(0, 999999) i;
        insert into notify.notification_span (key, span)
        select distinct k.key, n.position >> 11 from notify.notification n cross join lateral unnest(array['rule:' || n.rule_id, 'service:' || n.service_id] || n.receivers) k(key)
        on conflict do nothing;
        insert into notify.alarm (id, changed, state, level, path, due_at, words, body)
        select 'alarm-bench-' || a, -1000000 + a, case when a % 100 = 50 then 'ActiveAcked' else 'ClearedUnacked' end, 'High', 'Site1/Line' || a % 40, null, 'pump ' || a || E' too hot\nsite1/line' || a % 40 || E'\n',
               jsonb_build_object('id', 'alarm-bench-' || a, 'version', 200, 'ackMode', 'manual', 'facts', jsonb_build_object('name', 'Pump ' || a || ' too hot', 'path', 'Site1/Line' || a % 40, 'type', '', 'level', 'High',
                 'state', case when a % 100 = 50 then 'ActiveAcked' else 'ClearedUnacked' end, 'value', '0', 'eventTime', '2025-01-01T00:00:00Z', 'description', '', 'ackUser', '', 'shelved', false, 'labels', '{}'::jsonb))
        from generate_series(0, 19999) a;
        """;
}
