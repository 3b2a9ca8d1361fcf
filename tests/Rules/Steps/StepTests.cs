using System.Globalization;
using Notify.Contracts.Alarms;
using Notify.Contracts.Rules;
using Notify.Rules.Deciding;

namespace Notify.Rules.Tests.Steps;

/// <summary>What is planned for later, and what becomes of it, without a database.</summary>
public class StepTests
{
    private static readonly RuleAction escalated =
        Given.Action(Given.Account("lisi")) with { After = new() { Minutes = 15, Unless = StepEnd.Acknowledged } };

    private static readonly RuleAction reminded =
        Given.Action(Given.Bot("Line 1")) with { Repeat = new() { EveryMinutes = 30, AtMost = 2, Until = StepEnd.Acknowledged } };

    private static readonly AlarmFacts acknowledged = Given.Alarm with { State = AlarmState.ActiveAcked, AckUser = "Li Si" };
    private static readonly AlarmFacts cleared = Given.Alarm with { State = AlarmState.ClearedUnacked };

    private static RuleSettings Rule(params RuleAction[] actions) => Given.Rule with { Actions = actions };

    /// <summary>For an alarm's beginning only.</summary>
    private static RuleSettings AtBeginning(params RuleAction[] actions) =>
        Rule(actions).With(x => x with { States = [AlarmState.ActiveUnacked] });

    private static WaitingStep Step(StepKind kind = StepKind.Escalation, int number = 0, string key = "1-0") =>
        new("step-1", 1, "alarm-1", "r0", 0, key, AlarmLevel.Critical, kind, number, Given.Noon);

    private static string? StopOf(RuleSettings rule, WaitingStep step, AlarmFacts alarm) => Given.Snapshot(rule).StopOf(step, alarm);

    [Fact]
    public void an_escalation_is_planned_and_tells_nobody_yet()
    {
        var decision = Given.Snapshot(Rule(Given.Action(Given.Bot("Line 1")), escalated)).Decide(Given.Alarm, Given.Noon);

        decision.Notifications.Select(x => x.Action).Should().Equal(0);
        decision.Steps.Should().Equal(new PlannedStep(new("r0", 1, "Rule 0"), 1, "1-1", StepKind.Escalation, Given.Noon.AddMinutes(15)));
        decision.Nobody.Should().BeNull();
    }

    [Fact]
    public void reminders_follow_a_notification_that_goes_out_at_once()
    {
        var decision = Given.Snapshot(Rule(reminded)).Decide(Given.Alarm, Given.Noon);

        decision.Notifications.Should().HaveCount(1);
        decision.Steps.Should().Equal(new PlannedStep(new("r0", 1, "Rule 0"), 0, "1-0", StepKind.Reminder, Given.Noon.AddMinutes(30)));
    }

    [Fact]
    public void nothing_is_planned_for_what_somebody_has_reacted_to()
    {
        var decision = Given.Snapshot(Rule(escalated)).Decide(acknowledged, Given.Noon);

        decision.Steps.Should().BeEmpty();
        decision.Nobody.Should().Be("notNeeded");
        Given.Snapshot(Rule(reminded)).Decide(acknowledged, Given.Noon).Steps.Should().BeEmpty();
    }

    [Fact]
    public void a_rule_that_tells_of_no_shelved_alarms_plans_nothing_for_one_and_says_why()
    {
        var decision = Given.Snapshot(Rule(escalated)).Decide(Given.Alarm with { Shelved = true }, Given.Noon);

        decision.Steps.Should().BeEmpty();
        decision.Notifications.Should().OnlyContain(x => x.Suppressed == Suppression.Shelved);
    }

    [Fact]
    public void whoever_acknowledges_or_clears_the_alarm_stops_its_steps()
    {
        StopOf(AtBeginning(escalated), Step(), Given.Alarm).Should().BeNull();
        StopOf(AtBeginning(escalated), Step(), acknowledged).Should().Be("acknowledged");
        StopOf(AtBeginning(escalated), Step(), cleared).Should().Be("cleared");
        StopOf(Rule(escalated), Step(), cleared).Should().BeNull("the rule is for alarms that are cleared and unacknowledged too");
        StopOf(AtBeginning(escalated), Step(), Given.Alarm with { Shelved = true }).Should().Be("shelved");
        StopOf(AtBeginning(escalated).With(x => x with { Shelved = true }), Step(), Given.Alarm with { Shelved = true }).Should().BeNull();
    }

