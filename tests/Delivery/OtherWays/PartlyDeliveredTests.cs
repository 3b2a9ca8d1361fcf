using System.Text.Json.Nodes;
using Notify.Testing;

namespace Notify.Delivery.Tests.OtherWays;

/// <summary>A notification that reached only some of its receivers takes the other way of its action, which is told as a whole.</summary>
public sealed class PartlyDeliveredTests : IAsyncLifetime
{
    private NotifyHost host = null!;

    public async Task InitializeAsync() => host = await NotifyHost.StartAsync();

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public async Task what_reached_only_some_is_sent_another_way_and_says_whom_it_did_not_reach()
    {
        var example = await Example.MakeAsync(host, [new { kind = "account", account = "zhangsan" }, new { kind = "account", account = "lisi" }]);
        host.WeCom.AddApp(new(Example.CorpId, Example.AppSecret, Example.AgentId) { Members = ["zhangsan"], Unlicensed = ["lisi"] });
        var rule = await host.GetAsync($"rules/{example.RuleId}");
        rule["actions"]![0]!["otherwise"] = new JsonObject
        {
            ["serviceId"] = example.ServiceId,
            ["messageId"] = example.MessageId,
            ["receivers"] = new JsonArray(new JsonObject { ["kind"] = "bot", ["alias"] = "Line 2" }),
        };
        (await host.SendAsync("PUT", $"rules/{example.RuleId}", rule, "If-Match", "*")).Status.Should().Be(200);
        host.WeCom.AddRobot(Example.SecondRobotKey, "Line 2");

        var answer = await host.PostAsync("alarms", new { alarms = new[] { new { name = "Hot", path = "Site1" } } });
        var alarm = (string)answer["accepted"]![0]!["alarmId"]!;

        var other = (await Eventually.GetAsync(
            () => host.GetAsync("notifications?receiver=Line 2&status=Delivered"), x => x["items"]!.AsArray().Count == 1))["items"]![0]!;
        var partly = (await host.GetAsync("notifications?status=PartlyDelivered"))["items"]!.AsArray().Single()!;
        ((string?)partly["sentInstead"], (string?)other["step"]!["insteadOf"]).Should().Be(((string)other["id"]!, (string)partly["id"]!));
        var explained = (await host.GetAsync($"alarms/{alarm}/explain?receiver=Line 2"))["items"]![0]!;
        var way = explained["otherWays"]![0]!;
        ((string?)way["why"], (string?)way["reason"]).Should().Be(("partlyDelivered", "lisi (unlicenseduser)"));
        ((string?)explained["summary"]!["en"]).Should().Contain(
            "Another way was taken, to Line 2, since the notification did not reach all of its receivers: lisi (unlicenseduser).");
        (await Eventually.GetAsync(() => host.GetAsync("audit?type=rules.other_way_taken.v1"), x => x["items"]!.AsArray().Count == 1))
            ["items"]![0]!["summary"]!.GetValue<string>().Should().Contain("lisi (unlicenseduser)");
    }
}
