using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Notify.Contracts.Rules;
using Notify.Peers.WeCom;
using Notify.Rules.Deciding;
using Notify.Testing;

namespace Notify.Rules.Tests.Steps;

/// <summary>The other way of an action, by itself and through the whole of Notify.</summary>
public sealed class OtherWayTests : IAsyncLifetime
{
    private readonly MovedClock clock = new();
    private NotifyHost host = null!;
    private Example example = null!;

    public async Task InitializeAsync()
    {
        host = await NotifyHost.StartAsync(replace: services => services.Replace(ServiceDescriptor.Singleton<TimeProvider>(clock)));
        example = await Example.MakeAsync(host, [new { kind = "bot", alias = "Line 2" }]);
        await host.SendAsync("DELETE", $"rules/{example.RuleId}", null, "If-Match", "*");
        host.WeCom.AddRobot(Example.RobotKey, "Line 1");
    }

    public async Task DisposeAsync() => await host.DisposeAsync();

    /// <summary>The first robot, or else the second one.</summary>
    private Task<RestAnswer> MakeRuleAsync(object? otherwise) => host.SendAsync("POST", "rules", new
    {
        name = "Two ways",
        criteria = new { states = new[] { "ActiveUnacked" }, paths = new[] { "Site1/**", "Site2/**" } },
        actions = new[]
        {
            new
            {
                type = "wecom", serviceId = example.ServiceId, messageId = example.MessageId, scheduleId = example.ScheduleId,
                receivers = new[] { new { kind = "bot", alias = "Line 1" } }, otherwise,
            },
        },
    });

    private object Otherwise(int? afterMinutes = null) => new
    {
        serviceId = example.ServiceId,
        messageId = example.MessageId,
        receivers = new[] { new { kind = "bot", alias = "Line 2" } },
        afterMinutes,
    };

    private static object Robot(string alias) => new { kind = "bot", alias };

    private async Task<string> ReportAsync() => (string)(await host.PostAsync(
        "alarms", new { alarms = new[] { new { name = "Hot", path = "Site1", level = "High" } } }))["accepted"]![0]!["alarmId"]!;

    private async Task<JsonNode> OfReceiverAsync(string receiver, Func<JsonNode, bool> fits) => (await Eventually.GetAsync(
        () => host.GetAsync($"notifications?receiver={receiver}"), x => x["items"]!.AsArray() is [{ } only] && fits(only)))["items"]![0]!;

    [Fact]
    public async Task a_notification_that_fails_for_good_is_sent_another_way_once()
    {
        (await MakeRuleAsync(Otherwise())).Status.Should().Be(201);
        host.WeCom.AddFault(new Fault(FaultKind.ErrCode) { Robot = Example.RobotKey, Code = 44004 });
        var alarm = await ReportAsync();

        var other = await OfReceiverAsync("Line 2", x => (string?)x["status"] == "Delivered");
        var failed = await OfReceiverAsync("Line 1", x => (string?)x["status"] == "Failed" && x["sentInstead"] is not null);
        ((string?)failed["sentInstead"], (string?)other["step"]!["kind"], (string?)other["step"]!["insteadOf"]).Should()
            .Be(((string)other["id"]!, "otherwise", (string)failed["id"]!));
        ((string?)other["body"]).Should().StartWith("【备用途径 Another way】High Hot");
        var listed = (await host.GetAsync("notifications/failed"))["items"]!.AsArray().Single()!;
        ((string?)listed["sentInstead"]).Should().Be((string)other["id"]!);
        var explained = (await host.GetAsync($"alarms/{alarm}/explain?receiver=Line 2"))["items"]![0]!;
        ((string?)explained["otherWays"]![0]!["why"]).Should().Be("failed");
        ((string?)explained["summary"]!["en"]).Should().Contain("Another way was taken, to Line 2");
        var entry = (await Eventually.GetAsync(
            () => host.GetAsync("audit?type=rules.other_way_taken.v1"), x => x["items"]!.AsArray().Count == 1))["items"]![0]!;
        ((string?)entry["summary"]).Should().Contain("Hot").And.Contain("another way taken");

        // Whoever sends it again sends it the first way; that fails too, and it has had its other way.
        (await host.SendAsync("POST", "notifications/resend", new { ids = new[] { (string)failed["id"]! } })).Status.Should().Be(200);
        await Eventually.GetAsync(
            () => host.GetAsync("notifications?receiver=Line 1&status=Failed"), x => x["items"]!.AsArray().Count == 2);
        await host.PostAsync("alarms", new { alarms = new[] { new { name = "Hot", path = "Site2", level = "High" } } });
        await Eventually.GetAsync(() => host.GetAsync("notifications?receiver=Line 2"), x => x["items"]!.AsArray().Count == 2);
        (await Eventually.GetAsync(() => host.GetAsync("audit?type=rules.other_way_taken.v1"), x => x["items"]!.AsArray().Count >= 2))
            ["items"]!.AsArray().Should().HaveCount(2, "one for each of the alarms, and none for what was sent again");
    }