    [Fact]
    public void a_step_that_waits_for_the_end_of_the_alarm_goes_on_after_the_acknowledgement()
    {
        var rule = AtBeginning(escalated with { After = new() { Minutes = 15, Unless = StepEnd.Cleared } });

        StopOf(rule, Step(), acknowledged).Should().BeNull();
        StopOf(rule, Step(), cleared).Should().Be("cleared");
        Given.Snapshot(rule).Perform(Step(), acknowledged, Given.Noon).Notifications.Should().HaveCount(1);
    }

    [Fact]
    public void a_step_that_is_due_tells_and_says_in_the_text_what_it_is()
    {
        var performed = Given.Snapshot(AtBeginning(escalated)).Perform(Step(), Given.Alarm, Given.Noon);

        performed.Stopped.Should().BeNull();
        performed.NextAt.Should().BeNull();
        performed.Notifications.Single().Content.Text.Should().Be("【升级 Escalation】Overpressure is Critical");
        performed.Notifications.Single().Receivers.Should().Equal(Given.Account("lisi"));
        var reminder = Given.Snapshot(AtBeginning(reminded)).Perform(Step(StepKind.Reminder, 2), Given.Alarm, Given.Noon);
        reminder.Notifications.Single().Content.Text.Should().StartWith("【提醒 Reminder 2】");
    }

    [Fact]
    public void reminders_come_in_their_interval_until_there_were_enough()
    {
        var snapshot = Given.Snapshot(AtBeginning(reminded));

        snapshot.Perform(Step(StepKind.Reminder, 1), Given.Alarm, Given.Noon.AddSeconds(3)).NextAt.Should().Be(Given.Noon.AddMinutes(30));
        snapshot.Perform(Step(StepKind.Reminder, 1), Given.Alarm, Given.Noon.AddHours(5)).NextAt.Should()
            .Be(Given.Noon.AddHours(5).AddMinutes(30), "what was missed while the process was down is not caught up on");
        snapshot.Perform(Step(StepKind.Reminder, 2), Given.Alarm, Given.Noon).NextAt.Should().BeNull();
    }

    [Fact]
    public void an_escalation_can_be_followed_by_reminders()
    {
        var both = escalated with { Repeat = reminded.Repeat };
        var performed = Given.Snapshot(AtBeginning(both)).Perform(Step(), Given.Alarm, Given.Noon);
        performed.NextAt.Should().Be(Given.Noon.AddMinutes(30));

        var after = WaitingStep.Apply(Step(), "step-1", new StepPerformed(StepKind.Escalation, 0, 1, 7, [], performed.NextAt));

        (after.Kind, after.Number, after.DueAt, after.Version).Should().Be((StepKind.Reminder, 1, performed.NextAt, 2));
    }

    [Fact]
    public void what_is_due_is_decided_by_the_configuration_as_it_is_then()
    {
        static string? Stopped(RuleSnapshot snapshot) => snapshot.Perform(Step(), Given.Alarm, Given.Noon).Stopped;

        Stopped(Given.Snapshot()).Should().Be("ruleRemoved");
        Stopped(Given.Plant([Given.Enabled("r0", "Rule 0", AtBeginning(escalated)) with { Enabled = false }])).Should().Be("ruleDisabled");
        Stopped(Given.Snapshot(AtBeginning())).Should().Be("stepRemoved");
        Stopped(Given.Snapshot(AtBeginning(escalated).With(x => x with { Levels = [AlarmLevel.Low] }))).Should().Be("ruleDoesNotMatch");
        var disabled = Given.Plant([Given.Enabled("r0", "Rule 0", AtBeginning(escalated))], service: Given.Service with { Enabled = false });
        disabled.Perform(Step(), Given.Alarm, Given.Noon).Notifications.Single().Suppressed.Should().Be("serviceDisabled");
        var closed = Given.Plant(
            [Given.Enabled("r0", "Rule 0", AtBeginning(escalated))],
            schedule: Given.Enabled("c1", "Later", Given.Always with { Start = "2099-01-01" }));
        closed.Perform(Step(), Given.Alarm, Given.Noon).Notifications.Single().Suppressed.Should().Be("schedule");
    }

