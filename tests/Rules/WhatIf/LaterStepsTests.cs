using Notify.Contracts.Alarms;
using Notify.Contracts.Replays;
using Notify.Contracts.Rules;
using Notify.Kernel.Events;
using Notify.Rules.Deciding;
using Notify.Rules.WhatIf;
using Notify.Testing;

namespace Notify.Rules.Tests.WhatIf;

/// <summary>What follows when nobody reacts, without a database.</summary>
public class LaterStepsTests
{
    private static readonly DateTimeOffset until = Given.Noon.AddHours(2);
    private static readonly AlarmFacts acknowledged = Given.Alarm with { State = AlarmState.ActiveAcked, AckUser = "Li Si" };

    private static RuleAction Escalated(int minutes) => Given.Action(Given.Account("lisi")) with { After = new() { Minutes = minutes } };

    private static RuleAction Reminded(int minutes) =>
        Given.Action(Given.Bot("Line 1")) with { Repeat = new() { EveryMinutes = minutes, AtMost = 3 } };

    private static RuleSnapshot Plant(params RuleAction[] actions) =>
        Given.Snapshot((Given.Rule with { Actions = actions }).With(x => x with { States = [AlarmState.ActiveUnacked] }));

    private static WalkedChange Change(long version, int minute, AlarmFacts? alarm = null, params (string, string)[] kept) =>
        new(version, Given.Noon.AddMinutes(minute), alarm ?? Given.Alarm, kept.ToHashSet());

    private static IEnumerable<(long Planned, int Minute, StepKind Kind, int Number)> Walk(RuleSnapshot plant, params WalkedChange[] changes) =>
        from version in LaterSteps.Of(plant, "alarm-1", changes, until)
        from x in version
        select (version.Key, (int)(x.DueAt - Given.Noon).TotalMinutes, x.Kind, x.Number);

    [Fact]
    public void what_nobody_reacts_to_escalates_and_is_reminded_of_until_there_were_enough()
    {
        Walk(Plant(Escalated(15)), Change(1, 0)).Should().Equal((1, 15, StepKind.Escalation, 0));
        Walk(Plant(Reminded(30)), Change(1, 0)).Should()
            .Equal((1, 30, StepKind.Reminder, 1), (1, 60, StepKind.Reminder, 2), (1, 90, StepKind.Reminder, 3));
        var told = LaterSteps.Of(Plant(Escalated(15)), "alarm-1", [Change(1, 0)], until)[1].Single();
        (told.RuleId, told.RuleName, told.ServiceId).Should().Be(("r0", "Rule 0", "s1"));
        told.Receivers.Should().Equal(Given.Account("lisi"));
    }

    [Fact]
    public void whoever_acknowledges_before_it_is_due_stops_it_and_who_comes_later_does_not()
    {
        Walk(Plant(Escalated(15)), Change(1, 0), Change(2, 14, acknowledged)).Should().BeEmpty();
        Walk(Plant(Escalated(15)), Change(1, 0), Change(2, 16, acknowledged)).Should().HaveCount(1);
        Walk(Plant(Reminded(30)), Change(1, 0), Change(2, 45, acknowledged)).Should().Equal((1, 30, StepKind.Reminder, 1));
    }

    [Fact]
    public void the_end_of_a_silence_that_a_report_brings_along_is_no_change_of_its_own()
    {
        DescribedAlarmChange[] changes =
        [
            Described(1, 0, "reported"), Described(2, 1, "unshelved"), Described(3, 1, "reported"), Described(4, 2, "repeated", repeats: 3),
            Described(5, 3, "unshelved"), Described(6, 4, "reported"), Described(7, 5, "unshelved"),
        ];
        LaterSteps.Decided(changes).Select(x => x.Version).Should().Equal(1, 3, 5, 6, 7);

        static DescribedAlarmChange Described(long version, int minute, string kind, long? repeats = null) => new(
            "alarm-1", version, version, Guid.NewGuid(), kind, Given.Noon.AddMinutes(minute), $"request {minute}", Given.Alarm,
            repeats is { } of ? new(of, 1, null) : null);
    }

    [Fact]
    public void what_is_due_after_the_period_is_left_out() => Walk(Plant(Escalated(120)), Change(1, 0)).Should().BeEmpty();

