using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Npgsql;

namespace Notify.Benchmarks;

/// <summary>How long a review of a large incident takes: 100,000 notifications, half a million events, put into the store as the pipeline would have
/// written them.</summary>
internal static class Review
{
    private const int Notifications = 100_000;

    /// <summary>For each: the alarm, its decision, the request, the attempt and its outcome; a year ago, so that nothing live is among
    /// them.</summary>
    private const string Fill =
        """
        with numbered as (
          select i, timestamptz '2025-06-01 03:00:00+00' + i * interval '10 milliseconds' as at, lpad(i::text, 26, '0') as n from generate_series(1, $1) i),
        facts as (
          select at, 'alarm-' || n as stream, 1 as version, 'alarms.alarm_reported.v1' as type, 1 as place, i,
            jsonb_build_object('name', 'Alarm ' || i, 'path', 'Site1/Line' || (i % 20), 'type', 'limit', 'level', 'High', 'state', 'ActiveUnacked', 'value', '98.5', 'eventTime', at,
              'description', 'Above its limit', 'ackMode', 'manual', 'ackUser', '', 'labels', jsonb_build_object('team', 'ops')) as data from numbered
          union all
          select at, 'decision-' || n, 1, 'rules.alarm_decided.v1', 2, i,
            jsonb_build_object('alarmId', 'alarm-' || n, 'alarmName', 'Alarm ' || i, 'alarmVersion', 1, 'configurationVersion', 4, 'notifications', jsonb_build_array(
              jsonb_build_object('notificationId', 'notification-' || n, 'ruleId', 'rule-bench', 'ruleVersion', 1, 'action', 0,
                'receivers', jsonb_build_array(jsonb_build_object('kind', 'bot', 'alias', 'Robot'))))) from numbered
          union all
          select at, 'notification-' || n, 1, 'delivery.notification_requested.v1', 3, i,
            jsonb_build_object('alarmId', 'alarm-' || n, 'alarmName', 'Alarm ' || i, 'alarmPath', 'Site1/Line' || (i % 20), 'level', 'High', 'state', 'ActiveUnacked', 'eventTime', at,
              'rule', jsonb_build_object('id', 'rule-bench', 'version', 1, 'name', 'Bench'), 'service', jsonb_build_object('id', 'service-bench', 'version', 1, 'name', 'Bench'),
              'message', jsonb_build_object('id', 'message-bench', 'version', 1, 'name', 'Bench'), 'schedule', jsonb_build_object('id', 'schedule-bench', 'version', 1, 'name', 'Bench'),
              'channelType', 'wecom', 'lane', 'wecom/robot/bench', 'receivers', jsonb_build_array(jsonb_build_object('kind', 'bot', 'alias', 'Robot')),
              'content', jsonb_build_object('format', 'text', 'text', 'High Alarm ' || i || E'\nSite1/Line' || (i % 20) || ' 98.5', 'mentions', jsonb_build_object('accounts', '[]'::jsonb, 'mobiles', '[]'::jsonb)))
            from numbered
          union all
          select at + interval '40 milliseconds', 'notification-' || n, 2, 'delivery.attempt_started.v1', 4, i,
            jsonb_build_object('number', 1, 'node', 'bench/1/abc', 'requests', jsonb_build_array('{"msgtype":"text","text":{"content":"High Alarm ' || i || '"}}')) from numbered
          union all
          select at + interval '90 milliseconds', 'notification-' || n, 3, 'delivery.attempt_succeeded.v1', 5, i,
            jsonb_build_object('number', 1, 'platformCode', 0, 'platformMessage', 'ok', 'failedReceivers', '[]'::jsonb) from numbered),
        streams as (
          insert into notify.mt_streams (id, version, timestamp, created) select stream, max(version), max(at), min(at) from facts group by stream)
        insert into notify.mt_events (seq_id, id, stream_id, version, data, type, timestamp, mt_dotnet_type, correlation_id, causation_id, headers, user_name)
        select nextval('notify.mt_events_sequence'), gen_random_uuid(), stream, version, data, type, at, '', 'correlation-' || i, gen_random_uuid()::text,
          '{"actor-name": "Notify", "actor-kind": "system"}', 'system' from (select * from facts order by at, i, place) f
        """;

    public static async Task MeasureAsync(Bench bench)
    {
        await using (var database = NpgsqlDataSource.Create(bench.ConnectionString))
        {
            await using var fill = database.CreateCommand(Fill);
            fill.CommandTimeout = 600;
            fill.Parameters.AddWithValue(Notifications);
            await fill.ExecuteNonQueryAsync();
            await using var analyze = database.CreateCommand("analyze notify.mt_events");
            await analyze.ExecuteNonQueryAsync();
        }

        var before = bench.Cpu;
        var started = TimeProvider.System.GetTimestamp();
        using var response = await bench.Client.PostAsJsonAsync(
            "/api/v1/replays", new { mode = "review", from = "2025-06-01T00:00:00Z", to = "2025-06-02T00:00:00Z" });
        response.EnsureSuccessStatusCode();
        var id = (string)(await response.Content.ReadFromJsonAsync<JsonObject>())!["id"]!;
        JsonObject replay;
        do
        {
            await Task.Delay(100);
            replay = (await bench.Client.GetFromJsonAsync<JsonObject>($"/api/v1/replays/{id}"))!;
        }
        while ((string)replay["status"]! is "Pending" or "Running");
        var elapsed = TimeProvider.System.GetElapsedTime(started);
        var after = bench.Cpu;
        Report.Table(
            ["review of 100,000 notifications", "seconds", "aim"],
            ["from the request to the stored reports", elapsed.TotalSeconds.ToString("N1", CultureInfo.InvariantCulture), "20"],
            ["processor time of Notify", (after.Notify - before.Notify).TotalSeconds.ToString("N1", CultureInfo.InvariantCulture), ""],
            ["processor time of PostgreSQL", (after.Postgres - before.Postgres).TotalSeconds.ToString("N1", CultureInfo.InvariantCulture), ""]);
        Console.WriteLine($"{replay["status"]}: {replay["result"]?["entries"]} entries; reports of {string.Join(", ", replay["reports"]!.AsArray().Select(x => $"{x!["bytes"]!.GetValue<long>() / 1024.0 / 1024.0:N1} MB"))}");
    }
}