    [Fact]
    public void an_action_that_was_made_immediate_tells_of_the_alarm_that_waited_for_it()
    {
        var snapshot = Given.Snapshot(AtBeginning(escalated with { After = null }));

        snapshot.Perform(Step(), Given.Alarm, Given.Noon).Notifications.Single().Receivers.Should().Equal(Given.Account("lisi"));
        snapshot.StopOf(Step(), acknowledged).Should().Be("acknowledged");
        snapshot.Perform(Step(StepKind.Reminder, 1), Given.Alarm, Given.Noon).Stopped.Should().Be("stepRemoved", "it reminds of nothing any more");
        var reminds = Given.Snapshot(AtBeginning(reminded with { Repeat = reminded.Repeat! with { Until = StepEnd.Cleared } }));
        reminds.StopOf(Step(), acknowledged).Should().BeNull();
        reminds.Perform(Step(), Given.Alarm, Given.Noon).NextAt.Should().Be(Given.Noon.AddMinutes(30));
    }

    [Fact]
    public void a_step_of_a_rule_for_cleared_alarms_ends_when_the_alarm_is_active_again()
    {
        var rule = Rule(escalated).With(x => x with { States = [AlarmState.ClearedUnacked] });

        StopOf(rule, Step(), cleared).Should().BeNull();
        StopOf(rule, Step(), Given.Alarm).Should().Be("ruleDoesNotMatch");
        Given.Snapshot(rule).Perform(Step(), Given.Alarm, Given.Noon).Stopped.Should().Be("ruleDoesNotMatch");
    }

    [Fact]
    public void a_step_is_that_of_its_action_wherever_that_stands_in_the_rule()
    {
        var later = escalated with { Key = "2-1", Receivers = [Given.Account("zhangsan")], After = new() { Minutes = 15, Unless = StepEnd.Cleared } };
        var snapshot = Given.Snapshot(AtBeginning(reminded with { Key = "2-0" }, later, escalated with { Key = "1-0" }));

        var performed = snapshot.Perform(Step(), Given.Alarm, Given.Noon).Notifications.Single();
        (performed.Action, performed.ActionKey, performed.Receivers[0]).Should().Be((2, "1-0", Given.Account("lisi")));
        snapshot.StopOf(Step(), acknowledged).Should().Be("acknowledged");
        snapshot.StopOf(Step(key: "2-1"), acknowledged).Should().BeNull("its own action waits for the end of the alarm");
        snapshot.Describe(Step())!.Value.Should().BeEquivalentTo((2, "acknowledged", new VersionedRef("s1", 4, "Plant WeCom"), escalated.Receivers));
        snapshot.Describe(Step(key: "2-1"))!.Value.Unless.Should().Be("cleared");
        snapshot.Perform(Step(StepKind.Reminder, 1, "2-0"), Given.Alarm, Given.Noon).NextAt.Should().Be(Given.Noon.AddMinutes(30));
    }

    [Fact]
    public void the_step_of_an_action_that_was_removed_is_nobody_elses()
    {
        var snapshot = Given.Snapshot(AtBeginning(escalated with { Key = "2-0" }));

        snapshot.Perform(Step(), Given.Alarm, Given.Noon).Stopped.Should().Be("stepRemoved");
        snapshot.StopOf(Step(), acknowledged).Should().BeNull("what becomes of it is decided when it is due");
        snapshot.Describe(Step()).Should().BeNull();
    }

    [Fact]
    public void a_step_of_before_there_were_keys_knows_its_action_by_the_place_that_it_had()
    {
        var planned = new StepPlanned(
            "alarm-1", "Overpressure", "Site1", AlarmLevel.Critical, 1, new("r0", 1, "Rule 0"), 1, StepKind.Escalation, Given.Noon);

        WaitingStep.Apply(null, "step-1", planned).ActionKey.Should().Be("1-1");
        WaitingStep.Apply(null, "step-1", planned with { ActionKey = "3-0" }).ActionKey.Should().Be("3-0");
    }

