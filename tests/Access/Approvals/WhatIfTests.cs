using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Notify.Contracts.Rules;
using Notify.Testing;
using Wolverine;

namespace Notify.Access.Tests.Approvals;

/// <summary>A proposal says what it would have changed for the alarms of the last 30 days; whoever signs it signs that, too.</summary>
public sealed class WhatIfTests(WhatIfTests.AlarmedHost shared) : IClassFixture<WhatIfTests.AlarmedHost>
{
    private readonly NotifyHost host = shared.Host;
    private readonly Example example = shared.Example;

    /// <summary>On which three alarms were told, and then approval became necessary: all is proposed and nothing approved.</summary>
    public sealed class AlarmedHost : SharedHost
    {
        public Example Example { get; private set; } = null!;

        public override async Task InitializeAsync()
        {
            await base.InitializeAsync();
            Example = await Example.MakeAsync(Host, [new { kind = "bot", alias = "Line 1" }, new { kind = "account", account = "zhangsan" }]);
            await Host.PostAsync("alarms", new
            {
                alarms = new[]
                {
                    new { name = "Pump", path = "Site1/Pump", level = "Critical" }, new { name = "Fan", path = "Site1/Fan", level = "High" },
                    new { name = "Door", path = "Site2/Door", level = "Low" },
                },
            });
            await Eventually.GetAsync(() => Host.GetAsync("notifications?status=Delivered"), x => x["items"]!.AsArray().Count == 6);
            (await Host.SendAsync(
                "PUT", "approval-policy", new { kinds = new[] { "rule", "message", "schedule", "service", "role" } }, "If-Match", "\"0\"")).Status.Should().Be(200);
        }
    }

    [Fact]
    public async Task of_a_rule_it_says_who_would_have_been_told_less_and_of_what()
    {
        var whatIf = await ProposeAsync($"rules/{example.RuleId}", x => x["criteria"]!["levels"] = new JsonArray("Critical"));
        ((bool)whatIf["complete"]!, (int)whatIf["alarmChanges"]!, (int)whatIf["different"]!).Should().Be((true, 3, 2));
        whatIf["receivers"]!.AsArray().Select(x => $"{x!["receiver"]!["alias"] ?? x["receiver"]!["account"]} {x["now"]} → {x["proposed"]}")
            .Should().BeEquivalentTo("Line 1 3 → 1", "zhangsan 3 → 1");
        var latest = whatIf["examples"]![0]!;
        ((string?)latest["alarmName"], latest["now"]!.AsArray().Count, latest["proposed"]!.AsArray().Count).Should().Be(("Door", 2, 0));
        ((string?)latest["now"]![0]!["text"]).Should().StartWith("Low Door");
        var days = (whatIf["to"]!.GetValue<DateTimeOffset>() - whatIf["from"]!.GetValue<DateTimeOffset>()).TotalDays;
        days.Should().Be(30);
    }

    [Fact]
    public async Task of_switching_off_or_a_new_rule_too()
    {
        var off = await host.SendAsync("POST", $"rules/{example.RuleId}/disable", null, "If-Match", "*");
        Sums(off.Body["whatIf"]!).Should().Be((6, 0, 0));
        var rule = await host.GetAsync($"rules/{example.RuleId}");
        rule["name"] = "One more";
        var created = await host.SendAsync("POST", "rules", rule);
        created.Status.Should().Be(202, created.Text);
        Sums(created.Body["whatIf"]!).Should().Be((6, 12, 0));
        // What is based on nothing of theirs would have changed nothing.
        Sums(await ProposeAsync($"rules/{example.RuleId}", x => x["description"] = "Another")).Should().Be((0, 0, 0));
    }

    [Fact]
    public async Task of_a_message_it_says_which_texts_would_have_been_others()
    {
        var whatIf = await ProposeAsync($"messages/{example.MessageId}", x => x["content"] = "{name}!");
        Sums(whatIf).Should().Be((6, 6, 6));
        var texts = whatIf["examples"]![0]!;
        ((string?)texts["proposed"]![0]!["text"]).Should().Be("Door!");
    }

    [Fact]
    public async Task of_a_schedule_and_a_service_too()
    {
        var closed = await ProposeAsync($"schedules/{example.ScheduleId}", x => x["start"] = "2035-01-01");
        Sums(closed).Should().Be((6, 0, 0));
        var renamed = await ProposeAsync($"services/{example.ServiceId}", x => x["name"] = "Other");
        Sums(renamed).Should().Be((0, 0, 0));
        var disabled = await host.SendAsync("POST", $"services/{example.ServiceId}/disable?confirm=1", null, "If-Match", "*");
        disabled.Status.Should().Be(202, disabled.Text);
        Sums(disabled.Body["whatIf"]!).Should().Be((6, 0, 0));
    }

