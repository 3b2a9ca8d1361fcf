using Notify.Channels;
using Notify.Contracts.Alarms;
using Notify.Contracts.Rules;
using Notify.Rules.Deciding;
using Notify.Rules.Schedules;
using Notify.Rules.WhatIf;

namespace Notify.Rules.Tests.WhatIf;

/// <summary>What a change would have changed, without a store: the same alarms, decided by two configurations.</summary>
public class ForesightTests
{
    private static readonly RuleSnapshot now = Given.Plant();

    [Fact]
    public void where_nothing_differs_nothing_is_said()
    {
        var effect = Foreseen(now, Given.Plant());
        (effect.AlarmChanges, effect.Different, effect.Receivers.Count, effect.Examples.Count).Should().Be((3, 0, 0, 0));
    }

    [Fact]
    public void who_is_told_of_less_is_named_with_how_much_and_of_what()
    {
        var effect = Foreseen(now, Given.Snapshot(Given.Rule.With(x => x with { Levels = [AlarmLevel.Critical] })));
        effect.Different.Should().Be(2);
        effect.Receivers.Should().ContainSingle().Which.Should()
            .BeEquivalentTo(new { Receiver = Given.Bot("Line 1"), Now = 3, Proposed = 1, OtherTexts = 0 });
        effect.Examples.Select(x => (x.Level, x.Now.Count, x.Proposed.Count)).Should().Equal((AlarmLevel.High, 1, 0), (AlarmLevel.Low, 1, 0));
        effect.Examples[0].Now[0].Should().BeEquivalentTo(new { Rule = "Rule 0", AfterMinutes = (int?)null, Text = "Overpressure is High" });
    }

    [Fact]
    public void another_text_for_the_same_receiver_is_told_apart_from_more_and_less()
    {
        var effect = Foreseen(now, Given.Plant(message: Given.Enabled("m1", "Short", Given.Text with { Content = "{name}: {level}" })));
        effect.Receivers.Should().ContainSingle().Which.Should().BeEquivalentTo(new { Now = 3, Proposed = 3, OtherTexts = 3 });
        (effect.Examples[0].Now[0].Text, effect.Examples[0].Proposed[0].Text).Should().Be(("Overpressure is Critical", "Overpressure: Critical"));
    }

    [Fact]
    public void two_rules_that_tell_one_receiver_the_same_are_two_tellings()
    {
        var effect = Foreseen(Given.Snapshot(Given.Rule, Given.Rule), now);
        effect.Receivers.Should().ContainSingle().Which.Should().BeEquivalentTo(new { Now = 6, Proposed = 3, OtherTexts = 0 });
        effect.Examples[0].Now.Select(x => x.Rule).Should().Equal("Rule 1");
    }

    [Fact]
    public void what_comes_later_counts_by_how_much_later()
    {
        var effect = Foreseen(Later(15), Later(30));
        effect.Different.Should().Be(3);
        (effect.Examples[0].Now[0].AfterMinutes, effect.Examples[0].Proposed[0].AfterMinutes).Should().Be((15, 30));

        static RuleSnapshot Later(int minutes) => Given.Snapshot(Given.Rule with
        {
            Actions = [Given.Action(Given.Bot("Line 1")) with { After = new() { Minutes = minutes, Unless = StepEnd.Acknowledged } }],
        });
    }

    [Fact]
    public void a_reminder_or_an_escalation_counts_only_if_it_would_tell_somebody_when_it_is_due()
    {
        var disabled = Given.Service with { Enabled = false };
        RuleSettings reminded = Given.Rule with { Actions = [Given.Action(Given.Bot("Line 1")) with { Repeat = new() { EveryMinutes = 30 } }] };
        var effect = Foreseen(Of(reminded), Of(reminded, service: disabled));
        effect.Receivers.Should().ContainSingle().Which.Should().BeEquivalentTo(new { Now = 3 + 3, Proposed = 0, OtherTexts = 0 });
        effect.Examples[0].Now.Select(x => (x.Kind, x.AfterMinutes, x.Text)).Should().Equal(
            (null, null, "Overpressure is Critical"), (StepKind.Reminder, 30, "【提醒 Reminder 1】Overpressure is Critical"));

        RuleSettings escalated = Given.Rule with { Actions = [Given.Action(Given.Bot("Line 1")) with { After = new() { Minutes = 15 } }] };
        effect = Foreseen(Of(escalated), Of(escalated, schedule: Given.Always with { Start = "2027-01-01" }));
        effect.Different.Should().Be(3);
        effect.Receivers.Should().ContainSingle().Which.Should().BeEquivalentTo(new { Now = 3, Proposed = 0, OtherTexts = 0 });
        Foreseen(Of(escalated, service: disabled), Of(escalated, service: disabled, schedule: Given.OfficeHours)).Different.Should().Be(0);
    }

