using Notify.Contracts.Alarms;
using Notify.Rules.Deciding;
using Notify.Rules.Explaining;

namespace Notify.Rules.Tests.Explaining;

public class VerdictTests
{
    private const int Cases = 10_000;

    private static IEnumerable<(RandomPlant Plant, AlarmFacts Alarm, DateTimeOffset At, string Asked)> RandomCases()
    {
        var random = new Random(20261001);
        for (var i = 0; i < Cases; i++)
            yield return (RandomPlant.Of(random), RandomPlant.Alarm(random), Given.Noon.AddHours(random.Next(7 * 24)), RandomPlant.Receiver(random));
    }

    /// <summary>What the deciders themselves would do.</summary>
    private static bool IsTold(RandomPlant plant, AlarmFacts alarm, DateTimeOffset at, string asked) =>
        plant.Snapshot.Decide(alarm, at).Notifications.Any(x => x.Suppressed is null && x.Receivers.Any(Given.Asked(asked).IsMeantBy));

    [Fact]
    public void a_verdict_says_what_the_deciders_decide()
    {
        var (told, notTold) = (0, 0);
        foreach (var (plant, alarm, at, asked) in RandomCases())
        {
            var verdict = Verdict.Of(plant.Snapshot, alarm, at, Given.Asked(asked));
            verdict.Told.Should().Be(IsTold(plant, alarm, at, asked));
            _ = verdict.Told ? told++ : notTold++;
        }

        told.Should().BeGreaterThan(500);
        notTold.Should().BeGreaterThan(1000);
    }

    [Fact]
    public void who_was_not_told_would_have_been_had_the_named_conditions_held()
    {
        var seen = new HashSet<string>();
        foreach (var (plant, alarm, at, asked) in RandomCases())
        {
            var verdict = Verdict.Of(plant.Snapshot, alarm, at, Given.Asked(asked));
            if (verdict.Told || verdict.Nearest is not { } way) continue;
            var changed = verdict.DecidedBy.Aggregate(plant, (x, condition) => x.Holding(way, condition, alarm, asked));
            IsTold(changed, alarm, at, asked).Should().BeTrue($"only {string.Join(", ", verdict.DecidedBy)} stood in the way");
            seen.UnionWith(verdict.DecidedBy.Select(x => x.Name));
        }

        seen.Should().Contain([
            WayCondition.Enabled, WayCondition.Receiver, WayCondition.Service, WayCondition.Message, WayCondition.Schedule, WayCondition.Reachable,
            WayCondition.Time,
            WayCondition.Holiday, "state", "shelved", "level", "path", "labels.team", "rule",
        ]);
    }

