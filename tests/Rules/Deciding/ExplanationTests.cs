using Notify.Contracts.Alarms;
using Notify.Rules.Deciding;
using Notify.Rules.Schedules;

namespace Notify.Rules.Tests;

public class ExplanationTests
{
    [Fact]
    public void a_rule_that_would_tell_someone_says_whom_when_and_what()
    {
        var holiday = Given.Enabled("h1", "National Day", Given.NationalDay);
        var snapshot = Given.Plant(schedule: Given.Enabled("c1", "Office", Given.OfficeHours), holidays: holiday);

        var explanation = snapshot.Explain("r0", Given.Alarm, Given.Noon.AddDays(1))!;

        explanation.Matched.Should().BeTrue();
        explanation.Conditions.Should().OnlyContain(x => x.Passed);
        var action = explanation.Actions.Single();
        action.Schedule.Name.Should().Be("Office");
        action.ScheduleState.Should().Be(new ScheduleState(false, "holiday", null, new("h1", "National Day")));
        action.NextChange.Should().Be(new DateTimeOffset(2026, 10, 8, 8, 0, 0, TimeSpan.FromHours(8)));
        action.Content.Text.Should().Be("Overpressure is Critical");
        action.Receivers.Single().Should().BeEquivalentTo(new ReceiverExplanation([Given.Bot("Line 1")], "holiday"));
    }

    [Fact]
    public void all_rules_are_explained_in_order_the_disabled_and_the_unfitting_too()
    {
        var snapshot = Given.Plant([
            Given.Enabled("c", "C", Given.Rule.With(x => x with { Levels = [AlarmLevel.Low] })),
            Given.Enabled("b", "B", Given.Rule) with { Enabled = false },
            Given.Enabled("a", "A", Given.Rule),
        ]);

        snapshot.Explain(Given.Alarm, Given.Noon).Select(x => (x.Rule.Id, x.Matched, x.Actions[0].Receivers[0].Suppressed))
            .Should().Equal(("a", true, null), ("b", false, "ruleDisabled"), ("c", false, "ruleDoesNotMatch"));
    }

    [Fact]
    public void a_shelved_alarm_fails_one_condition_and_says_shelved()
    {
        var explanation = Given.Plant().Explain("r0", Given.Alarm with { Shelved = true }, Given.Noon)!;

        explanation.Matched.Should().BeFalse();
        explanation.Conditions.Where(x => !x.Passed).Select(x => x.Name).Should().Equal("shelved");
        explanation.Actions[0].Receivers[0].Suppressed.Should().Be("shelved");
    }

    [Fact]
    public void a_draft_is_tried_with_the_rest_of_the_configuration()
    {
        var draft = Given.Enabled("draft", "Draft",
            Given.Rule with { Actions = [Given.Action(Given.Bot("Line 2")), Given.Action(Given.Bot("Line 1")) with { MessageId = "none" }] });

        var explanation = Given.Plant([]).Explain(draft, Given.Alarm, Given.Noon);

        explanation.Actions.Select(x => (x.Action, x.Content.Text, x.Receivers[0].Suppressed))
            .Should().Equal((0, "Overpressure is Critical", null), (1, "", "messageRemoved"));
    }

    [Fact]
    public void an_unknown_rule_has_no_explanation() => Given.Plant().Explain("none", Given.Alarm, Given.Noon).Should().BeNull();
}
