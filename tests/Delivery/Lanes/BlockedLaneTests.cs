using System.Text.Json.Nodes;
using Notify.Peers.WeCom;
using Notify.Testing;

namespace Notify.Delivery.Tests.Lanes;

/// <summary>Faults of configuration: nothing passes until somebody mends a setting, and nothing is lost meanwhile.</summary>
public sealed class BlockedLaneTests : IAsyncLifetime
{
    private static readonly object[] robot = [new { kind = "bot", alias = "Line 1" }];
    private static readonly object[] account = [new { kind = "account", account = "zhangsan" }];

    /// <summary>The rule takes everything, and so Notify's own alarm about the lane: it is held on it too, and leaves before what says that the lane
    /// is mended.</summary>
    private const int Raised = 1;
    private const int Cleared = 1;

    private NotifyHost host = null!;
    private int posted;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public async Task an_untrusted_address_holds_everything_is_one_incident_and_mends_itself()
    {
        await StartAsync("00:00:01");
        await Example.MakeAsync(host, account);
        host.WeCom.SetTrustedIp(false);
        await PostAsync(5);

        var held = (await HeldAsync(5 + Raised))[0]!;
        held["status"]!.GetValue<string>().Should().BeOneOf("Pending", "Scheduled");
        held["held"]!["platformCode"]!.GetValue<string>().Should().Be("60020");
        held["held"]!["egressIp"]!.GetValue<string>().Should().Be("127.0.0.1");
        held["explanation"]!["advice"]!["zh"]!.GetValue<string>().Should().Contain("企业可信IP");
        (await host.GetAsync("notifications/failed/count"))["count"]!.GetValue<int>().Should().Be(5 + Raised);
        await Eventually.GetAsync(() => AttemptsAsync(), x => x > 2); // it is tried now and then
        (await IncidentsAsync("lane_blocked")).Should().ContainSingle()
            .Which!["summary"]!.GetValue<string>().Should().Contain("Plant WeCom");

        var lane = (await host.GetAsync("lanes"))["items"]!.AsArray()[0]!;
        ((string)lane["name"]!).Should().Be($"Plant WeCom / app {Example.AgentId}");
        ((string)lane["through"]!.AsArray().Should().ContainSingle().Which!["name"]!).Should().Be("Plant WeCom");
        ((int)lane["paceLeft"]!).Should().BeInRange(0, 30);
        (await Eventually.GetAsync(MetricsAsync, x => x.Contains("notify_lane_blocked", StringComparison.Ordinal))).Should()
            .MatchRegex("notify_lane_blocked{[^\n]*} 1\n");
        ((string)lane["id"]!, (long)lane["waiting"]!, (string)lane["blocked"]!["platformCode"]!).Should()
            .Be(($"wecom/app/{Example.CorpId}/{Example.AgentId}", 5 + Raised, "60020"));
        var since = lane["blocked"]!["since"]!.GetValue<DateTimeOffset>();

        // A trial is refused for another reason, and the next one for the first again: no other incident, but on record.
        host.WeCom.AddFault(new Fault(FaultKind.ErrCode) { AgentId = Example.AgentId, Code = 48002, Count = 1 });
        var changes = await Eventually.GetAsync(() => IncidentsAsync("lane_block_changed"), x => x.Count == 2);
        changes.Select(x => (string)x!["data"]!["platformCode"]!).Should().BeEquivalentTo("48002", "60020");
        changes.Select(x => (string)x!["summary"]!).Should().ContainMatch("*is still blocked, now: *(48002)*");
        lane = (await host.GetAsync("lanes"))["items"]!.AsArray()[0]!;
        ((string)lane["blocked"]!["platformCode"]!, (string)lane["blocked"]!["egressIp"]!).Should().Be(("60020", "127.0.0.1"));
        lane["blocked"]!["since"]!.GetValue<DateTimeOffset>().Should().Be(since);

        host.WeCom.SetTrustedIp(true);
        await DeliveredAsync(5 + Raised + Cleared);
        (await IncidentsAsync("lane_blocked")).Should().ContainSingle();
        var mended = (await IncidentsAsync("lane_mended")).Should().ContainSingle().Subject!;
        mended["data"]!["by"]!.GetValue<string>().Should().Be("probe");
        mended["summary"]!.GetValue<string>().Should().Be("Service “Plant WeCom” is no longer blocked: a probe passed; held notifications are sent");
        (await host.GetAsync("notifications/failed/count"))["count"]!.GetValue<int>().Should().Be(0);
        host.WeCom.Received.Count(x => x.Delivered).Should().Be(5 + Raised + Cleared);
    }

