using Notify.Contracts.Alarms;

namespace Notify.Rules.Tests;

public class RuleMatcherTests
{
    [Fact]
    public void a_stored_pattern_that_cannot_be_read_fails_the_notifications_of_its_rule_only()
    {
        var broken = Given.Rule.With(x => x with { LabelMatchers = [new() { Label = "team", Op = LabelOperator.Matches, Values = ["("] }] });

        var planned = Given.Snapshot(broken, Given.Rule).Decide(Given.Alarm, Given.Noon).Notifications;

        planned[0].Failure.Should().Contain("(");
        planned[1].Failure.Should().BeNull();
    }

    private static RuleMatcher Matcher(Func<RuleCriteria, RuleCriteria> change) => new("Night shift", change(Given.Rule.Criteria));

    [Fact]
    public void absent_and_empty_filters_let_everything_through()
    {
        Matcher(x => x).Matches(Given.Alarm).Should().BeTrue();
        Matcher(x => x with { Levels = [], Paths = [], Labels = new Dictionary<string, string>() }).Matches(Given.Alarm).Should().BeTrue();
    }

    [Fact]
    public void every_filter_must_let_it_through()
    {
        Matcher(x => x with { States = [AlarmState.ClearedAcked] }).Matches(Given.Alarm).Should().BeFalse();
        Matcher(x => x with { Levels = [AlarmLevel.Low] }).Matches(Given.Alarm).Should().BeFalse();
        Matcher(x => x with { Paths = ["Site2/**"] }).Matches(Given.Alarm).Should().BeFalse();
        Matcher(x => x with { Paths = ["Site2/**", "**/pump3"] }).Matches(Given.Alarm).Should().BeTrue();
        Matcher(x => x with { Labels = new Dictionary<string, string> { ["team"] = "Ops" } }).Matches(Given.Alarm).Should()
            .BeFalse("label values are exact");
        Matcher(x => x with { Labels = new Dictionary<string, string> { ["team"] = "ops" } }).Matches(Given.Alarm).Should().BeTrue();
        Matcher(x => x with { Labels = new Dictionary<string, string> { ["team"] = "ops", ["shift"] = "" } }).Matches(Given.Alarm).Should().BeFalse();
    }

    [Theory]
    [InlineData("team", LabelOperator.In, new[] { "dev", "ops" }, true)]
    [InlineData("team", LabelOperator.In, new[] { "dev", "OPS" }, false)]
    [InlineData("shift", LabelOperator.In, new[] { "" }, false)]
    [InlineData("team", LabelOperator.NotIn, new[] { "dev" }, true)]
    [InlineData("team", LabelOperator.NotIn, new[] { "dev", "ops" }, false)]
    [InlineData("shift", LabelOperator.NotIn, new[] { "night" }, true)]
    [InlineData("team", LabelOperator.Exists, new string[0], true)]
    [InlineData("shift", LabelOperator.Exists, new string[0], false)]
    [InlineData("team", LabelOperator.Absent, new string[0], false)]
    [InlineData("shift", LabelOperator.Absent, new string[0], true)]
    [InlineData("team", LabelOperator.Matches, new[] { "d.*", "o.s" }, true)]
    [InlineData("team", LabelOperator.Matches, new[] { "op", "a|p" }, false)]
    [InlineData("team", LabelOperator.Matches, new[] { "(?i)OPS" }, true)]
    [InlineData("shift", LabelOperator.Matches, new[] { ".*" }, false)]
    public void a_label_matcher_says_what_must_hold_of_one_label(string label, LabelOperator op, string[] values, bool matches)
    {
        var matcher = Matcher(x => x with { LabelMatchers = [new() { Label = label, Op = op, Values = values }] });

        matcher.Matches(Given.Alarm).Should().Be(matches);
        matcher.Explain(Given.Alarm).Single(x => x.Name == $"labels.{label}").Passed.Should().Be(matches);
    }

