using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Notify.Peers.WeCom;
using Notify.Testing;

namespace Notify.Audit.Tests.Replays;

/// <summary>Whom another way told, and would have told, by a what-if over REST: with the platform's answers as they are on record.</summary>
public sealed class WhatIfOtherWaysTests : IAsyncLifetime
{
    private readonly MovedClock clock = new();
    private NotifyHost host = null!;
    private Example example = null!;

    public async Task InitializeAsync()
    {
        host = await NotifyHost.StartAsync(replace: services => services.Replace(ServiceDescriptor.Singleton<TimeProvider>(clock)));
        example = await Example.MakeAsync(host, [new { kind = "bot", alias = "Line 1" }]);
        host.WeCom.AddRobot(Example.RobotKey, "Line 1");
        // What Notify itself raises about the blocked robot is told by nobody.
        var rule = await RuleAsync(null);
        rule["criteria"]!["paths"] = new JsonArray("Site1/**");
        (await host.SendAsync("PUT", $"rules/{example.RuleId}", rule, "If-Match", "*")).Status.Should().Be(200);
    }

    public async Task DisposeAsync() => await host.DisposeAsync();

    private JsonObject Otherwise(int afterMinutes) => new()
    {
        ["serviceId"] = example.ServiceId,
        ["messageId"] = example.MessageId,
        ["receivers"] = new JsonArray(new JsonObject { ["kind"] = "bot", ["alias"] = "Line 2" }),
        ["afterMinutes"] = afterMinutes,
    };

    private async Task<JsonObject> RuleAsync(JsonObject? otherwise)
    {
        var rule = await host.GetAsync($"rules/{example.RuleId}");
        rule["actions"]![0]!["otherwise"] = otherwise;
        return rule;
    }

    private async Task<(JsonNode? Figures, List<JsonNode> Steps, string Id)> WhatIfAsync(JsonObject? otherwise)
    {
        var id = await host.ReplayAsync(
            "whatIf", new JsonObject { ["rules"] = new JsonArray(await RuleAsync(otherwise)), ["to"] = clock.GetUtcNow().ToString("O") });
        var result = (await host.WaitForReplayAsync(id))["result"]!.AsObject();
        var differences = JsonNode.Parse(await host.ReportAsync(id))!["differences"]!.AsArray();
        return (result["receivers"]!.AsArray().SingleOrDefault(x => (string?)x!["receiver"] == "bot:Line 2"),
            [.. differences.SelectMany(x => x!["steps"]?.AsArray() ?? []).Select(x => x!)], id);
    }

    private Task<JsonObject> NotificationsAsync(string receiver, string status, int count) => Eventually.GetAsync(
        () => host.GetAsync($"notifications?receiver={receiver}&status={status}"), x => x["items"]!.AsArray().Count == count);

    [Fact]
    public async Task what_failed_or_was_held_would_have_been_told_another_way_and_what_was_falls_away()
    {
        // The first fails for good, the second arrives, the third is held from then on.
        host.WeCom.AddFault(new Fault(FaultKind.ErrCode) { Robot = Example.RobotKey, Code = 44004, Count = 1 });
        await host.RaiseAsync("Failed");
        await NotificationsAsync("Line 1", "Failed", 1);
        await host.RaiseAsync("Arrived");
        await NotificationsAsync("Line 1", "Delivered", 1);
        host.WeCom.RemoveRobot(Example.RobotKey);
        await host.RaiseAsync("Held");
        await Eventually.GetAsync(
            () => host.GetAsync("notifications?receiver=Line 1&status=Scheduled"), x => x["items"]!.AsArray() is [{ } only] && only["held"] is not null);
        clock.Advance(TimeSpan.FromMinutes(20));

        (await WhatIfAsync(null)).Figures.Should().BeNull("no rule tells them");
        var (figures, steps, id) = await WhatIfAsync(Otherwise(10));
        steps.Select(x => (string?)x["why"]).Should().Equal("failed", "blocked");
        steps.Should().OnlyContain(
            x => (string)x["kind"]! == "otherwise" && (string)x["receiver"]! == "bot:Line 2" && x["recorded"] == null && x["wouldBe"] != null);
        ((string?)steps[1]["reason"]).Should().StartWith("93000 ");
        ((int)figures!["recordedSteps"]!, (int)figures["wouldBeSteps"]!, (int)figures["newly"]!).Should().Be((0, 2, 2));
        (await host.ReportAsync(id, "format=html&lang=en")).Should().Contain("bot:Line 2: another way (").And
            .Contain("because the notification failed (").And.Contain("because a blocked lane held the notification for too long (93000 ");
        (await host.ReportAsync(id, "format=html&lang=zh")).Should().Contain("bot:Line 2: 备用途径 (").And.Contain("因通道被阻塞，通知滞留过久：93000 ");
        (await WhatIfAsync(Otherwise(30))).Steps.Should().ContainSingle("it has not been held for so long").Which["why"]!.GetValue<string>().Should().Be("failed");

        // From now on the rule has one; what is held after that takes it.
        (await host.SendAsync("PUT", $"rules/{example.RuleId}", await RuleAsync(Otherwise(5)), "If-Match", "*")).Status.Should().Be(200);
        await host.RaiseAsync("Told another way");
        await Eventually.GetAsync(() => host.GetAsync("notifications?receiver=Line 1&status=Scheduled"), x => x["items"]!.AsArray().Count == 2);
        clock.Advance(TimeSpan.FromMinutes(10));
        await NotificationsAsync("Line 2", "Delivered", 1);

        var same = await WhatIfAsync(Otherwise(5));
        same.Steps.Should().HaveCount(2, "what was taken would be again").And.OnlyContain(x => x["recorded"] == null);
        ((int)same.Figures!["recordedSteps"]!, (int)same.Figures["wouldBeSteps"]!).Should().Be((1, 3));
        var without = await WhatIfAsync(null);
        var gone = without.Steps.Should().ContainSingle().Subject;
        ((string?)gone["why"], gone["recorded"] is null, gone["wouldBe"] is null).Should().Be(("blocked", false, true));
        ((int)without.Figures!["noLonger"]!).Should().Be(1);
    }
}