    [Fact]
    public void a_step_that_waits_is_kept_when_the_alarm_changes_and_a_new_one_follows_after_it()
    {
        Walk(Plant(Escalated(15)), Change(1, 0), Change(2, 10)).Should().Equal((1, 15, StepKind.Escalation, 0));
        Walk(Plant(Escalated(15)), Change(1, 0), Change(2, 20)).Should()
            .Equal((1, 15, StepKind.Escalation, 0), (2, 35, StepKind.Escalation, 0));
        Walk(Plant(Escalated(15)), Change(1, 0, null, ("r0", "1-0"))).Should().BeEmpty("one from before the period waited");
    }

    [Fact]
    public void what_waited_before_the_period_waits_for_its_action_wherever_the_other_rules_have_it()
    {
        var then = Plant(Escalated(15), Escalated(60));
        var decision = new AlarmDecided("alarm-1", "", 1, 7, [], null)
        {
            Steps = [new("step-1", "r0", 1, 1, StepKind.Escalation, Given.Noon.AddMinutes(60))],
        };
        var tried = Plant(Escalated(60) with { Key = "1-1" }, Escalated(15) with { Key = "1-0" });

        var kept = LaterSteps.Kept(decision, Given.Alarm, then, Given.Noon);

        kept.Should().BeEquivalentTo([("r0", "1-0")]);
        Walk(tried, new WalkedChange(1, Given.Noon, Given.Alarm, kept)).Should().Equal((1, 60, StepKind.Escalation, 0));
    }

    [Fact]
    public void what_is_told_is_judged_by_the_schedule_when_it_is_due()
    {
        var plant = Given.Plant(
            [Given.Enabled("r0", "Rule 0", Given.Rule with { Actions = [Escalated(15)] })],
            schedule: Given.Enabled("c1", "Office", Given.OfficeHours));
        // Noon in UTC+8; the office closes at 17:30, five and a half hours later.
        var before = LaterSteps.Of(plant, "alarm-1", [Change(1, 5 * 60)], until.AddHours(10))[1].Single();
        var after = LaterSteps.Of(plant, "alarm-1", [Change(1, (5 * 60) + 20)], until.AddHours(10))[1].Single();

        (before.Receivers.Count, after.Receivers.Count).Should().Be((1, 0));
    }

    [Fact]
    public void what_was_performed_is_read_back_and_compared_by_receiver_rule_and_number()
    {
        var (then, tried) = (Plant(Reminded(30)), Plant(Reminded(45)));
        var decision = new AlarmDecided("alarm-1", "", 1, 7, [], null)
        {
            Steps = [new("step-1", "r0", 1, 0, StepKind.Reminder, Given.Noon.AddMinutes(30))],
        };
        StoredEvent Performed(int number, int? next) => new(
            "step-1", number + 1, Guid.NewGuid(), new StepPerformed(
                StepKind.Reminder, number, 1, 7, [new($"notification-{number}", "r0", 1, 0, [Given.Bot("Line 1")], null)],
                next is { } minute ? Given.Noon.AddMinutes(minute) : null), Given.Noon, null, number);
        var recorded = LaterSteps.OnRecord(
            decision, new[] { Performed(1, 60), Performed(2, 90), Performed(3, null) }.ToLookup(x => x.StreamId), then, until).ToList();

        IReadOnlyList<ComparedStep>? Compare(RuleSnapshot plant, ReplayFilter filter) => new DecisionComparison(then, plant, filter, TestChannels.All)
            .Compare(recorded, LaterSteps.Of(plant, "alarm-1", [Change(1, 0)], until)[1]);

        recorded.Select(x => x.Number).Should().Equal(1, 2, 3);
        Compare(then, new())!.Should().HaveCount(3).And.OnlyContain(x => x.Recorded == x.WouldBe);
        double? MinuteOf(DateTimeOffset? at) => (at - Given.Noon)?.TotalMinutes;
        Compare(tried, new())!.Select(x => (x.Receiver, x.Rule, x.Number, MinuteOf(x.Recorded), MinuteOf(x.WouldBe))).Should().Equal(
                ("bot:Line 1", "Rule 0", 1, 30, 45), ("bot:Line 1", "Rule 0", 2, 60, 90), ("bot:Line 1", "Rule 0", 3, 90, null));
        Compare(tried, new(Receiver: "lisi")).Should().BeNull();
        Compare(tried, new(RuleId: "r9")).Should().BeNull();
        Compare(Plant(Given.Action(Given.Bot("Line 1"))), new())!.Should().OnlyContain(x => x.Recorded != null && x.WouldBe == null);
    }
}
