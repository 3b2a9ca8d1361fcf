using Notify.Channels.People;
using Notify.Contracts.Alarms;
using Notify.Rules.Checking;
using Notify.Rules.Deciding;
using Notify.Rules.Drills;
using Notify.Rules.Schedules;

namespace Notify.Rules.Tests.Checking;

public sealed class ConfigurationCheckTests
{
    private static readonly Configured<DrillSettings> drill = Given.Enabled("d1", "Each morning", new DrillSettings { ServiceId = "s1" });

    private static IReadOnlyList<CheckFinding> Check(RuleSnapshot snapshot) => Check(snapshot, drill);

    private static IReadOnlyList<CheckFinding> Check(RuleSnapshot snapshot, params Configured<DrillSettings>[] drills) =>
        new ConfigurationCheck(snapshot, drills, Given.Noon).Run();

    private static IEnumerable<(string, CheckSeverity)> Kinds(RuleSnapshot snapshot) => Check(snapshot).Select(x => (x.Kind, x.Severity));

    [Fact]
    public void a_configuration_that_works_has_no_findings() => Check(Given.Snapshot(Given.Rule)).Should().BeEmpty();

    [Fact]
    public void what_is_disabled_and_used_is_named_with_the_rule_and_its_action()
    {
        var finding = Check(Given.Plant(service: Given.Service with { Enabled = false })).Should().ContainSingle().Subject;
        (finding.Kind, finding.Severity, finding.Action).Should().Be(("serviceDisabled", CheckSeverity.Error, (int?)0));
        finding.Resource.Should().Be(new CheckedResource("rule", "r0", "Rule 0"));
        finding.Others.Should().Equal(new CheckedResource("service", "s1", "Plant WeCom"));
        finding.Text.En.Should().Be("Action 1 of rule 'Rule 0' tells nobody: service 'Plant WeCom' is disabled.");
        finding.Text.Zh.Should().Be("规则“Rule 0”的第 1 个动作不会通知任何人：通知服务“Plant WeCom”已停用。");
        Kinds(Given.Plant(message: Given.Enabled("m1", "Short", Given.Text) with { Enabled = false })).Should().Equal(("messageDisabled", CheckSeverity.Error));
        Kinds(Given.Plant(schedule: Given.Enabled("c1", "Default", Given.Always) with { Enabled = false }))
            .Should().Equal(("scheduleDisabled", CheckSeverity.Error));
        Kinds(Given.Plant(schedule: Given.Enabled("c2", "Other", Given.Always))).Should().Equal(("scheduleRemoved", CheckSeverity.Error));
    }

    [Fact]
    public void a_disabled_rule_is_nobody_s_fault() =>
        Check(Given.Plant(rules: [Given.Enabled("r0", "Rule 0", Given.Rule with { Actions = [Given.Action(Given.Bot("Gone"))] }) with { Enabled = false }]))
            .Should().BeEmpty();

    [Fact]
    public void a_receiver_that_the_service_lacks_is_an_error_when_it_is_the_only_one()
    {
        Kinds(Given.Snapshot(Given.Rule with { Actions = [Given.Action(Given.Bot("Gone"))] })).Should().Equal(("receiverRemoved", CheckSeverity.Error));
        Kinds(Given.Snapshot(Given.Rule with { Actions = [Given.Action(Given.Bot("Gone"), Given.Bot("Line 1"))] }))
            .Should().Equal(("receiverRemoved", CheckSeverity.Warning));
    }

    [Fact]
    public void people_who_are_not_reached_are_named()
    {
        var people = new ConfiguredPeople(
            [Given.Person("u1", "Zhang San", ("wecomAccount", "zhangsan")), Given.Person("u2", "Li Si"), Given.Person("u3", "Wang Wu") with { Enabled = false }],
            [Given.Group("g1", "Night shift"), Given.Group("g2", "Day shift", "u1", "u2")]);
        var rule = Given.Rule with
        {
            Actions = [Given.Action(Given.User("u1"), Given.User("u3"), Given.User("u9"), Given.GroupOf("g1"), Given.GroupOf("g2"))],
        };
        var findings = Check(Given.Plant(rules: [Given.Enabled("r0", "Rule 0", rule)], people: people));
        findings.Select(x => (x.Kind, x.Others[^1].Name)).Should().BeEquivalentTo(
            [("noAddress", "Li Si"), ("personDisabled", "Wang Wu"), ("personRemoved", "u9"), ("groupEmpty", "Night shift")]);
        findings.Should().OnlyContain(x => x.Severity == CheckSeverity.Warning);
        findings.Single(x => x.Kind == "noAddress").Text.Zh.Should().Contain("Li Si").And.Contain("人员资料中没有可用的地址");
    }

    [Fact]
    public void the_other_way_of_an_action_is_checked_too()
    {
        var action = Given.Action(Given.Bot("Line 1")) with { Otherwise = new() { ServiceId = "s9", MessageId = "m1", Receivers = [Given.Bot("Line 2")] } };
        var finding = Check(Given.Snapshot(Given.Rule with { Actions = [action] })).Should().ContainSingle().Subject;
        finding.Kind.Should().Be("serviceRemoved");
        finding.Text.En.Should().StartWith("The other way of action 1 of rule 'Rule 0' tells nobody");
    }

    public static TheoryData<ScheduleSettings, string> Closed => new()
    {
        { Given.Always with { End = "2026-09-29" }, "has ended" },
        { Given.Always with { Start = "2030-01-01" }, "within two years" },
        { Given.Always with { Weekly = new() }, "within two years" },
        { Given.Always with { Holidays = HolidayRule.Only }, "within two years" },
    };

