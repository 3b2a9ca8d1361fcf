using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Npgsql;

namespace Notify.Benchmarks;

/// <summary>
/// Pages of the audit history while the store grows: what a reader waits for by each filter, and what following an event costs. The store is filled
/// by SQL with what alarms leave behind (seven events each), and with what people do in between.
/// </summary>
internal static class AuditPages
{
    private const int EventsPerAlarm = 7;
    private const int Repeats = 7;

    public const string RuleStream = "insert into notify.mt_streams (id, version, timestamp, created) values ('rule-bench', 1, now(), now())";

    private static readonly string[] filters =
    [
        "", "module=delivery", "module=services", "type=alarms.alarm_reported.v1", "type=delivery.attempt_failed.v1",
        "type=delivery.attempt_failed.v1&actor=system",
        "type=rules.rule_changed.v1", "type=audit.audit_index_rebuilt.v1", "actor=Ann", "actor=Ann&type=alarms.alarm_acknowledged.v1", "actor=system",
        "resource=notification", "resource=rule", "resource=alarm-bench-17", "resource=alarm-bench-17&type=alarms.alarm_acknowledged.v1",
        "resource=alarm-bench-17&text=pump",
        "correlationId=corr-{middle}", "text=Pump%20777%20", "text=pump", "text=Pump%20777%20&type=delivery.attempt_failed.v1", "text=quarterly",
        "text=nothing-of-that-name",
        "text=.4711%20bar", "text=shift%20engineer", "text=%E5%86%B7%E5%8D%B4%E6%B0%B4", "text=limit%20of%2099",
        "text=.4711%20bar&type=delivery.notification_requested.v1",
        "{day}", "{day}&module=delivery", "{day}&actor=Ann", "{day}&type=delivery.attempt_failed.v1", "{day}&text=Pump%207",
    ];