    [Fact]
    public void an_explanation_says_what_is_planned_for_when_and_what_would_stop_it()
    {
        var action = Given.Snapshot(Rule(escalated with { Repeat = reminded.Repeat })).Explain("r0", Given.Alarm, Given.Noon)!.Actions.Single();

        action.Steps.Should().Equal(
            new ExplainedStep(StepKind.Escalation, Given.Noon.AddMinutes(15), "acknowledged", null),
            new ExplainedStep(StepKind.Reminder, Given.Noon.AddMinutes(45), "acknowledged", null, 30, 2));
        Given.Snapshot(Rule(escalated)).Ways(Given.Alarm, Given.Noon, Given.Asked("lisi")).Single().Failed.Select(x => x.Name)
            .Should().Equal("after");
    }

    [Theory]
    [InlineData("2026-09-30T07:50:00+08:00", null)] // closed then, open when it is due
    [InlineData("2026-09-30T17:20:00+08:00", "schedule")] // and the reverse
    [InlineData("2026-09-30T12:00:00+08:00", null)]
    public void an_explanation_judges_an_escalation_when_it_is_due_as_the_engine_does(string at, string? suppressed)
    {
        var now = DateTimeOffset.Parse(at, CultureInfo.InvariantCulture);
        var due = now.AddMinutes(15);
        var snapshot = Given.Plant(
            [Given.Enabled("r0", "Rule 0", Rule(escalated))], schedule: Given.Enabled("c1", "Office", Given.OfficeHours));

        var action = snapshot.Explain("r0", Given.Alarm, now)!.Actions.Single();

        var performed = snapshot.Perform(Step(), Given.Alarm, due).Notifications.Single();
        (action.Receivers.Single().Suppressed, action.Content.Text).Should().Be((performed.Suppressed, performed.Content.Text));
        action.Receivers.Single().Suppressed.Should().Be(suppressed);
        action.ScheduleState!.Open.Should().Be(suppressed is null);
        action.Steps!.Single().DueAt.Should().Be(due);
    }

    [Fact]
    public void an_explanation_of_an_escalation_for_which_somebody_has_reacted_says_that_nobody_is_told()
    {
        var action = Given.Snapshot(Rule(escalated)).Explain("r0", acknowledged, Given.Noon)!.Actions.Single();

        (action.Steps!.Single().Stopped, action.Receivers.Single().Suppressed).Should().Be(("acknowledged", "acknowledged"));
    }

    [Fact]
    public void an_explanation_says_when_a_digest_tells_what_the_schedule_holds_back()
    {
        var evening = new DateTimeOffset(2026, 9, 30, 20, 0, 0, TimeSpan.FromHours(8));
        var snapshot = Given.Plant(
            [Given.Enabled("r0", "Rule 0", Rule(escalated with { Digest = true }, Given.Action(Given.Bot("Line 1"))))],
            schedule: Given.Enabled("c1", "Office", Given.OfficeHours));

        snapshot.Explain("r0", Given.Alarm, evening)!.Actions.Select(x => (x.Receivers.Single().Suppressed, x.Receivers.Single().DigestAt)).Should()
            .Equal(("schedule", evening.AddHours(12)), ("schedule", null));
    }

    [Theory]
    [InlineData(0, "after.minutes")]
    [InlineData(null, "after.minutes")]
    [InlineData(10_081, "after.minutes")]
    [InlineData(10_080, null)]
    public void an_escalation_comes_within_a_week(int? minutes, string? field) =>
        Faults(Rule(escalated with { After = new() { Minutes = minutes } })).Should().Equal(field is null ? [] : [$"actions[0].{field}"]);

    [Theory]
    [InlineData(0, 1, "repeat.everyMinutes")]
    [InlineData(null, null, "repeat.everyMinutes")]
    [InlineData(1_441, 1, "repeat.everyMinutes")]
    [InlineData(1_440, 101, "repeat.atMost")]
    [InlineData(1, 0, "repeat.atMost")]
    [InlineData(1, null, null)]
    public void reminders_have_an_interval_and_a_number(int? every, int? atMost, string? field) =>
        Faults(Rule(reminded with { Repeat = new() { EveryMinutes = every, AtMost = atMost } })).Should()
            .Equal(field is null ? [] : [$"actions[0].{field}"]);

    private static ICollection<string> Faults(RuleSettings rule) =>
        Given.FaultsOf(errors => rule.Validate(errors, Notify.Testing.TestChannels.All)).Keys;
}
