using System.Net;
using System.Text.Json.Nodes;
using Notify.Testing;

namespace Notify.Audit.Tests.Replays;

/// <summary>Reviews in so many steps that something can happen in their midst.</summary>
public sealed class LongReplayTests : IAsyncLifetime
{
    private const int Alarms = 100;
    private static readonly string[] settings = ["Notify:Replays:ChunkSize=1", "Notify:WeCom:BotLimitPerMinute=0"];
    private NotifyHost host = null!;

    public async Task InitializeAsync()
    {
        host = await NotifyHost.StartAsync(settings, weCom => weCom.RobotLimit = 0);
        await Example.MakeAsync(host, [new { kind = "bot", alias = "Line 1" }]);
        await host.PostAsync("alarms", new { alarms = Enumerable.Range(0, Alarms).Select(i => new { name = $"Alarm {i}", path = "Site1" }) });
        await host.WaitForNotificationsAsync(Alarms);
    }

    public async Task DisposeAsync() => await host.DisposeAsync();

    private static Task<JsonObject> UnderWayAsync(NotifyHost node, string id) =>
        Eventually.GetAsync(() => node.GetAsync($"replays/{id}"), x =>
            (string)x["status"]! is not ("Pending" or "Running") || x["progress"]!["done"]!.GetValue<long>() > 20);

    [Fact]
    public async Task another_node_goes_on_where_a_node_stopped()
    {
        var node = await NotifyHost.StartAsync(settings, sameStoreAs: host);
        var id = await node.ReplayAsync("review");
        (await UnderWayAsync(node, id))["status"]!.GetValue<string>().Should().Be("Running");
        await node.DisposeAsync();
        var interrupted = await host.WaitForReplayAsync(id);

        var again = await host.ReplayAsync("review", new JsonObject { ["to"] = (string)interrupted["to"]! });
        await host.WaitForReplayAsync(again);
        (await host.ReportAsync(id)).Should().Be(await host.ReportAsync(again));
        var entries = (await host.GetAsync($"audit?resource={id}"))["items"]!.AsArray();
        entries.Select(x => (string)x!["type"]!).Should().Equal([
            "audit.replay_requested.v1", "audit.replay_progressed.v1", "audit.replay_progressed.v1", "audit.replay_progressed.v1",
            "audit.replay_completed.v1",
            "audit.replay_report_read.v1"], "each quarter once: nothing was begun anew");
    }

    [Fact]
    public async Task a_cancelled_replay_ends_and_says_who_did_it_and_why()
    {
        var id = await host.ReplayAsync("review");
        await UnderWayAsync(host, id);
        using var request = new HttpRequestMessage(
            HttpMethod.Post, new Uri($"/api/v1/replays/{id}/cancel", UriKind.Relative))
        { Headers = { { "X-Change-Reason", "wrong period" } } };
        (await host.Client.SendAsync(request)).EnsureSuccessStatusCode();

        var cancelled = await host.GetAsync($"replays/{id}");
        cancelled["status"]!.GetValue<string>().Should().Be("Cancelled");
        cancelled["endedBy"]!["name"]!.GetValue<string>().Should().Be("bootstrap");
        cancelled["endReason"]!.GetValue<string>().Should().Be("wrong period");
        (await host.Client.GetAsync(new Uri($"/api/v1/replays/{id}/report", UriKind.Relative))).StatusCode.Should().Be(HttpStatusCode.Conflict);
        // The next one runs: nothing holds the runner up, and nothing brings the cancelled one back.
        await host.WaitForReplayAsync(await host.ReplayAsync("whatIf"));
        (await host.GetAsync($"replays/{id}"))["status"]!.GetValue<string>().Should().Be("Cancelled");
    }
}