    [Fact]
    public void what_a_schedule_holds_back_for_a_digest_is_told_when_it_opens()
    {
        RuleSettings digest = Given.Rule with { Actions = [Given.Action(Given.Bot("Line 1")) with { Digest = true }] };
        var opens = Given.Always with { Start = "2026-10-01" };
        var effect = Foreseen(Of(digest), Of(digest, schedule: opens));
        effect.Different.Should().Be(3);
        effect.Receivers.Should().ContainSingle().Which.Should().BeEquivalentTo(new { Now = 3, Proposed = 3, OtherTexts = 0 });
        var telling = effect.Examples[0].Proposed.Should().ContainSingle().Subject;
        (telling.Kind, telling.IsDigest, telling.AfterMinutes, telling.Text).Should().Be((null, true, 12 * 60, null));

        RuleSettings later = Given.Rule with { Actions = [digest.Actions[0] with { After = new() { Minutes = 15 } }] };
        telling = Foreseen(Of(later), Of(later, schedule: opens)).Examples[0].Proposed.Should().ContainSingle().Subject;
        (telling.Kind, telling.IsDigest, telling.AfterMinutes).Should().Be((StepKind.Escalation, true, 12 * 60));
    }

    private static RuleSnapshot Of(RuleSettings rule, ConfiguredService? service = null, ScheduleSettings? schedule = null) => Given.Plant(
        [Given.Enabled("r0", "Rule 0", rule)], service: service, schedule: Given.Enabled("c1", "Default", schedule ?? Given.Always));

    [Fact]
    public void another_way_counts_once_for_each_action_that_may_need_it_and_says_so()
    {
        var effect = Foreseen(WithOtherWay(null), WithOtherWay(10));
        effect.Different.Should().Be(3);
        effect.Receivers.Should().ContainSingle().Which.Should().BeEquivalentTo(new { Receiver = Given.Account("zhangsan"), Now = 0, Proposed = 3 });
        effect.Examples[0].Now.Should().BeEmpty();
        var telling = effect.Examples[0].Proposed.Should().ContainSingle().Subject;
        (telling.Kind, telling.AfterMinutes).Should().Be((StepKind.Otherwise, 10));
        telling.Text.Should().Contain("Overpressure is Critical");
    }

    [Fact]
    public void the_other_way_of_an_escalation_comes_after_it()
    {
        var effect = Foreseen(WithOtherWay(10, escalateAfter: 15), WithOtherWay(20, escalateAfter: 15));
        effect.Receivers.Should().ContainSingle().Which.Should().BeEquivalentTo(new { Receiver = Given.Account("zhangsan"), Now = 3, Proposed = 3 });
        (effect.Examples[0].Now.Single().AfterMinutes, effect.Examples[0].Proposed.Single().AfterMinutes).Should().Be((25, 35));
    }

    private static RuleSnapshot WithOtherWay(int? minutes, int? escalateAfter = null) => Given.Snapshot(Given.Rule with
    {
        Actions =
        [
            Given.Action(Given.Bot("Line 1"), Given.Bot("Line 2")) with
            {
                After = escalateAfter is { } later ? new() { Minutes = later, Unless = StepEnd.Acknowledged } : null,
                Otherwise = minutes is { } after
                    ? new() { ServiceId = "s1", MessageId = "m1", Receivers = [Given.Account("zhangsan")], AfterMinutes = after } : null,
            },
        ],
    });

    [Fact]
    public void a_schedule_that_is_closed_tells_nobody()
    {
        var effect = Foreseen(now, Given.Plant(schedule: Given.Enabled("c1", "Default", Given.Always with { Start = "2027-01-01" })));
        effect.Receivers.Should().ContainSingle().Which.Should().BeEquivalentTo(new { Now = 3, Proposed = 0, OtherTexts = 0 });
    }

    [Fact]
    public void it_says_no_more_than_fits_on_a_page()
    {
        var receivers = Enumerable.Range(0, 150).Select(x => Given.Account($"person{x}")).ToArray();
        var service = Given.Service with { Routes = Given.Routes(["Line 1"], [.. receivers.Select(x => x.Account!)]) };
        var told = Given.Plant([Given.Enabled("r0", "Rule 0", Given.Rule with { Actions = [Given.Action(receivers)] })],
            message: Given.Enabled("m1", "Long", Given.Text with { Content = new string('长', 400) }), service: service);
        var effect = Foreseen(Given.Plant([], service: service), told, times: 30);
        (effect.Different, effect.Receivers.Count, effect.Examples.Count).Should().Be((30, 100, 20));
        effect.Examples[0].Proposed.Should().HaveCount(5).And.OnlyContain(x => x.Text == new string('长', 300) + "…");
    }

    private static ForeseenEffect Foreseen(RuleSnapshot before, RuleSnapshot after, int times = 3)
    {
        var foresight = new Foresight(before, after);
        var levels = new[] { AlarmLevel.Critical, AlarmLevel.High, AlarmLevel.Low };
        for (var i = 0; i < times; i++) foresight.Add($"alarm-{i}", Given.Alarm with { Level = levels[i % 3] }, Given.Noon);
        return foresight.Effect(Given.Noon, Given.Noon, complete: true);
    }
}
