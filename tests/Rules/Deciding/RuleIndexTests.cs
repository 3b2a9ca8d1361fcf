using CsCheck;
using Notify.Contracts.Alarms;
using Notify.Rules.Deciding;

namespace Notify.Rules.Tests;

public class RuleIndexTests
{
    private static int Examined(int rules, Func<int, RuleCriteria, RuleCriteria> criteria, AlarmFacts? alarm = null)
    {
        var settings = Enumerable.Range(0, rules).Select(i => Given.Rule.With(x => criteria(i, x))).ToArray();
        return Given.Snapshot(settings).Decide(alarm ?? Given.Alarm, Given.Noon).Examined;
    }

    private static Dictionary<string, string> Label(string name, string value) => new() { [name] = value };

    private static LabelMatcher In(string name, params string[] values) => new() { Label = name, Op = LabelOperator.In, Values = values };

    /// <summary>The cost of a decision is the rules it looks at; it must not grow with those that have nothing to do with the alarm.</summary>
    [Theory]
    [InlineData(100)]
    [InlineData(1_000)]
    [InlineData(10_000)]
    public void rules_for_other_places_labels_and_names_cost_nothing(int rules)
    {
        Examined(rules, (i, x) => x with { Paths = [$"Site1/Line{i}/**"] }).Should().Be(1);
        Examined(rules, (i, x) => x with { Paths = [$"**/Pump{i}"] }).Should().Be(1);
        Examined(rules, (i, x) => x with { Paths = [$"*/Line{i}/**"] }).Should().Be(1);
        Examined(rules, (i, x) => x with { Paths = [$"Site1/*/Pump{i + 10}/*"] }).Should().Be(0);
        Examined(rules, (i, x) => x with { Paths = ["Site1/**"], Labels = Label("team", i == 0 ? "ops" : $"team {i}") }).Should().Be(1);
        Examined(rules, (i, x) => x with { LabelMatchers = [In("team", i == 0 ? "ops" : $"team {i}", $"others {i}")] }).Should().Be(1);
        Examined(rules, (i, x) => x with { Paths = [$"Site1/Line{i}/**"], Labels = Label("team", "ops") }).Should().Be(1);
        Examined(rules, (i, x) => x with { MatchAll = false }, Given.Alarm with { Rule = "rule 5" }).Should().Be(1);
        Examined(rules, (i, x) => x with { MatchAll = false }).Should().Be(0);
        Examined(rules, (i, x) => x with { Levels = [AlarmLevel.Low] }).Should().Be(0);
        Examined(rules, (i, x) => x with { States = [AlarmState.ClearedAcked] }).Should().Be(0);
    }

    [Fact]
    public void a_rule_is_examined_once_however_many_of_its_paths_begin_like_the_alarms() =>
        Examined(1, (_, x) => x with { Paths = ["Site1/**", "Site1/Line1/**", "Site1/Line1/Pump3"] }).Should().Be(1);

    [Fact]
    public void the_index_finds_exactly_what_trying_every_rule_finds()
    {
        var segment = Gen.Int[0, 4].Select(i => new[] { "a", "B", "c", "*", "**" }[i]);
        var pattern = segment.Array[1, 3].Select(x => string.Join('/', x));
        var labels = Gen.Select(Gen.Int[0, 2], Gen.Int[0, 1]).Array[0, 2]
            .Select(x => x.DistinctBy(y => y.Item1).ToDictionary(y => $"l{y.Item1}", y => $"v{y.Item2}"));
        var states = Gen.Enum<AlarmState>().Array[1, 3].Select(x => x.Distinct().ToArray());
        var levels = Gen.Enum<AlarmLevel>().Array[0, 2].Select(x => x.Distinct().ToArray());
        var matcher = Gen.Select(Gen.Int[0, 2], Gen.Enum<LabelOperator>(), Gen.Int[0, 1].Array[1, 2], (label, op, values) => new LabelMatcher
        {
            Label = $"l{label}",
            Op = op,
            Values = [.. values.Distinct().Select(x => $"v{x}")],
        }).Array[0, 2];
        var rule = Gen.Select(
            states, levels, pattern.Array[0, 2], labels, matcher, Gen.Select(Gen.Bool, Gen.Bool),
            (s, l, paths, label, matchers, flags) => Given.Rule.With(_ => new()
            {
                States = s,
                Levels = l,
                Paths = paths,
                Labels = label,
                LabelMatchers = matchers,
                MatchAll = flags.Item1,
                Shelved = flags.Item2,
            }));
        var alarm = Gen.Select(Gen.Enum<AlarmState>(), Gen.Enum<AlarmLevel>(), Gen.Int[0, 2].Array[0, 4], labels, Gen.Int[0, 9], Gen.Bool,
            (s, l, path, label, named, shelved) => Given.Alarm with
            {
                State = s,
                Level = l,
                Path = string.Join('/', path.Select(x => "ABC"[x])),
                Labels = label,
                Rule = $"RULE {named}",
                Shelved = shelved,
            });

        Gen.Select(rule.Array[0, 10], alarm).Sample((rules, x) =>
        {
            var found = Given.Snapshot(rules).Decide(x, Given.Noon).Notifications.Where(n => n.Suppressed is null).Select(n => n.Rule.Name);
            var expected = rules.Select((r, i) => (Name: $"Rule {i}", r.Criteria)).Where(r => new RuleMatcher(r.Name, r.Criteria).Matches(x))
                .Select(r => r.Name);
            return found.SequenceEqual(expected);
        }, iter: 1_000);
    }
}