    [Fact]
    public async Task a_wrong_secret_holds_until_the_right_one_is_saved()
    {
        await StartAsync("00:10:00");
        var example = await Example.MakeAsync(host, account);
        host.WeCom.AddApp(new(Example.CorpId, "another-secret", Example.AgentId) { Members = ["zhangsan"] });
        await PostAsync(3);
        (await HeldAsync(3 + Raised))[0]!["held"]!["platformCode"]!.GetValue<string>().Should().Be("40001");

        await ChangeServiceAsync(example, service => service["wecom"]!["app"]!["secret"] = "another-secret");
        await DeliveredAsync(3 + Raised + Cleared);
        host.WeCom.Counters.TokenCalls.Should().BeLessThan(5, "a wrong secret is not asked with again and again");
    }

    [Fact]
    public async Task a_robot_that_is_back_goes_on_when_a_test_passes()
    {
        await StartAsync("00:10:00");
        var example = await RemovedRobotAsync();
        await using var node = await NotifyHost.StartAsync(["Notify:WeCom:ProbeInterval=00:10:00"], sameStoreAs: host);
        (await node.GetAsync("notifications/failed"))["items"]!.AsArray().Should()
            .HaveCount(3 + Raised).And.OnlyContain(x => x!["held"] != null, "another node knows of it too");

        await ChangeServiceAsync(example, service => (service["name"], service["wecom"]!["bots"]![0]!["alias"]) = ("Plant 2", "line 1"));
        // Whatever is changed, it is tried with the most urgent, which is the alarm about the lane.
        await Eventually.GetAsync(() => host.GetAsync("notifications"),
            x => x["items"]!.AsArray().Any(
            y => (string)y!["level"]! == "High" && y["attempts"]!.AsArray() is [{ } tried] && tried["endedAt"] is not null));
        host.WeCom.RestoreRobot(Example.RobotKey);
        await node.PostAsync($"services/{example.ServiceId}/test", new { receivers = robot, text = "Hello" });
        await DeliveredAsync(3 + Raised + Cleared);
        (await IncidentsAsync("lane_mended")).Should().ContainSingle().Which!["data"]!["by"]!.GetValue<string>().Should().Be("testSend");
        var alarm = (await Eventually.GetAsync(OwnAlarmsAsync, x => x.All(y => (string)y!["state"]! == "ClearedUnacked"))).Should()
            .ContainSingle("that it is called something else by now makes it no other").Subject!;
        alarm["path"]!.GetValue<string>().Should().Be("Notify/Delivery/Plant WeCom/Line 1");
    }

    [Fact]
    public async Task what_a_removed_robot_held_goes_by_the_new_one_that_takes_its_place()
    {
        await StartAsync("00:10:00");
        var example = await RemovedRobotAsync();
        const string NewKey = "cccccccc-0000-0000-0000-00000000000c";
        await ChangeServiceAsync(example, service => service["wecom"]!["bots"]![0]!["webhookUrl"] = host.WeCom.RobotUrl(NewKey));

        await DeliveredAsync(3 + Raised + Cleared);
        host.WeCom.Received.Where(x => x.Delivered).Should().HaveCount(3 + Raised + Cleared).And.OnlyContain(x => x.RobotKey == NewKey);
        await Eventually.GetAsync(() => IncidentsAsync("lane_mended"), x => x.Count == 1);
    }