    [Fact]
    public async Task of_what_no_rule_uses_it_says_that_no_alarm_would_have_been_told_differently()
    {
        var schedule = await host.GetAsync($"schedules/{example.ScheduleId}");
        schedule["name"] = "Used by nobody";
        var created = await host.SendAsync("POST", "schedules", schedule);
        created.Status.Should().Be(202, created.Text);
        var whatIf = created.Body["whatIf"]!;
        ((bool)whatIf["complete"]!, (int)whatIf["alarmChanges"]!, (int)whatIf["different"]!).Should().Be((true, 3, 0));
        Sums(whatIf).Should().Be((0, 0, 0));
        (whatIf["to"]!.GetValue<DateTimeOffset>() - whatIf["from"]!.GetValue<DateTimeOffset>()).TotalDays.Should().Be(30);
    }

    [Fact]
    public async Task of_anything_else_it_says_nothing_and_neither_does_a_list()
    {
        var before = await ProposalsAsync();
        var role = await host.SendAsync("POST", "roles", new { name = "reader", permissions = new[] { "alarms.read" } });
        (role.Status, role.Body.ContainsKey("whatIf")).Should().Be((202, false), role.Text);
        await ProposeAsync($"messages/{example.MessageId}", x => x["content"] = "{name}!");
        var proposals = await ProposalsAsync();
        proposals.Should().HaveCount(before.Count + 2).And.NotContain(x => x.ContainsKey("whatIf"));

        Task<List<JsonObject>> ProposalsAsync() => host.Client.GetAllFromAsync("proposals");
    }

    [Fact]
    public async Task whoever_is_limited_to_paths_is_not_shown_it()
    {
        using var limited = await host.ClientOfKeyAsync(new { name = "Site 1", roles = new[] { "administrator" }, paths = new[] { "Site1/**" } });
        var message = await host.GetAsync($"messages/{example.MessageId}");
        message["content"] = "{name}!";
        var proposed = await limited.SendToAsync("PUT", $"messages/{example.MessageId}", message, "If-Match", "*");
        (proposed.Status, proposed.Body.ContainsKey("whatIf")).Should().Be((202, false), proposed.Text);
        (await limited.GetFromAsync($"proposals/{proposed.Id}")).ContainsKey("whatIf").Should().BeFalse();
        // Who may see all sees what it would have changed for all.
        Sums((await host.GetAsync($"proposals/{proposed.Id}"))["whatIf"]!).Should().Be((6, 6, 6));
    }

    [Fact]
    public async Task it_ends_where_enough_was_looked_at_and_says_from_when_on()
    {
        await using var scope = host.Services.CreateAsyncScope();
        var bus = scope.ServiceProvider.GetRequiredService<IMessageBus>();
        var now = TimeProvider.System.GetUtcNow();
        var effect = await EffectAsync(2, TimeSpan.FromMinutes(1));
        (effect.Complete, effect.AlarmChanges, effect.Different).Should().Be((false, 2, 2));
        effect.From.Should().BeAfter(now.AddMinutes(-5));
        (await EffectAsync(3, TimeSpan.FromMinutes(1))).AlarmChanges.Should().Be(3);
        (await EffectAsync(100, TimeSpan.Zero)).Should().Match<ForeseenEffect>(x => !x.Complete && x.AlarmChanges == 0 && x.From == x.To);
        // Also where nothing is compared, because no rule uses what changes.
        var unused = await EffectAsync(2, TimeSpan.FromMinutes(1), "nobodys-rule");
        (unused.Complete, unused.AlarmChanges, unused.Different).Should().Be((false, 2, 0));
        unused.From.Should().BeAfter(now.AddMinutes(-5));

        async Task<ForeseenEffect> EffectAsync(int most, TimeSpan within, string? rule = null) =>
            (await bus.InvokeAsync<ChangeForeseen>(new ForeseeChange(
                "rule", rule ?? example.RuleId, "rules.rule_deleted.v1", [], now.AddDays(-30), now.AddMinutes(1), most, within))).Effect!;
    }

    private async Task<JsonNode> ProposeAsync(string path, Action<JsonObject> change)
    {
        var resource = await host.GetAsync(path);
        change(resource);
        var proposed = await host.SendAsync("PUT", path, resource, "If-Match", "*");
        proposed.Status.Should().Be(202, proposed.Text);
        var read = await host.GetAsync($"proposals/{proposed.Id}");
        read["whatIf"]!.ToJsonString().Should().Be(proposed.Body["whatIf"]!.ToJsonString());
        return read["whatIf"]!;
    }

    /// <summary>Over all receivers with a difference.</summary>
    private static (int Now, int Proposed, int OtherTexts) Sums(JsonNode whatIf)
    {
        return (Sum("now"), Sum("proposed"), Sum("otherTexts"));

        int Sum(string figure) => whatIf["receivers"]!.AsArray().Sum(x => (int)x![figure]!);
    }
}