    [Theory]
    [InlineData("team ")]
    [InlineData("te\u200Bam")]
    public void the_name_of_a_label_is_compared_as_the_intake_keeps_it(string name)
    {
        Matcher(x => x with { Labels = new Dictionary<string, string> { [name] = "ops" } }).Matches(Given.Alarm).Should().BeTrue();
        Matcher(x => x with { LabelMatchers = [new() { Label = name, Op = LabelOperator.Exists }] }).Matches(Given.Alarm).Should().BeTrue();
        var rule = Given.Rule.With(x => x with
        {
            Labels = new Dictionary<string, string> { [name] = "ops" },
            LabelMatchers = [new() { Label = name, Op = LabelOperator.Exists }],
        }).Complete(Notify.Testing.TestChannels.All);
        (rule.Criteria.Labels!.Keys.Single(), rule.Criteria.LabelMatchers![0].Label).Should().Be(("team", "team"), "it is stored so");
        var twice = Given.Rule.With(x => x with { Labels = new Dictionary<string, string> { ["team"] = "ops", [name] = "it" } })
            .Complete(Notify.Testing.TestChannels.All);
        Given.FaultsOf(errors => twice.Validate(errors, Notify.Testing.TestChannels.All))["criteria.labels"].Should()
            .Equal("'team' is listed twice.");
    }

    [Fact]
    public void shelved_alarms_are_for_rules_that_take_them()
    {
        var shelved = Given.Alarm with { Shelved = true };

        Matcher(x => x).Matches(shelved).Should().BeFalse();
        Matcher(x => x with { Shelved = true }).Matches(shelved).Should().BeTrue();
        Matcher(x => x with { Shelved = true }).Matches(Given.Alarm).Should().BeTrue();
    }

    [Fact]
    public void a_rule_by_name_only_is_for_alarms_that_name_it()
    {
        Matcher(x => x with { MatchAll = false }).Matches(Given.Alarm).Should().BeFalse();
        Matcher(x => x with { MatchAll = false }).Matches(Given.Alarm with { Rule = "night SHIFT" }).Should().BeTrue();
        Matcher(x => x with { MatchAll = false, Levels = [AlarmLevel.Low] }).Matches(Given.Alarm with { Rule = "Night shift" }).Should().BeFalse();
        Matcher(x => x).Matches(Given.Alarm with { Rule = "Another" }).Should().BeTrue();
    }

    [Fact]
    public void each_condition_has_its_outcome() =>
        Matcher(x => x with
        {
            Levels = [AlarmLevel.Low, AlarmLevel.Medium],
            Paths = ["Site1/**"],
            Labels = new Dictionary<string, string> { ["team"] = "ops", ["shift"] = "night" },
            MatchAll = false,
        }).Explain(Given.Alarm with { Shelved = true }).Select(x => (x.Name, x.Passed, x.Expected, x.Actual)).Should().Equal(
            ("state", true, "one of ActiveUnacked, ActiveAcked, ClearedUnacked, ClearedAcked", "ActiveUnacked"),
            ("shelved", false, "not shelved", "shelved"),
            ("level", false, "one of Low, Medium", "Critical"),
            ("path", true, "one of Site1/**", "Site1/Line1/Pump3"),
            ("labels.shift", false, "night", null),
            ("labels.team", true, "ops", "ops"),
            ("rule", false, "Night shift", null));

    [Fact]
    public void a_condition_is_said_in_words_and_what_somebody_has_named_is_not_taken_for_a_word()
    {
        var silence = new AlarmSilence("s 1 until now", "Li of Line 2 until Monday", new(2026, 10, 1, 12, 0, 0, TimeSpan.Zero));
        Matcher(x => x with
        {
            States = [AlarmState.ActiveUnacked, AlarmState.ClearedUnacked],
            Levels = [AlarmLevel.Low, AlarmLevel.Medium],
            Labels = new Dictionary<string, string> { ["team"] = "one of absent" },
            LabelMatchers = [new() { Label = "shift", Op = LabelOperator.NotIn, Values = ["one of us"] }],
        }).Explain(Given.Alarm with { Shelved = true, Silence = silence }).Select(x => (x.Name, x.ExpectedText.Zh, x.ActualText?.Zh)).Should().Equal(
            ("state", "已触发、未确认 或 已消除、未确认", "已触发、未确认"),
            ("shelved", "未搁置", "由Li of Line 2 until Monday的静默 s 1 until now 搁置至 2026-10-01T12:00:00Z"),
            ("level", "低 或 中", "紧急"), ("labels.team", "one of absent", "ops"), ("labels.shift", "其他值，而非 one of us", null));
    }
}
