using System.Text.Json.Nodes;
using Notify.Peers.WeCom;
using Notify.Testing;

namespace Notify.Delivery.Tests.Notifications;

/// <summary>However an alarm is told (by itself, listed with others, in a digest, after a refusal), it is the same clock, the same language, and the
/// same people are called.</summary>
public sealed class OneWayOfWritingTests : IAsyncLifetime
{
    private const string At = "2026-09-30T04:00:00Z";
    private NotifyHost host = null!;
    private Example example = null!;
    private string messageId = "";

    public async Task InitializeAsync()
    {
        host = await NotifyHost.StartAsync();
        example = await Example.MakeAsync(host, [new { kind = "bot", alias = "Line 2" }]);
        var message = await host.PostAsync("messages", new
        {
            type = "wecom",
            name = "On call",
            language = "zh",
            format = "markdown",
            content = "**{name}** {level} {state} {eventTime} <@{labels[\"值班 人\"]}> [看板]({labels.board})",
            mentions = new { accounts = new[] { "{labels.owner}" } },
        });
        messageId = (string)message["id"]!;
    }

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public async Task by_itself_listed_with_others_in_a_digest_and_after_a_refusal()
    {
        var (open, closed) = (await ScheduleAsync("Open", "2026-01-01"), await ScheduleAsync("Closed", "2029-01-01"));
        await RuleAsync("Now", "Site1/**", open, digest: false);
        await RuleAsync("Later", "Site2/**", closed, digest: true);

        await RaiseAsync("Site1", 1);
        var single = await HeardAsync(x => x.Contains("**Hot**", StringComparison.Ordinal));
        single.Should().Be("**Hot** 高 已触发、未确认 2026-09-30 12:00:00 +08:00 <@zhangsan> [看板](https://k.example/#/d?a=1&b_c=~x)\n<@lisi>");

        host.WeCom.AddFault(new Fault(FaultKind.ErrCode) { Robot = Example.RobotKey, Code = 82004, Count = 1 });
        await RaiseAsync("Site1/Refused", 1);
        var refused = await HeardAsync(x => x.Contains("/a/", StringComparison.Ordinal));
        refused.Should().StartWith("高 已触发、未确认  2026-09-30 12:00:00 +08:00\n").And.EndWith("\n<@zhangsan> @lisi");

        await RaiseAsync("Site1/Storm", 60);
        var merged = await HeardAsync(x => x.Contains("条报警", StringComparison.Ordinal));
        merged.Should().MatchRegex(@"^\d+ 条报警  2026-09-30 12:00:00 \+08:00\n高 已触发、未确认 Hot: Site1/Storm/").And.EndWith("\n<@zhangsan> @lisi");

        await RaiseAsync("Site2", 2);
        await Eventually.GetAsync(() => host.GetAsync("notifications?status=Suppressed"), x => x["items"]!.AsArray().Count == 2);
        closed["start"] = "2026-01-01";
        (await host.PutAsync($"schedules/{closed["id"]}", closed["version"]!.GetValue<long>(), closed)).Status.Should().Be(200);
        var digest = await HeardAsync(x => x.StartsWith("日程开放前", StringComparison.Ordinal));
        digest.Should().Be("日程开放前暂缓的通知\n2 条报警  2026-09-30 12:00:00 +08:00\n高 已触发、未确认 Hot: Site2/P0, P1\n<@zhangsan> @lisi");

        // Text calls by lists what markdown calls by name.
        host.WeCom.Received.Where(x => x.RobotKey == Example.RobotKey && x.Text != single && !x.Text!.StartsWith("**", StringComparison.Ordinal))
            .Should().NotBeEmpty().And.OnlyContain(x => x.Body.Contains("\"mentioned_list\":[\"lisi\"]", StringComparison.Ordinal));
    }

    [Fact]
    public async Task whom_an_alarm_does_not_name_is_on_record()
    {
        await RuleAsync("Now", "Site3/**", await ScheduleAsync("Always", "2026-01-01"), digest: false);
        await host.PostAsync(
            "alarms", new { alarms = new[] { new { name = "Hot", path = "Site3/P", eventTime = At, labels = new { owner = "@all" } } } });

        (await HeardAsync(x => x.StartsWith("**Hot**", StringComparison.Ordinal))).Should()
            .Be("**Hot** 中 已触发、未确认 2026-09-30 12:00:00 +08:00  [看板](./)");
        var sent = (await Eventually.GetAsync(
            () => host.GetAsync("notifications?receiver=Line 1&status=Delivered"), x => x["items"]!.AsArray().Count == 1))["items"]![0]!;
        sent["notMentioned"]!.AsArray().Select(x => ((string)x!["mention"]!, (string)x["why"]!, (string?)x["text"])).Should().Equal(
            ("{labels.owner}", "everyone", "@all"), ("<@{labels[\"值班 人\"]}>", "empty", null));
    }

    private async Task<string> HeardAsync(Func<string, bool> isIt) => (await Eventually.GetAsync(
        () => Task.FromResult(host.WeCom.Received.Where(x => x.RobotKey == Example.RobotKey).Select(x => x.Text!).FirstOrDefault(isIt)), x =>
        x is not null))!;

    private Task<JsonObject> RaiseAsync(string path, int count) => host.PostAsync("alarms", new
    {
        alarms = Enumerable.Range(0, count).Select(i => new
        {
            name = "Hot",
            path = $"{path}/P{i}",
            level = "High",
            eventTime = At,
            labels = new Dictionary<string, string> { ["值班 人"] = "zhangsan", ["owner"] = "lisi", ["board"] = "https://k.example/#/d?a=1&b_c=~x" },
        }),
    });

    private Task<JsonObject> ScheduleAsync(string name, string start) =>
        host.PostAsync("schedules", new { kind = "standard", name, timeZone = "Asia/Shanghai", start });

    private Task<JsonObject> RuleAsync(string name, string paths, JsonObject schedule, bool digest) => host.PostAsync("rules", new
    {
        name,
        criteria = new { states = new[] { "ActiveUnacked" }, paths = new[] { paths } },
        actions = new[]
        {
            new { type = "wecom", serviceId = example.ServiceId, messageId, scheduleId = (string)schedule["id"]!, digest,
                receivers = new[] { new { kind = "bot", alias = "Line 1" } } },
        },
    });
}