    [Fact]
    public async Task another_robot_tells_once_that_one_is_gone_and_once_that_it_is_back()
    {
        await StartAsync("00:00:01");
        var example = await Example.MakeAsync(host, robot);
        await host.PostAsync("rules", new
        {
            name = "Engineers",
            criteria = new { states = new[] { "ActiveUnacked", "ClearedUnacked" }, paths = new[] { "Notify/**" } },
            actions = new[] { new { type = "wecom", example.ServiceId, example.MessageId, example.ScheduleId,
            receivers = new[] { new { kind = "bot", alias = "Line 2" } } } },
        });
        host.WeCom.AddRobot(Example.RobotKey, "Line 1");
        host.WeCom.RemoveRobot(Example.RobotKey);
        await PostAsync(3);

        await host.WeCom.WaitForAsync(x => x.RobotKey == Example.SecondRobotKey, TimeSpan.FromSeconds(30));
        await HeldAsync(3 + Raised);
        await Eventually.GetAsync(AttemptsAsync, x => x > 2); // tried again in vain, which is nothing new
        var alarm = (await OwnAlarmsAsync()).Should().ContainSingle().Subject!;
        ((string)alarm["level"]!, (string)alarm["state"]!, (string)alarm["path"]!).Should()
            .Be(("High", "ActiveUnacked", "Notify/Delivery/Plant WeCom/Line 1"));
        alarm["description"]!.GetValue<string>().Should()
            .ContainAll("“Line 1”", "93000", "invalid webhook url", "127.0.0.1", "Group settings", "群设置").And.NotContain(Example.RobotKey);
        var blocked = (await IncidentsAsync("lane_blocked")).Should().ContainSingle().Subject!;
        (await host.GetAsync($"audit?resource={alarm["id"]}"))["items"]!.AsArray().Should().ContainSingle().Which!["causationId"]!.GetValue<string>()
            .Should().Be((string)blocked["eventId"]!);

        host.WeCom.RestoreRobot(Example.RobotKey);
        await DeliveredAsync(3 + (2 * (Raised + Cleared)));
        host.WeCom.Received.Where(x => x.RobotKey == Example.SecondRobotKey).Select(x => x.Text).Should().Equal(
            "High Notifications are held / 通知发送受阻 ActiveUnacked Notify/Delivery/Plant WeCom/Line 1 ",
            "High Notifications are held / 通知发送受阻 ClearedUnacked Notify/Delivery/Plant WeCom/Line 1 ");
        host.WeCom.Received.Count(x => x.RobotKey == Example.RobotKey && x.Delivered).Should().Be(3 + Raised + Cleared);
    }

    [Fact]
    public async Task a_robot_that_no_service_uses_and_for_which_nothing_waits_is_blocked_no_longer()
    {
        await StartAsync("00:10:00");
        var example = await RemovedRobotAsync();
        var held = await HeldAsync(3 + Raised);
        await host.PostAsync("notifications/cancel", new { ids = held.Select(x => (string)x!["id"]!), reason = "told by phone" });
        await HeldAsync(0);
        (await OwnAlarmsAsync()).Should().ContainSingle().Which!["state"]!.GetValue<string>().Should()
            .Be("ActiveUnacked", "nothing has shown that it is mended");

        await host.SendAsync("POST", $"rules/{example.RuleId}/disable", null, "If-Match", "\"1\"");
        await ChangeServiceAsync(example, service => service["wecom"]!["bots"]!.AsArray().RemoveAt(0));
        await Eventually.GetAsync(OwnAlarmsAsync, x => x.Single()!["state"]!.GetValue<string>() == "ClearedUnacked");
        (await IncidentsAsync("lane_mended")).Should().ContainSingle().Which!["summary"]!.GetValue<string>().Should().Be(
            "Service “Plant WeCom”, “Line 1”, is no longer blocked: the configuration was changed; held notifications are sent");
    }

    [Fact]
    public async Task a_test_that_passed_says_so_though_the_mending_cannot_be_recorded()
    {
        await StartAsync("00:10:00");
        var example = await RemovedRobotAsync();
        await host.RefuseAsync("delivery.lane_mended.v1");
        host.WeCom.RestoreRobot(Example.RobotKey);

        var test = await host.PostAsync($"services/{example.ServiceId}/test", new { receivers = robot, text = "Hello" });

        ((string?)test["results"]![0]!["outcome"]).Should().Be("delivered");
        await host.AcceptAgainAsync();
        await host.PostAsync($"services/{example.ServiceId}/test", new { receivers = robot, text = "Hello again" });
        await DeliveredAsync(3 + Raised + Cleared);
        (await IncidentsAsync("lane_mended")).Should().ContainSingle();
    }