    [Fact]
    public async Task what_a_blocked_lane_holds_for_too_long_is_sent_another_way_and_still_sent_when_the_lane_goes_on()
    {
        (await MakeRuleAsync(Otherwise(10))).Status.Should().Be(201);
        host.WeCom.RemoveRobot(Example.RobotKey);
        var alarm = await ReportAsync();
        await OfReceiverAsync("Line 1", x => x["held"] is not null);
        (await host.GetAsync("notifications?receiver=Line 2"))["items"]!.AsArray().Should().BeEmpty();

        clock.Advance(TimeSpan.FromMinutes(11));

        await OfReceiverAsync("Line 2", x => (string?)x["status"] == "Delivered");
        var way = (await host.GetAsync($"alarms/{alarm}/explain?receiver=Line 2"))["items"]![0]!["otherWays"]![0]!;
        ((string?)way["why"], ((string?)way["reason"])!.Contains("93000", StringComparison.Ordinal)).Should().Be(("blocked", true));
        host.WeCom.RestoreRobot(Example.RobotKey);
        clock.Advance(TimeSpan.FromMinutes(6));
        await OfReceiverAsync("Line 1", x => (string?)x["status"] == "Delivered");
    }

    [Fact]
    public async Task the_other_way_is_that_of_the_action_wherever_it_stands_in_the_rule_by_then()
    {
        var rule = await MakeRuleAsync(Otherwise(10));
        host.WeCom.RemoveRobot(Example.RobotKey);
        var alarm = await ReportAsync();
        await OfReceiverAsync("Line 1", x => x["held"] is not null);
        var action = rule.Body["actions"]![0]!.DeepClone().AsObject();
        var first = action.DeepClone().AsObject();
        (first["receivers"], first["otherwise"]) = (new JsonArray(new JsonObject { ["kind"] = "account", ["account"] = "lisi" }), null);
        action.Remove("key");
        first.Remove("key");

        (await host.SendAsync("PUT", $"rules/{rule.Id}", new JsonObject
        {
            ["name"] = "Two ways",
            ["criteria"] = rule.Body["criteria"]!.DeepClone(),
            ["actions"] = new JsonArray(first, action),
        }, "If-Match", "*")).Status.Should().Be(200);
        clock.Advance(TimeSpan.FromMinutes(11));

        await OfReceiverAsync("Line 2", x => (string?)x["status"] == "Delivered");
        var way = (await host.GetAsync($"alarms/{alarm}/explain?receiver=Line 2"))["items"]![0]!["otherWays"]![0]!;
        ((int)way["action"]!).Should().Be(1, "that is the place of the action in the rule as it was applied");
    }

