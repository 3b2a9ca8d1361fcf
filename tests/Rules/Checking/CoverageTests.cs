using Notify.Channels.People;
using Notify.Contracts.Alarms;
using Notify.Kernel;
using Notify.Rules.Checking;
using Notify.Rules.Deciding;
using Notify.Rules.Tests.Explaining;
using Notify.Testing;
using Xunit.Abstractions;

namespace Notify.Rules.Tests.Checking;

public sealed class CoverageTests(ITestOutputHelper output)
{
    private static readonly DateTimeOffset end = Given.Noon.AddDays(14);

    private static PathCoverage Of(RuleSnapshot snapshot, string path = "Site1/**", AlarmLevel level = AlarmLevel.High) =>
        new Coverage(snapshot, Given.Noon, end).Of(path, [level]).Single();

    [Fact]
    public void a_rule_for_everything_at_any_time_proves_that_there_is_no_gap()
    {
        var coverage = Of(Given.Snapshot(Given.Rule));
        (coverage.Covered, coverage.GapCount, coverage.UncoveredSeconds).Should().Be((true, 0, 0L));
        coverage.Rules.Should().Equal(new CheckedResource("rule", "r0", "Rule 0"));
    }

    [Fact]
    public void nights_and_weekends_of_office_hours_are_gaps_to_the_second()
    {
        // Noon UTC+8 on Wednesday; National Day pauses nothing here.
        var coverage = Of(Given.Plant(schedule: Given.Enabled("c1", "Office", Given.OfficeHours)));
        coverage.Gaps[0].Should().Be(new CoverageGap(new(2026, 9, 30, 9, 30, 1, TimeSpan.Zero), new(2026, 10, 1, 0, 0, 0, TimeSpan.Zero)));
        coverage.GapCount.Should().Be(10, "each working day has a night after it, and a weekend is one with its nights");
        coverage.UncoveredSeconds.Should().Be((long)(TimeSpan.FromDays(14) - (10 * new TimeSpan(9, 30, 1))).TotalSeconds);
    }

    [Fact]
    public void two_rules_that_take_turns_leave_no_gap_and_a_holiday_between_them_is_one()
    {
        var day = Given.Enabled("c1", "Day", Given.OfficeHours);
        var all = Given.Enabled("c2", "Always, but on holidays", Given.Always with { IgnoreHolidays = true });
        var rules = new[]
        {
            Given.Enabled("r0", "Day", Given.Rule),
            Given.Enabled("r1", "Rest", Given.Rule with { Actions = [Given.Action(Given.Bot("Line 1")) with { ScheduleId = "c2" }] }),
        };
        Of(Given.Plant(rules, schedule: day, holidays: all)).Covered.Should().BeTrue();
        var holiday = Given.Enabled("h0", "National Day", Given.NationalDay);
        var gaps = Of(Given.Plant(rules, schedule: day, holidays: [all, holiday])).Gaps;
        gaps[0].From.Should().Be(new DateTimeOffset(2026, 9, 30, 16, 0, 0, TimeSpan.Zero));
        gaps[^1].To.Should().Be(new DateTimeOffset(2026, 10, 7, 16, 0, 0, TimeSpan.Zero));
    }

    [Fact]
    public void a_rule_that_is_met_by_some_of_these_alarms_proves_nothing()
    {
        RuleSnapshot With(Func<RuleCriteria, RuleCriteria> change) => Given.Snapshot(Given.Rule.With(change));
        foreach (var (snapshot, mayHelp) in new[]
        {
            (With(x => x with { Paths = ["Site1/Line1"] }), 1),
            (With(x => x with { Paths = ["Site2/**"] }), 0),
            (With(x => x with { Paths = ["*/Line1/*"] }), 1),
            (With(x => x with { Paths = ["Site2/**", "**/Pump3"] }), 1),
            (With(x => x with { Labels = new Dictionary<string, string>(StringComparer.Ordinal) { ["team"] = "ops" } }), 1),
            (With(x => x with { MatchAll = false }), 1),
            (With(x => x with { Levels = [AlarmLevel.Low] }), 0),
            (With(x => x with { States = [AlarmState.ClearedUnacked] }), 0),
            (Given.Snapshot(Given.Rule with { Actions = [Given.Action(Given.Bot("Gone"))] }), 0),
            (Given.Snapshot(Given.Rule with { Actions = [Given.Action(Given.Bot("Line 1")) with { After = new() { Minutes = 10 } }] }), 0),
        })
        {
            var coverage = Of(snapshot);
            (coverage.Covered, coverage.MayHelp).Should().Be((false, mayHelp));
            coverage.Gaps.Should().Equal(new CoverageGap(Given.Noon, end));
        }

        With(x => x with { Paths = ["site1/**"] }).Should().Match<RuleSnapshot>(x => Of(x, "Site1/**", AlarmLevel.High).Covered);
    }

    [Fact]
    public void what_it_proves_is_what_is_decided()
    {
        var random = TestRandom.New(output.WriteLine);
        var (told, notTold) = (0, 0);
        for (var i = 0; i < 300; i++)
        {
            var plant = RandomPlant.Of(random);
            var (path, level) = (random.Next(2) == 0 ? "Site1/**" : "**", (AlarmLevel)random.Next(4));
            var coverage = Of(plant.Snapshot, path, level);
            var counted = coverage.Rules.Select(x => x.Id).ToHashSet(StringComparer.Ordinal);
            for (var j = 0; j < 20; j++)
            {
                var at = Given.Noon.AddSeconds(random.Next((int)(end - Given.Noon).TotalSeconds));
                var alarm = Given.Alarm with
                {
                    Path = path == "**" && random.Next(2) == 0 ? "Somewhere/Else" : "Site1/Line1/Pump3",
                    Level = level,
                    Rule = null,
                    Labels = new Dictionary<string, string>(StringComparer.Ordinal),
                };
                var decided = plant.Snapshot.Decide(alarm, at).Notifications.Where(x => x is { Suppressed: null, Failure: null })
                    .Select(x => x.Rule.Id).ToHashSet(StringComparer.Ordinal);
                var isGap = coverage.Gaps.Any(x => x.From <= at && at < x.To);
                if (isGap) decided.Should().NotIntersectWith(counted);
                else decided.Should().NotBeEmpty();
                (told, notTold) = (told + (isGap ? 0 : 1), notTold + (isGap ? 1 : 0));
            }
        }

        told.Should().BePositive();
        notTold.Should().BePositive();
    }
}