    [Fact]
    public async Task a_robot_whose_mending_could_not_be_recorded_is_mended_when_it_can()
    {
        await StartAsync("00:00:01");
        await RemovedRobotAsync();
        await host.RefuseAsync("delivery.lane_mended.v1");
        host.WeCom.RestoreRobot(Example.RobotKey);
        await Eventually.GetAsync(() => host.GetAsync("notifications?status=Delivered"), x => x["items"]!.AsArray().Count > 0);
        await host.AcceptAgainAsync();

        await PostAsync(1);
        await DeliveredAsync(4 + Raised + Cleared);
        (await IncidentsAsync("lane_mended")).Should().ContainSingle();
        (await host.GetAsync("lanes"))["items"]!.AsArray().Should().NotBeEmpty().And.OnlyContain(x => x!["blocked"] == null);
    }

    [Fact]
    public async Task a_block_that_somebody_made_unreadable_can_be_rebuilt_and_mended()
    {
        await StartAsync("00:10:00");
        var example = await RemovedRobotAsync();
        await host.ExecuteAsync(
            """
            set session_replication_role = replica;
            update notify.mt_events set data = '{"lane": 7}' where type = 'delivery.lane_blocked.v1'
            """);
        host.WeCom.AddRobot(Example.RobotKey, "Line 1");
        var test = await host.SendAsync("POST", $"services/{example.ServiceId}/test", new { receivers = robot, text = "It works again." });
        test.Status.Should().Be(200, test.Text);
        await DeliveredAsync(3 + Raised);

        await host.PostAsync("operation/rebuild", new { models = new[] { "lanes" } });
        var ended = await Eventually.GetAsync(() => host.GetAsync("operation/rebuild"), x => !(bool)x["running"]!);
        ((string?)ended["failure"]).Should().BeNull();
    }

    private async Task<string> MetricsAsync() => await host.Client.GetStringAsync(new Uri("/metrics", UriKind.Relative));

    private async Task<Example> RemovedRobotAsync()
    {
        var example = await Example.MakeAsync(host, robot);
        host.WeCom.AddRobot(Example.RobotKey, "Line 1");
        host.WeCom.RemoveRobot(Example.RobotKey);
        await PostAsync(3);
        (await HeldAsync(3 + Raised))[0]!["held"]!["platformCode"]!.GetValue<string>().Should().Be("93000");
        return example;
    }

    private async Task StartAsync(string probeInterval) => host = await NotifyHost.StartAsync([$"Notify:WeCom:ProbeInterval={probeInterval}"]);

    private async Task ChangeServiceAsync(Example example, Action<JsonObject> change)
    {
        var service = await host.GetAsync($"services/{example.ServiceId}");
        change(service);
        (await host.PutAsync($"services/{example.ServiceId}", service["version"]!.GetValue<long>(), service)).Status.Should().Be(200);
    }

    private async Task<JsonArray> OwnAlarmsAsync() => (await host.GetAsync("alarms?path=Notify/Delivery"))["items"]!.AsArray();

    /// <summary>Each time others.</summary>
    private Task<JsonObject> PostAsync(int count) =>
        host.PostAsync("alarms", new { alarms = Enumerable.Range(0, count).Select(_ => new { name = $"Alarm{posted++}", path = "Site1" }).ToList() });

    private async Task<JsonArray> HeldAsync(int count) => (await Eventually.GetAsync(
        () => host.GetAsync("notifications/failed"), x => x["items"]!.AsArray().Count(y => y!["held"] is not null) == count))["items"]!.AsArray();

    private Task<JsonObject> DeliveredAsync(int count) => Eventually.GetAsync(
        () => host.GetAsync("notifications"), x => x["items"]!.AsArray().Count(y => (string)y!["status"]! == "Delivered") == count);

    private async Task<int> AttemptsAsync() => (await host.GetAsync("notifications"))["items"]!.AsArray().Max(x => x!["attempts"]!.AsArray().Count);

    private async Task<JsonArray> IncidentsAsync(string type) => (await host.GetAsync($"audit?type=delivery.{type}.v1"))["items"]!.AsArray();
}