    public static async Task MeasureAsync(Bench bench, int[] sizes)
    {
        await using var database = NpgsqlDataSource.Create(bench.ConnectionString);
        await ExecuteAsync(database, RuleStream);
        var table = filters.Select(x => new List<string> { x.Length == 0 ? "(none)" : Uri.UnescapeDataString(x) }).ToList();
        var (alarms, worst) = (0, 0.0);
        foreach (var size in sizes)
        {
            var target = size / EventsPerAlarm;
            Console.Write($"filling to {size:N0} events … ");
            for (; alarms < target; alarms = Math.Min(alarms + 25_000, target)) await FillAsync(database, alarms, Math.Min(alarms + 25_000, target));
            var (cpu, clock, lag) = (bench.Cpu, Stopwatch.StartNew(), await LagAsync(bench));
            var waiting = lag;
            for (; lag > 0; lag = await LagAsync(bench)) await Task.Delay(200);
            var (notify, postgres) = (bench.Cpu.Notify - cpu.Notify, bench.Cpu.Postgres - cpu.Postgres);
            Console.WriteLine($"following the last {waiting:N0}: {waiting / clock.Elapsed.TotalSeconds:N0}/s, {notify.TotalMicroseconds / waiting:N1} us of Notify and {postgres.TotalMicroseconds / waiting:N1} us of PostgreSQL each");
            await ExecuteAsync(database, "analyze notify.mt_events, notify.audit_posting, notify.audit_term, notify.audit_body, notify.audit_span");
            var day = $"from=2025-{1 + (alarms / 2 / 60 / 24 / 30) % 12:d2}-05T00:00:00Z&to=2025-{1 + (alarms / 2 / 60 / 24 / 30) % 12:d2}-06T00:00:00Z";
            foreach (var (i, filter) in filters.Index())
            {
                var query = filter.Replace("{day}", day, StringComparison.Ordinal)
                    .Replace("{middle}", (alarms / 2).ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
                var (up, down) = (await TimeAsync(bench, $"{query}&limit=100"), await TimeAsync(bench, $"{query}&limit=100&order=desc"));
                worst = Math.Max(worst, Math.Max(up.Median, down.Median));
                if (table[i].Count == 1) table[i].Add("");
                table[i][1] = $"{up.Rows}";
                table[i].Add($"{up.Median:N0} / {down.Median:N0}");
            }
        }

        Console.WriteLine("A page of 100, oldest first / newest first, median in ms:");
        Report.Table([["filter", "rows", .. sizes.Select(x => $"{x:N0}")], .. table.Select(x => x.ToArray())]);
        await using var bytes = database.CreateCommand(
            "select string_agg(format('%s %s MB', t, pg_total_relation_size(t::regclass) >> 20), ', ') from unnest(array['notify.mt_events', 'notify.audit_posting', 'notify.audit_term', 'notify.audit_body', 'notify.audit_span']) t");
        Console.WriteLine($"Worst page: {worst:N0} ms. On disk: {await bytes.ExecuteScalarAsync()}");
    }

    private static async Task<long> LagAsync(Bench bench) =>
        (await bench.Client.GetFromJsonAsync<JsonObject>("/api/v1/audit/rebuild"))!["lag"]!.GetValue<long>();

    private static async Task<(double Median, int Rows)> TimeAsync(Bench bench, string query)
    {
        var (times, rows) = (new List<double>(), 0);
        for (var i = 0; i < Repeats; i++)
        {
            var clock = Stopwatch.StartNew();
            using var response = await bench.Client.GetAsync(new Uri($"/api/v1/audit?{query.TrimStart('&')}", UriKind.Relative));
            var text = await response.Content.ReadAsStringAsync();
            times.Add(clock.Elapsed.TotalMilliseconds);
            rows = JsonNode.Parse(text)!["items"]!.AsArray().Count;
        }

        times.Sort();
        return (times[times.Count / 2], rows);
    }

    /// <summary>An alarm each minute, of 20,000 that come and go; each told to one robot; one in 500 attempts fails, one in 100 alarms is
    /// acknowledged, one in 2,000 sees a rule changed.</summary>
    public static Task FillAsync(NpgsqlDataSource database, int from, int to) => ExecuteAsync(database, string.Create(CultureInfo.InvariantCulture, $$$"""
        insert into notify.mt_streams (id, version, timestamp, created)
        select x, 1, now(), now() from generate_series({{{from}}}, {{{to}}} - 1) i, lateral (values ('alarm-bench-' || i % 20000), ('notification-' || i), ('decision-' || i / 100)) s(x)
        on conflict (id) do nothing;

        insert into notify.mt_events (seq_id, id, stream_id, version, data, type, timestamp, mt_dotnet_type, correlation_id, causation_id, headers, user_name)
        select nextval('notify.mt_events_sequence'), gen_random_uuid(), e.stream, e.version, e.data, e.type, '2025-01-01T00:00:00Z'::timestamptz + i * interval '1 minute', 'x',
               'corr-' || case when e.people then 'p' else '' end || i, null,
               case when e.people then '{"actor-name":"Ann","actor-kind":"user","source-ip":"192.0.2.7","reason":"quarterly review"}'::jsonb else '{"actor-name":"Notify","actor-kind":"system"}'::jsonb end,
               case when e.people then 'user-ann' else 'system' end
        from (select *, format(E'[High] Pump %s too hot: ActiveUnacked\nSite1/Line%s = %s.%s bar\n%s\n%s', a, a % 40, i % 97, i % 9973, '2025-01-01T00:00:00Z'::timestamptz + i * interval '1 minute', told) body
          from (select i, i % 20000 a, i / 20000 v, format('Discharge temperature above the limit of %s °C since %s s; 出口温度过高，请检查冷却水。Call the shift engineer if it does not fall within ten minutes.', 40 + i % 23, i % 977) told
            from generate_series({{{from}}}, {{{to}}} - 1) i) x) g, lateral (values
          (1, true, false, 'alarm-bench-' || a, 4 * v + 1, 'alarms.alarm_reported.v1', jsonb_build_object('name', 'Pump ' || a || ' too hot', 'path', 'Site1/Line' || a % 40, 'level', 'High',
            'state', 'ActiveUnacked', 'value', format('%s.%s bar', i % 97, i % 9973), 'eventTime', '2025-01-01T00:00:00Z', 'description', g.told, 'ackMode', 'manual', 'ackUser', '', 'type', '', 'labels', '{}'::jsonb)),
          (2, true, false, 'decision-' || i / 100, (2 * (i % 100) + 1)::bigint, 'rules.alarm_decided.v1', jsonb_build_object('alarmId', 'alarm-bench-' || a, 'alarmName', 'Pump ' || a || ' too hot', 'alarmPath', 'Site1/Line' || a % 40,
            'alarmVersion', 4 * v + 1, 'configurationVersion', 7, 'notifications', jsonb_build_array(jsonb_build_object('notificationId', 'notification-' || i)))),
          (3, true, false, 'notification-' || i, 1, 'delivery.notification_requested.v1', jsonb_build_object('alarmId', 'alarm-bench-' || a, 'alarmName', 'Pump ' || a || ' too hot',
            'alarmPath', 'Site1/Line' || a % 40, 'rule', '{"id":"rule-bench","name":"Everything","version":1}'::jsonb, 'service', '{"id":"s","name":"Plant WeCom","version":1}'::jsonb,
            'message', '{"id":"m","name":"Text","version":1}'::jsonb, 'schedule', '{"id":"d","name":"Default","version":1}'::jsonb, 'channelType', 'wecom', 'lane', 'wecom/robot/bench',
            'level', 'High', 'state', 'ActiveUnacked', 'eventTime', '2025-01-01T00:00:00Z', 'receivers', '[{"kind":"bot","alias":"Line 1"}]'::jsonb,
            'content', jsonb_build_object('format', 'text', 'text', g.body, 'mentions', '{"accounts":[],"mobiles":[]}'::jsonb))),
          (4, true, false, 'notification-' || i, 2, 'delivery.attempt_started.v1', jsonb_build_object('number', 1, 'node', 'bench', 'requests', jsonb_build_array(jsonb_build_object('msgtype', 'text', 'text', jsonb_build_object('content', g.body))::text))),
          (5, i % 500 <> 7, false, 'notification-' || i, 3, 'delivery.attempt_succeeded.v1', '{"number":1,"platformCode":0,"platformMessage":"ok","failedReceivers":[]}'),
          (5, i % 500 = 7, false, 'notification-' || i, 3, 'delivery.attempt_failed.v1', '{"number":1,"class":"Receiver","platformCode":93000,"platformMessage":"invalid webhook url","requestsDone":0}'),
          (6, i % 100 = 50, true, 'alarm-bench-' || a, 4 * v + 2, 'alarms.alarm_acknowledged.v1', '{"note":"seen","by":"Ann"}'),
          (7, true, false, 'alarm-bench-' || a, 4 * v + 3, 'alarms.alarm_reported.v1', jsonb_build_object('name', 'Pump ' || a || ' too hot', 'path', 'Site1/Line' || a % 40, 'level', 'High',
            'state', 'ClearedUnacked', 'value', '0', 'eventTime', '2025-01-01T00:00:00Z', 'description', g.told, 'ackMode', 'manual', 'ackUser', '', 'type', '', 'labels', '{}'::jsonb)),
          (8, true, false, 'decision-' || i / 100, (2 * (i % 100) + 2)::bigint, 'rules.alarm_decided.v1', jsonb_build_object('alarmId', 'alarm-bench-' || a, 'alarmName', 'Pump ' || a || ' too hot', 'alarmPath', 'Site1/Line' || a % 40,
            'alarmVersion', 4 * v + 3, 'configurationVersion', 7, 'notifications', '[]'::jsonb, 'nobody', 'noRuleMatches')),
          (9, i % 2000 = 99, true, 'rule-bench', (i / 2000 + 1)::bigint, 'rules.rule_changed.v1', jsonb_build_object('name', 'Everything', 'description', '', 'settings', jsonb_build_object('criteria', jsonb_build_object('n', i))))
        ) e(n, there, people, stream, version, type, data)
        where e.there order by i, e.n;
        """));

    public static async Task ExecuteAsync(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        command.CommandTimeout = 600;
        await command.ExecuteNonQueryAsync();
    }
}
