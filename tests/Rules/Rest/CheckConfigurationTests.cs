using System.Text.Json.Nodes;
using Notify.Testing;

namespace Notify.Rules.Tests.Rest;

public sealed class CheckConfigurationTests(ConfiguredHost configured) : IClassFixture<ConfiguredHost>
{
    private readonly NotifyHost host = configured.Host;

    [Fact]
    public async Task the_whole_configuration_is_checked_and_each_path_of_a_rule_at_each_level()
    {
        var schedule = await host.PostAsync("schedules", new
        {
            name = "Only Mondays",
            kind = "standard",
            timeZone = "Etc/UTC",
            weekly = new { monday = new[] { new { from = "08:00:00", to = "09:00:00" } } },
        });
        var rule = (JsonObject)(await host.GetAsync($"rules/{configured.Example.RuleId}")).DeepClone();
        var action = (JsonObject)rule["actions"]![0]!.DeepClone();
        action["scheduleId"] = (string)schedule["id"]!;
        await host.PostAsync("rules", new
        {
            name = "Checked",
            criteria = new { states = new[] { "ActiveUnacked" }, paths = new[] { "Checked/**" } },
            actions = new[] { action },
        });
        await host.PostAsync("messages", new { name = "Forgotten", type = "wecom", format = "text", content = "x" });

        var answer = await host.GetAsync("configuration/check?days=7&path=Checked/**&level=High");

        answer["findings"]!.AsArray().Select(x => (string?)x!["text"]!["zh"]).Should().Equal(
            "没有任何演练：在报警发生之前，无法证实规则所用的通知服务可用。", "没有规则使用通知内容“Forgotten”。");
        ((int)answer["findingCount"]!, (int)answer["errorCount"]!, (int)answer["warningCount"]!).Should().Be((2, 0, 0), "these are only notes");
        var coverage = answer["coverage"]!.AsArray().Should().ContainSingle().Subject!;
        var isCoveredByExample = coverage["rules"]!.AsArray().Any(x => (string)x!["id"]! == configured.Example.RuleId);
        ((bool)coverage["covered"]!).Should().Be(isCoveredByExample);
        coverage["rules"]!.AsArray().Select(x => (string)x!["name"]!).Should().Contain("Checked");
        (await host.GetAsync("configuration/check"))["coverage"]!.AsArray().Select(x => (string)x!["path"]!).Should().Contain(["**", "Checked/**"]);

        // Whoever has drills is told which services they do not prove.
        var drill = await host.PostAsync("drills", new
        {
            name = "Line 1",
            serviceId = configured.Example.ServiceId,
            messageId = configured.Example.MessageId,
            receivers = new[] { new { kind = "bot", alias = "Line 1" } },
            at = new { everyHours = 744 },
            provenEveryHours = 744,
        });
        (await KindsAsync()).Should().Equal("unused");
        (await host.SendAsync("POST", $"drills/{drill["id"]}/disable", null, "If-Match", "*")).Status.Should().Be(200);
        (await KindsAsync()).Should().Equal("notProven", "unused");
        (await host.SendAsync("DELETE", $"drills/{drill["id"]}", null, "If-Match", "*")).Status.Should().Be(204);

        async Task<IEnumerable<string?>> KindsAsync() =>
            (await host.GetAsync("configuration/check"))["findings"]!.AsArray().Select(x => (string?)x!["kind"]);
    }

    [Theory]
    [InlineData("days=0", "days")]
    [InlineData("days=367", "days")]
    [InlineData("path=a/x*", "path")]
    [InlineData("level=Severe", "level")]
    public async Task what_is_asked_wrongly_is_named(string query, string field)
    {
        var answer = await host.SendAsync("GET", $"configuration/check?{query}");
        answer.Status.Should().Be(400);
        answer.Faults.Should().Equal(field);
    }
}
