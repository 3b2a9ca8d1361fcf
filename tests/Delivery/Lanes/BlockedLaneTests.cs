using System.Text.Json.Nodes;
using Notify.Testing;

namespace Notify.Delivery.Tests.Lanes;

/// <summary>Faults of configuration: nothing passes until somebody mends a setting, and nothing is lost meanwhile.</summary>
public sealed class BlockedLaneTests : IAsyncLifetime
{
    private static readonly object[] robot = [new { kind = "bot", alias = "Line 1" }];
    private static readonly object[] account = [new { kind = "account", account = "zhangsan" }];
    private NotifyHost host = null!;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public async Task an_untrusted_address_holds_everything_is_one_incident_and_mends_itself()
    {
        await StartAsync("00:00:01");
        await Example.MakeAsync(host, account);
        host.WeCom.SetTrustedIp(false);
        await PostAsync(5);

        var held = (await HeldAsync(5))[0]!;
        held["status"]!.GetValue<string>().Should().BeOneOf("Pending", "Scheduled");
        held["held"]!["platformCode"]!.GetValue<int>().Should().Be(60020);
        held["held"]!["egressIp"]!.GetValue<string>().Should().Be("127.0.0.1");
        held["explanation"]!["advice"]!["zh"]!.GetValue<string>().Should().Contain("企业可信IP");
        (await host.GetAsync("notifications/failed/count"))["count"]!.GetValue<int>().Should().Be(5);
        await Eventually.GetAsync(() => AttemptsAsync(), x => x > 2); // it is tried now and then
        (await IncidentsAsync("lane_blocked")).Should().ContainSingle()
            .Which!["summary"]!.GetValue<string>().Should().Contain("Plant WeCom");

        var lane = (await host.GetAsync("lanes"))["items"]!.AsArray()[0]!;
        ((string)lane["name"]!).Should().Be($"Plant WeCom / app {Example.AgentId}");
        (await Eventually.GetAsync(MetricsAsync, x => x.Contains("notify_lane_blocked", StringComparison.Ordinal))).Should().MatchRegex("notify_lane_blocked{[^\n]*} 1\n");
        ((string)lane["id"]!, (long)lane["waiting"]!, (int)lane["blocked"]!["platformCode"]!).Should().Be(($"wecom/app/{Example.CorpId}/{Example.AgentId}", 5, 60020));

        host.WeCom.SetTrustedIp(true);
        await DeliveredAsync(5);
        (await IncidentsAsync("lane_blocked")).Should().ContainSingle();
        (await IncidentsAsync("lane_mended")).Should().ContainSingle().Which!["data"]!["by"]!.GetValue<string>().Should().Be("probe");
        (await host.GetAsync("notifications/failed/count"))["count"]!.GetValue<int>().Should().Be(0);
        host.WeCom.Received.Count(x => x.Delivered).Should().Be(5);
    }

    [Fact]
    public async Task a_wrong_secret_holds_until_the_right_one_is_saved()
    {
        await StartAsync("00:10:00");
        var example = await Example.MakeAsync(host, account);
        host.WeCom.AddApp(new(Example.CorpId, "another-secret", Example.AgentId) { Members = ["zhangsan"] });
        await PostAsync(3);
        (await HeldAsync(3))[0]!["held"]!["platformCode"]!.GetValue<int>().Should().Be(40001);

        var service = await host.GetAsync($"services/{example.ServiceId}");
        service["wecom"]!["app"]!["secret"] = "another-secret";
        (await host.PutAsync($"services/{example.ServiceId}", service["version"]!.GetValue<long>(), service)).Status.Should().Be(200);
        await DeliveredAsync(3);
        host.WeCom.Counters.TokenCalls.Should().BeLessThan(5, "a wrong secret is not asked with again and again");
    }

    [Fact]
    public async Task a_robot_that_is_back_goes_on_when_a_test_passes()
    {
        await StartAsync("00:10:00");
        var example = await RemovedRobotAsync();
        await using var node = await NotifyHost.StartAsync(["Notify:WeCom:ProbeInterval=00:10:00"], sameStoreAs: host);
        (await node.GetAsync("notifications/failed"))["items"]!.AsArray().Should().HaveCount(3).And.OnlyContain(x => x!["held"] != null, "another node knows of it too");

        host.WeCom.RestoreRobot(Example.RobotKey);
        await node.PostAsync($"services/{example.ServiceId}/test", new { receivers = robot, text = "Hello" });
        await DeliveredAsync(3);
        (await IncidentsAsync("lane_mended")).Should().ContainSingle().Which!["data"]!["by"]!.GetValue<string>().Should().Be("testSend");
    }

    [Fact]
    public async Task what_a_removed_robot_held_goes_by_the_new_one_that_takes_its_place()
    {
        await StartAsync("00:10:00");
        var example = await RemovedRobotAsync();
        const string NewKey = "cccccccc-0000-0000-0000-00000000000c";
        var service = await host.GetAsync($"services/{example.ServiceId}");
        service["wecom"]!["bots"]![0]!["webhookUrl"] = host.WeCom.RobotUrl(NewKey);
        (await host.PutAsync($"services/{example.ServiceId}", service["version"]!.GetValue<long>(), service)).Status.Should().Be(200);

        await DeliveredAsync(3);
        host.WeCom.Received.Where(x => x.Delivered).Should().HaveCount(3).And.OnlyContain(x => x.RobotKey == NewKey);
        await Eventually.GetAsync(() => IncidentsAsync("lane_mended"), x => x.Count == 1);
    }

    private async Task<string> MetricsAsync() => await host.Client.GetStringAsync(new Uri("/metrics", UriKind.Relative));

    private async Task<Example> RemovedRobotAsync()
    {
        var example = await Example.MakeAsync(host, robot);
        host.WeCom.AddRobot(Example.RobotKey, "Line 1");
        host.WeCom.RemoveRobot(Example.RobotKey);
        await PostAsync(3);
        (await HeldAsync(3))[0]!["held"]!["platformCode"]!.GetValue<int>().Should().Be(93000);
        return example;
    }

    private async Task StartAsync(string probeInterval) => host = await NotifyHost.StartAsync([$"Notify:WeCom:ProbeInterval={probeInterval}"]);

    private Task<JsonObject> PostAsync(int count) =>
        host.PostAsync("alarms", new { alarms = Enumerable.Range(0, count).Select(i => new { name = $"Alarm{i}", path = "Site1" }) });

    private async Task<JsonArray> HeldAsync(int count) => (await Eventually.GetAsync(
        () => host.GetAsync("notifications/failed"), x => x["items"]!.AsArray().Count(y => y!["held"] is not null) == count))["items"]!.AsArray();

    private Task<JsonObject> DeliveredAsync(int count) => Eventually.GetAsync(
        () => host.GetAsync("notifications"), x => x["items"]!.AsArray().Count(y => (string)y!["status"]! == "Delivered") == count);

    private async Task<int> AttemptsAsync() => (await host.GetAsync("notifications"))["items"]!.AsArray().Max(x => x!["attempts"]!.AsArray().Count);

    private async Task<JsonArray> IncidentsAsync(string type) => (await host.GetAsync($"audit?type=delivery.{type}.v1"))["items"]!.AsArray();
}