    [Fact]
    public async Task another_way_is_checked_field_by_field_and_counts_as_a_use()
    {
        foreach (var (otherwise, fields) in new (object, string[])[]
        {
            (new { }, ["messageId", "receivers", "serviceId"]),
            (new { serviceId = (string?)null, messageId = "", receivers = Array.Empty<object>() }, ["messageId", "receivers", "serviceId"]),
            (new { serviceId = "service-x", messageId = example.MessageId, receivers = new[] { Robot("Line 2") } }, ["serviceId"]),
            (new { serviceId = example.ServiceId, messageId = "message-x", receivers = new[] { Robot("Line 2") } }, ["messageId"]),
            (new { serviceId = example.ServiceId, messageId = example.MessageId, receivers = new[] { Robot("Line 9") } }, ["receivers[0]"]),
            (new { serviceId = example.ServiceId, messageId = example.MessageId, receivers = new object?[] { null } }, ["receivers[0]"]),
            (Otherwise(-1), ["afterMinutes"]), (Otherwise(1441), ["afterMinutes"]),
        })
        {
            var refused = await MakeRuleAsync(otherwise);
            refused.Status.Should().Be(400, refused.Text);
            refused.Faults.Order(StringComparer.Ordinal).Should().Equal(fields.Select(x => $"actions[0].otherwise.{x}"), refused.Text);
        }

        var message = await host.PostAsync("messages", new { type = "wecom", name = "Only otherwise", format = "text", content = "{name}" });
        var id = (string)message["id"]!;
        var rule = await MakeRuleAsync(new
        {
            serviceId = example.ServiceId,
            messageId = id,
            receivers = new[] { Robot("Line 2") },
        });
        rule.Status.Should().Be(201, rule.Text);
        ((int?)rule.Body["actions"]![0]!["otherwise"]!["afterMinutes"]).Should().Be(0);
        var used = await host.SendAsync("DELETE", $"messages/{id}", null, "If-Match", "*");
        (used.Status, used.Text.Contains("Two ways", StringComparison.Ordinal)).Should().Be((409, true));
    }

    [Fact]
    public void the_other_way_is_decided_by_the_configuration_as_it_is_now()
    {
        var rule = Given.Rule with
        {
            Actions =
            [
                Given.Action(Given.Bot("Line 1")) with
                {
                    Otherwise = new() { ServiceId = "s1", MessageId = "m1", Receivers = [Given.Account("lisi"), Given.Bot("Line 2")] },
                },
            ],
        };
        DueStep Take(RuleSnapshot snapshot, string key = "1-0") => snapshot.TakeOtherWay("r0", key, Given.Alarm, Given.Noon);

        Given.Snapshot(rule).Decide(Given.Alarm, Given.Noon).Notifications.Single().Otherwise.Should().Be(new NotificationOtherwise(0, 0, "1-0"));
        Take(Given.Snapshot(rule)).Notifications.SelectMany(x => x.Receivers).Should().BeEquivalentTo([Given.Account("lisi"), Given.Bot("Line 2")]);
        Take(Given.Snapshot(rule)).Notifications.Should().OnlyContain(
            x => x.Content.Text.Contains("Overpressure is Critical") && x.Otherwise == null);
        Take(Given.Snapshot()).Stopped.Should().Be("ruleRemoved");
        Take(Given.Snapshot(Given.Rule)).Stopped.Should().Be("stepRemoved");
        Take(Given.Snapshot(rule), "2-0").Stopped.Should().Be("stepRemoved");
        var first = Given.Action(Given.Account("zhangsan")) with { Otherwise = new() { ServiceId = "s1", MessageId = "m1", Receivers = [Given.Bot("Line 1")] } };
        var moved = rule with { Actions = [first with { Key = "2-0" }, rule.Actions[0] with { Key = "1-0" }] };
        Take(Given.Snapshot(moved)).Notifications.Select(x => (x.Action, x.Receivers[0])).Should()
            .BeEquivalentTo([(1, Given.Account("lisi")), (1, Given.Bot("Line 2"))]);
        Take(Given.Snapshot(moved), "2-0").Notifications.Select(x => (x.Action, x.Receivers[0])).Should().Equal((0, Given.Bot("Line 1")));
        Take(Given.Plant([Given.Enabled("r0", "Rule 0", rule) with { Enabled = false }])).Stopped.Should().Be("ruleDisabled");
    }
}
