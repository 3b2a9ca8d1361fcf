using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Notify.Audit.Tests.Replays;
using Notify.Testing;
using Npgsql;

namespace Notify.Audit.Tests;

/// <summary>Readers that ask and never take the answer off their socket.</summary>
public sealed class SlowReaderTests
{
    private const int Exports = 45;

    [Fact]
    public async Task however_many_read_and_however_slowly_alarms_are_taken_in_and_delivered()
    {
        await using var host = await NotifyHost.StartAsync(
            ["Notify:WeCom:BotLimitPerMinute=0", "Notify:Database:ReadPatience=00:01:00"], options => options.RobotLimit = int.MaxValue);
        await using var beside = NpgsqlDataSource.Create(
            new NpgsqlConnectionStringBuilder(host.ConnectionString) { ApplicationName = "beside" }.ConnectionString);
        // More than the buffers between Notify and a reader hold.
        for (var i = 0; i < 3; i++)
        {
            await host.PostAsync("alarms", new
            {
                alarms = Enumerable.Range(0, 1000).Select(x => new
                {
                    name = $"Motor {i}.{x}",
                    path = "Old",
                    description = new string('d', 1500),
                    labels = new { a = new string('l', 200), b = new string('m', 200) }
                }),
            });
        }

        // For nobody: there is no rule yet.
        await Eventually.GetAsync(() => CountAsync("select count(*) from notify.mt_events where type = 'rules.alarm_decided.v1'"), x => x == 3000);
        await Example.MakeAsync(host, [new { kind = "bot", alias = "Line 1" }]);
        var replay = await host.ReplayAsync("review", new JsonObject { ["reason"] = "test" });
        await host.WaitForReplayAsync(replay);
        var readers = new List<Socket>();
        try
        {
            for (var i = 0; i < Exports; i++) readers.Add(await AskAsync(host, i % 3 == 0 ? "audit/export?format=csv" : "audit/export"));
            foreach (var path in new[] { "audit?limit=1000", "alarms?limit=1000", "configuration/export", $"replays/{replay}/report?format=json",
                "audit/checkpoints", "notifications?limit=1000" })
                for (var i = 0; i < 10; i++) readers.Add(await AskAsync(host, path));
            // Each export is on record before its first byte, so all have begun; and none of them holds a connection while it waits for its reader.
            await Eventually.GetAsync(() =>
                CountAsync("select count(*) from notify.mt_events where type = 'audit.history_exported.v1'"), x => x == Exports);
            await Eventually.GetAsync(
                () => CountAsync("select count(*) from pg_stat_activity where datname = current_database() and application_name <> 'beside' and xact_start is not null"), x => x == 0);

            await host.PostAsync("alarms", new { alarms = Enumerable.Range(0, 100).Select(x => new { name = $"Pump {x}", path = "New" }) });
            await host.WeCom.WaitForCountersAsync(x => x.Shown == 100);
            // And others read meanwhile.
            (await host.GetAsync("notifications?limit=1000"))["items"]!.AsArray().Should().HaveCount(100);
            (await host.Client.GetStringAsync(new Uri("/api/v1/audit/export", UriKind.Relative))).Split('\n').Length.Should().BeGreaterThan(6000);
        }
        finally
        {
            readers.ForEach(x => x.Dispose());
        }

        async Task<long> CountAsync(string sql)
        {
            await using var command = beside.CreateCommand(sql);
            return (long)(await command.ExecuteScalarAsync())!;
        }
    }

    private static async Task<Socket> AskAsync(NotifyHost host, string path)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };
        await socket.ConnectAsync(IPAddress.Loopback, new Uri(host.Url).Port);
        await socket.SendAsync(
            Encoding.ASCII.GetBytes($"GET /api/v1/{path} HTTP/1.1\r\nHost: notify\r\nAuthorization: Bearer {NotifyHost.AdminKey}\r\n\r\n"));
        return socket;
    }
}
