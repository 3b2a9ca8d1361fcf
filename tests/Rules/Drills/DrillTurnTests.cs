using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Notify.Peers.WeCom;
using Notify.Testing;

namespace Notify.Rules.Tests.Drills;

/// <summary>A drill takes its turn on the lane of the robot: after the alarms, at the platform's pace; and it says why nothing was sent.</summary>
public sealed class DrillTurnTests : IAsyncLifetime
{
    private readonly MovedClock clock = new();
    private NotifyHost host = null!;
    private Example example = null!;

    public async Task InitializeAsync()
    {
        host = await NotifyHost.StartAsync(replace: services => services.Replace(ServiceDescriptor.Singleton<TimeProvider>(clock)));
        example = await Example.MakeAsync(host, [new { kind = "bot", alias = "Line 1" }]);
        var rule = await host.GetAsync($"rules/{example.RuleId}");
        rule["criteria"]!["paths"] = new JsonArray("Site1/**");
        (await host.SendAsync("PUT", $"rules/{example.RuleId}", rule, "If-Match", "*")).Status.Should().Be(200);
        host.WeCom.AddRobot(Example.RobotKey, "Line 1");
    }

    public async Task DisposeAsync() => await host.DisposeAsync();

    private async Task<string> MakeAsync(object? receiver = null) => (string)(await host.PostAsync("drills", new
    {
        name = "Line 1",
        serviceId = example.ServiceId,
        messageId = example.MessageId,
        receivers = new[] { receiver ?? new { kind = "bot", alias = "Line 1" } },
        at = new { everyHours = 744 },
        provenEveryHours = 744,
    }))["id"]!;

    private Task<JsonObject> RunAsync(string drill) => host.PostAsync($"drills/{drill}/run", new { });

    private static (string? State, string? Outcome, string? Code) Of(JsonObject run) =>
        ((string?)run["state"], (string?)run["receivers"]![0]!["outcome"], (string?)run["receivers"]![0]!["platformCode"]);

    private Task<JsonObject> AlarmAsync(string name) => host.PostAsync("alarms", new { alarms = new[] { new { name, path = "Site1", level = "High" } } });

    private List<string> Texts => [.. host.WeCom.Received.Where(x => x.RobotKey == Example.RobotKey).Select(x => x.Text)];

    private Task<JsonObject> WaitingAsync(int count) => Eventually.GetAsync(
        () => host.GetAsync("notifications?status=Scheduled"), x => x["items"]!.AsArray().Count == count);

    [Fact]
    public async Task what_the_pace_keeps_for_alarms_is_not_taken_and_when_there_is_room_it_is_sent()
    {
        var drill = await MakeAsync();
        // A quarter of the twenty in a minute is kept for alarms.
        await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => host.PostAsync(
            $"services/{example.ServiceId}/test", new { receivers = new[] { new { kind = "bot", alias = "Line 1" } }, text = "Test" })));

        var run = await RunAsync(drill);

        Of(run).Should().Be(("failed", "notSent", null));
        ((string?)run["receivers"]![0]!["platformMessage"]).Should().StartWith("The limit per minute is reached");
        Texts.Should().OnlyContain(x => x == "Test");

        var waits = RunAsync(drill);
        await Eventually.GetAsync(() => host.GetAsync($"drills/{drill}/runs"), x => x["items"]!.AsArray().Any(r => (string?)r!["state"] == "sending"));
        waits.IsCompleted.Should().BeFalse("it waits for its turn");
        clock.Advance(TimeSpan.FromSeconds(62));
        Of(await waits).Should().Be(("proven", "delivered", "0"));
    }

    [Fact]
    public async Task it_goes_after_the_alarms_that_wait_for_the_lane()
    {
        var drill = await MakeAsync();
        await AlarmAsync("First");
        await Eventually.GetAsync(() => Task.FromResult(Texts), x => x.Count == 1);
        await host.LoseLanesAsync();
        await AlarmAsync("Second");
        await WaitingAsync(1);

        var run = await RunAsync(drill);

        Of(run).Should().Be(("failed", "notSent", null));
        ((string?)run["receivers"]![0]!["platformMessage"]).Should().Be("Nothing was sent: alarms were still waiting for the same lane.");
        var waits = RunAsync(drill);
        await host.RegainLanesAsync();
        Of(await waits).Should().Be(("proven", "delivered", "0"));
        Texts.Should().HaveCount(3).And.ContainSingle(x => x.StartsWith("[演练] [Drill]")).And.ContainSingle(x => x.Contains("Second"));
        var began = await LastAsync("delivery.attempt_started.v1", 2);
        (await LastAsync("delivery.test_requested.v1", 2)).Should().BeGreaterThan(began, "the alarm was under way before");

        async Task<long> LastAsync(string type, int count) => (await Eventually.GetAsync(
            () => host.GetAsync($"audit?type={type}"), x => x["items"]!.AsArray().Count == count))["items"]!.AsArray().Max(x => (long)x!["sequence"]!);
    }

    [Fact]
    public async Task on_a_blocked_lane_it_fails_with_the_platforms_reason_and_does_not_wait_for_what_is_held()
    {
        var drill = await MakeAsync();
        host.WeCom.RemoveRobot(Example.RobotKey);
        await AlarmAsync("Held");
        await Eventually.GetAsync(() => host.GetAsync("notifications"), x => x["items"]!.AsArray() is [{ } only] && only["held"] is not null);

        Of(await RunAsync(drill)).Should().Be(("failed", "failed", "93000"));

        host.WeCom.RestoreRobot(Example.RobotKey);
        Of(await RunAsync(drill)).Should().Be(("proven", "delivered", "0"));
        await Eventually.GetAsync(() => Task.FromResult(Texts), x => x.Any(t => t.Contains("Held")));
    }

    [Fact]
    public async Task a_person_who_is_disabled_is_told_nothing_and_the_run_says_so()
    {
        var person = await host.PostAsync("users", new { userName = "zhang.san", name = "Zhang San", wecomAccount = "zhangsan", signIn = "none" });
        var drill = await MakeAsync(new { kind = "user", account = (string)person["id"]! });
        Of(await RunAsync(drill)).Should().Be(("proven", "delivered", "0"));
        (await host.SendAsync("POST", $"users/{person["id"]}/disable", null, "If-Match", "*")).Status.Should().Be(200);

        var run = await RunAsync(drill);

        Of(run).Should().Be(("failed", "notSent", null));
        ((string?)run["receivers"]![0]!["platformMessage"]).Should().Be("The person is disabled.");
    }

    [Fact]
    public async Task during_an_outage_of_the_platform_the_run_fails_and_says_why()
    {
        var drill = await MakeAsync();
        host.WeCom.AddFault(new Fault(FaultKind.HttpStatus) { Robot = Example.RobotKey, Code = 503, Count = 1 });

        var run = await RunAsync(drill);

        ((string?)run["state"]).Should().Be("failed");
        ((string?)run["receivers"]![0]!["platformMessage"]).Should().NotBeNullOrEmpty();
    }
}