    [Fact]
    public void each_named_condition_stood_in_the_way_by_itself()
    {
        // Each condition is kept in two hundred cases, among whatever others: for each a plant is made in which all the others hold.
        var tried = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (plant, alarm, at, asked) in RandomCases())
        {
            var verdict = Verdict.Of(plant.Snapshot, alarm, at, Given.Asked(asked));
            if (verdict.Nearest is not { } way) continue;
            foreach (var kept in verdict.DecidedBy)
            {
                if ((tried[kept.Name] = tried.GetValueOrDefault(kept.Name) + 1) > 200) continue;
                var changed = verdict.DecidedBy.Where(x => x != kept).Aggregate(plant, (x, condition) => x.Holding(way, condition, alarm, asked));
                changed.Snapshot.Ways(alarm, at, Given.Asked(asked)).Single(x => x.Rule.Id == way.Rule.Id && x.Action == way.Action).Tells
                    .Should().BeFalse($"{kept.Name} still does not hold");
            }
        }
    }

    [Fact]
    public void who_was_told_would_not_have_been_without_the_named_rules_and_would_by_any_one_of_them()
    {
        foreach (var (plant, alarm, at, asked) in RandomCases())
        {
            var verdict = Verdict.Of(plant.Snapshot, alarm, at, Given.Asked(asked));
            if (!verdict.Told) continue;
            var named = verdict.ToldBy.Select(x => x.Rule.Id).Distinct().ToList();
            IsTold(plant.Without(named), alarm, at, asked).Should().BeFalse();
            foreach (var one in named) IsTold(plant.Without(named.Where(x => x != one)), alarm, at, asked).Should().BeTrue();
        }
    }

    [Fact]
    public void without_any_rule_that_is_the_reason()
    {
        var verdict = Verdict.Of(RuleSnapshot.Empty, Given.Alarm, Given.Noon, Given.Asked("zhangsan"));

        verdict.DecidedBy.Should().ContainSingle().Which.Name.Should().Be(WayCondition.AnyRule);
        VerdictSentence.Of(Given.Asked("zhangsan"), verdict).En.Should().Be("zhangsan was not to be notified: there was no rule.");
    }

    [Theory]
    [InlineData("40003", "x", "It was not delivered: the platform answered 40003.", "未送达：平台返回 40003。")]
    [InlineData(null, "No address for Email: 王五.", "It was not delivered: No address for Email: 王五.", "未送达：No address for Email: 王五。")]
    [InlineData(null, "The service was removed", "It was not delivered: The service was removed.", "未送达：The service was removed。")]
    [InlineData(null, null, "It was not delivered.", "未送达。")]
    public void what_failed_is_the_platform_s_answer_only_if_it_answered(string? code, string? reason, string english, string chinese)
    {
        var asked = Given.Asked("zhangsan");
        var delivery = new ExplainedDelivery("notification-1", 1, "r1", 1, "Failed", "failed", code, reason, [], null, null);
        var sentence = VerdictSentence.Of(asked, Verdict.Of(Given.Plant([]), Given.Alarm, Given.Noon, asked), [delivery]);
        sentence.En.Should().EndWith($". {english}");
        sentence.Zh.Should().EndWith($"。{chinese}");
    }

    [Fact]
    public void the_sentence_names_the_holiday_the_service_and_the_criterion()
    {
        var office = Given.Enabled("c1", "Office", Given.OfficeHours);
        var plant = Given.Plant(
            [Given.Enabled("r0", "Line 1", Given.Rule.With(x => x with { Levels = [AlarmLevel.Low] }))], schedule: office,
            service: Given.Service with { Enabled = false }, holidays: Given.Enabled("h1", "National Day", Given.NationalDay));
        var asked = Given.Asked("bot:line 1");

        VerdictSentence.Of(asked, Verdict.Of(plant, Given.Alarm, Given.Noon.AddDays(1), asked)).En.Should().Be(
            "line 1 was not to be notified: rule 'Line 1' requires level one of Low, but it was Critical; and service 'Plant WeCom' was disabled; "
            + "and holiday 'National Day' paused the schedule.");
    }

    [Theory]
    [InlineData("account:Line 1", false)]
    [InlineData("bot:Line 1", true)]
    [InlineData("line 1", true)]
    [InlineData("bot:Ｌine　1", true)]
    public void a_robot_and_an_account_of_one_name_are_told_apart(string asked, bool told) =>
        Verdict.Of(Given.Plant(), Given.Alarm, Given.Noon, Given.Asked(asked)).Told.Should().Be(told);

    [Fact]
    public void everyone_does_not_include_a_robot()
    {
        var plant = Given.Plant([Given.Enabled("r0", "Everyone", Given.Rule with { Actions = [Given.Action(Given.Account("@all"))] })]);

        Verdict.Of(plant, Given.Alarm, Given.Noon, plant.Resolve(Given.Asked("Line 1"))).Told.Should().BeFalse();
        Verdict.Of(plant, Given.Alarm, Given.Noon, plant.Resolve(Given.Asked("zhangsan"))).Told.Should().BeTrue();
        Verdict.Of(plant, Given.Alarm, Given.Noon, plant.Resolve(Given.Asked("visitor"))).Told.Should()
            .BeTrue("the app reaches members that nobody has listed");
    }
}
