using System.Text.Json.Nodes;
using Notify.Testing;

namespace Notify.Rules.Tests.Rest;

public sealed class ExplainRulesTests(ConfiguredHost configured) : IClassFixture<ConfiguredHost>
{
    private readonly NotifyHost host = configured.Host;
    private readonly Example example = configured.Example;

    [Fact]
    public async Task every_rule_says_whether_why_when_to_whom_and_what_and_nothing_is_sent()
    {
        var answer = await host.PostAsync("rules/explain",
            new { alarm = new { name = "Overpressure", path = "Site1/Line1", level = "Critical", value = "9.7" }, at = "2026-10-01T00:00:00Z" });

        answer["at"]!.GetValue<DateTimeOffset>().Should().Be(new DateTimeOffset(2026, 10, 1, 0, 0, 0, TimeSpan.Zero));
        answer["alarm"]!["eventTime"]!.GetValue<DateTimeOffset>().Should().Be(answer["at"]!.GetValue<DateTimeOffset>(), "it is received then");
        var rule = answer["rules"]!.AsArray().Single(x => (string)x!["rule"]!["id"]! == example.RuleId)!;
        rule["matched"]!.GetValue<bool>().Should().BeTrue();
        rule["conditions"]!.AsArray().Select(x => ((string)x!["name"]!, (bool)x["passed"]!)).Should()
            .Equal(("enabled", true), ("state", true), ("shelved", true));
        var action = rule["actions"]!.AsArray().Single()!;
        action["scheduleState"]!["open"]!.GetValue<bool>().Should().BeTrue();
        action["content"]!["text"]!.GetValue<string>().Should().Be("Critical Overpressure ActiveUnacked Site1/Line1 9.7");
        action["receivers"]!.AsArray().Select(x => x!["receivers"]!.AsArray().Count).Should().Equal(1, 1, 2);
        host.WeCom.Received.Should().BeEmpty();
    }

    [Fact]
    public async Task one_rule_explains_a_shelved_alarm()
    {
        var answer = await host.PostAsync($"rules/{example.RuleId}/explain", new { alarm = new { name = "Overpressure", shelved = true } });

        var rule = answer["rules"]!.AsArray().Single()!;
        rule["matched"]!.GetValue<bool>().Should().BeFalse();
        var failed = rule["conditions"]!.AsArray().Single(x => !(bool)x!["passed"]!)!;
        ((string)failed["name"]!, (string)failed["expected"]!, (string)failed["actual"]!).Should().Be(("shelved", "not shelved", "shelved"));
        rule["actions"]![0]!["receivers"]![0]!["suppressed"]!.GetValue<string>().Should().Be("shelved");
    }

    [Fact]
    public async Task a_draft_is_tried_before_it_is_kept()
    {
        var stored = await host.GetAsync($"rules/{example.RuleId}");
        stored["criteria"]!["levels"] = new JsonArray("Low");

        var answer = await host.PostAsync("rules/explain", new { alarm = new { name = "Overpressure", level = "Critical" }, rule = stored });

        var rule = answer["rules"]!.AsArray().Single()!;
        rule["matched"]!.GetValue<bool>().Should().BeFalse();
        rule["conditions"]!.AsArray().Single(x => !(bool)x!["passed"]!)!["name"]!.GetValue<string>().Should().Be("level");
        (await host.GetAsync($"rules/{example.RuleId}"))["version"]!.GetValue<int>().Should().Be(1);
    }

    [Fact]
    public async Task without_an_alarm_an_example_is_explained() =>
        (await host.PostAsync("rules/explain", new { }))["alarm"]!["name"]!.GetValue<string>().Should().Be("Sample alarm");

    [Fact]
    public async Task faults_are_named_by_their_path()
    {
        (await Refusal.OfPostAsync(host, "rules/explain", new { at = "tomorrow" })).Paths.Should().Equal("at");
        (await Refusal.OfPostAsync(host, "rules/explain", new { alarm = new { name = "x", state = "Broken" } })).Paths.Should().Equal("alarm.state");
        var misspelt = await Refusal.OfPostAsync(host, "rules/explain", new { alarm = new { name = "x", leval = "Critical" } });
        (misspelt.Status, misspelt.FirstMessage("alarm.leval")).Should().Be((400, "There is no field 'leval'. Did you mean 'level'?"));
        var read = new { id = "alarm-1", name = "x", version = 3, shelvedUntil = "2026-10-01T00:00:00Z", shelved = true, startTime = (string?)null };
        var explained = await host.PostAsync("rules/explain", new { alarm = read });
        explained["alarm"]!["labels"]!.AsObject().Should().BeEmpty("what a read gives is passed over");
        (await Refusal.OfPostAsync(host, "rules/explain", new { alarmId = "alarm-none" })).Paths.Should().Equal("alarmId");
        (await Refusal.OfPostAsync(
            host, "rules/explain", new { rule = new { criteria = new { states = Array.Empty<string>() }, actions = Array.Empty<object>() } }))
            .Paths.Should().Equal("rule.actions", "rule.criteria.states");
        (await Refusal.OfPostAsync(host, "rules/rule-none/explain", new { })).Status.Should().Be(404);
    }
}