    [Theory]
    [MemberData(nameof(Closed))]
    public void a_schedule_that_never_opens_is_an_error(ScheduleSettings schedule, string why)
    {
        var finding = Check(Given.Plant(schedule: Given.Enabled("c1", "Default", schedule))).Should().ContainSingle().Subject;
        (finding.Kind, finding.Severity).Should().Be(("scheduleNeverOpens", CheckSeverity.Error));
        finding.Text.En.Should().Contain(why);
    }

    [Fact]
    public void a_schedule_that_opens_next_month_is_none() =>
        Check(Given.Plant(schedule: Given.Enabled("c1", "Default", Given.Always with { Start = "2026-11-01" }))).Should().BeEmpty();

    private static LabelMatcher Matcher(LabelOperator op, params string[] values) => new() { Label = "team", Op = op, Values = values };

    public static TheoryData<bool, LabelMatcher[]> Matchers => new()
    {
        { false, [Matcher(LabelOperator.In, "ops", "qa")] },
        { true, [Matcher(LabelOperator.In, "ops"), Matcher(LabelOperator.In, "qa")] },
        { true, [Matcher(LabelOperator.In, "ops"), Matcher(LabelOperator.NotIn, "ops")] },
        { false, [Matcher(LabelOperator.In, "ops", "qa"), Matcher(LabelOperator.NotIn, "ops")] },
        { true, [Matcher(LabelOperator.In, "ops"), Matcher(LabelOperator.Matches, "q.*")] },
        { true, [Matcher(LabelOperator.Exists), Matcher(LabelOperator.Absent)] },
        { true, [Matcher(LabelOperator.Matches, "q.*"), Matcher(LabelOperator.Absent)] },
        { false, [Matcher(LabelOperator.NotIn, "ops"), Matcher(LabelOperator.Absent)] },
        { false, [Matcher(LabelOperator.Exists), Matcher(LabelOperator.NotIn, "ops")] },
    };

    [Theory]
    [MemberData(nameof(Matchers))]
    public void a_rule_that_no_alarm_can_meet_is_an_error(bool never, LabelMatcher[] matchers)
    {
        var kinds = Check(Given.Snapshot(Given.Rule.With(x => x with { LabelMatchers = matchers }))).Select(x => x.Kind);
        if (never) kinds.Should().Equal("ruleNeverMatches");
        else kinds.Should().BeEmpty();
    }

    [Fact]
    public void a_label_that_must_have_a_value_and_not_be_there_is_one_too() =>
        Kinds(Given.Snapshot(Given.Rule.With(x => x with
        {
            Labels = new Dictionary<string, string>(StringComparer.Ordinal) { ["team"] = "ops" },
            LabelMatchers = [Matcher(LabelOperator.NotIn, "ops")],
        }))).Should().Equal(("ruleNeverMatches", CheckSeverity.Error));

    [Fact]
    public void what_no_rule_uses_is_told_and_is_no_fault() =>
        Kinds(Given.Plant(rules: [])).Should().Equal(("unused", CheckSeverity.Information), ("unused", CheckSeverity.Information));

    [Fact]
    public void a_service_that_rules_use_and_no_drill_proves_is_told_with_the_number_of_rules_and_is_no_fault()
    {
        var other = drill with { Id = "d2", Settings = new() { ServiceId = "s2" } };
        var finding = Check(Given.Snapshot(Given.Rule, Given.Rule), other).Should().ContainSingle().Subject;
        (finding.Kind, finding.Severity, finding.Resource).Should().Be(
            ("notProven", CheckSeverity.Information, new CheckedResource("service", "s1", "Plant WeCom")));
        finding.Text.En.Should().Be("Service 'Plant WeCom' is used by 2 rules, and no drill proves it.");
        finding.Text.Zh.Should().Be("有 2 条规则使用通知服务“Plant WeCom”，但没有演练验证它。");
        var twice = Given.Snapshot(Given.Rule with { Actions = [Given.Action(Given.Bot("Line 1")), Given.Action(Given.Bot("Line 2"))] });
        Check(twice, drill with { Enabled = false }).Should().ContainSingle("a drill that is disabled proves nothing")
            .Which.Text.En.Should().Be("Service 'Plant WeCom' is used by 1 rule, and no drill proves it.");
        Check(twice, drill).Should().BeEmpty();
        Check(Given.Plant(service: Given.Service with { Enabled = false }), other).Select(x => x.Kind).Should().Equal(["serviceDisabled"], "that says enough");
    }

    [Fact]
    public void the_service_of_another_way_is_used_too_and_a_rule_that_is_disabled_uses_none()
    {
        var action = Given.Action(Given.Bot("Line 1")) with
        {
            ServiceId = "s9",
            Otherwise = new() { ServiceId = "s1", MessageId = "m1", Receivers = [Given.Bot("Line 2")] },
        };
        var other = drill with { Settings = new() { ServiceId = "s2" } };
        Check(Given.Snapshot(Given.Rule with { Actions = [action] }), other).Select(x => x.Kind).Should().Contain("notProven");
        Check(Given.Plant(rules: [Given.Enabled("r0", "Rule 0", Given.Rule) with { Enabled = false }]), other).Should().BeEmpty();
    }

    [Fact]
    public void without_any_drill_this_is_told_once_and_where_no_rule_uses_a_service_not_at_all()
    {
        var finding = Check(Given.Snapshot(Given.Rule, Given.Rule), []).Should().ContainSingle().Subject;
        (finding.Kind, finding.Severity).Should().Be(("noDrill", CheckSeverity.Information));
        finding.Text.Zh.Should().StartWith("没有任何演练");
        Check(Given.Plant(rules: []), []).Select(x => x.Kind).Should().NotContain("noDrill");
    }
}
