using System.Globalization;
using Notify.Testing;
using Xunit.Abstractions;

namespace Notify.Rules.Tests;

/// <summary>Which action is which after a rule was changed, without a database.</summary>
public class ActionKeysTests(ITestOutputHelper output)
{
    private static readonly RuleAction a = Escalated("a"), b = Escalated("b"), c = Escalated("c"), n = Escalated("n");

    private static RuleAction Escalated(string account, int minutes = 15) =>
        Given.Action(Given.Account(account)) with { After = new() { Minutes = minutes, Unless = StepEnd.Acknowledged } };

    private static RuleSettings Of(params RuleAction[] actions) => Given.Rule with { Actions = actions };

    /// <summary>The first version: a, b and c with the keys 1-0, 1-1 and 1-2.</summary>
    private static readonly RuleSettings recorded = Changed(null, 1, a, b, c);

    private static RuleSettings Changed(RuleSettings? current, long version, params RuleAction[] actions) =>
        Of(actions).Keyed(current).Named(version);

    private static IEnumerable<string?> Keys(RuleSettings settings) => settings.Actions.Select(x => x.Key);

    private static IEnumerable<string?> KeysOf(params RuleAction[] actions) => Keys(Changed(recorded, 5, actions));

    [Fact]
    public void the_actions_of_a_new_rule_are_named_by_its_first_version_whatever_keys_they_bring()
    {
        Keys(recorded).Should().Equal("1-0", "1-1", "1-2");
        Keys(Changed(null, 1, a with { Key = "7-7" }, b with { Key = "1-1" })).Should().Equal("1-0", "1-1");
    }

    [Fact]
    public void actions_that_are_moved_inserted_removed_or_edited_keep_their_keys_without_being_asked_for_them()
    {
        KeysOf(a, b, c).Should().Equal("1-0", "1-1", "1-2");
        KeysOf(c, a, b).Should().Equal("1-2", "1-0", "1-1");
        KeysOf(n, a, b, c).Should().Equal("5-0", "1-0", "1-1", "1-2");
        KeysOf(b, c).Should().Equal("1-1", "1-2");
        KeysOf(a, Escalated("b", 30), c).Should().Equal("1-0", "1-1", "1-2");
        KeysOf(c, Escalated("b", 30), a).Should().Equal("1-2", "1-1", "1-0");
        KeysOf(b, n).Should().Equal(["1-1", "5-1"], "the first was removed, and what is added stands where the second was");
    }

    [Fact]
    public void an_action_that_names_its_key_stays_itself_however_it_is_moved_and_edited()
    {
        KeysOf(Escalated("x") with { Key = "1-2" }, Escalated("y") with { Key = "1-0" }).Should().Equal("1-2", "1-0");
        KeysOf(a with { Key = "1-1" }, b with { Key = "1-0" }).Should().Equal(["1-1", "1-0"], "their contents were exchanged");
        KeysOf(a with { Key = "1-0" }, n, c with { Key = "1-2" }).Should().Equal(
            ["1-0", "5-1", "1-2"], "whoever names keys removed the second action and added one in its place");
        KeysOf(a with { Key = "1-0" }, c).Should().Equal(["1-0", "1-2"], "an equal action is the same all the same");
    }

    [Theory]
    [InlineData("")]
    [InlineData(" 1-1")]
    [InlineData("9-0")]
    [InlineData("key")]
    public void a_key_that_the_rule_does_not_have_says_nothing(string key)
    {
        KeysOf(a with { Key = key }, Escalated("b", 30) with { Key = key }).Should().Equal("1-0", "1-1");
        KeysOf(n with { Key = key }, a, b, c).Should().Equal("5-0", "1-0", "1-1", "1-2");
    }

    [Fact]
    public void of_two_actions_with_one_key_the_unchanged_one_has_it_or_else_the_first()
    {
        KeysOf(Escalated("a", 30) with { Key = "1-0" }, a with { Key = "1-0" }).Should().Equal("5-0", "1-0");
        KeysOf(Escalated("a", 30) with { Key = "1-0" }, Escalated("a", 45) with { Key = "1-0" }).Should().Equal("1-0", "5-1");
    }

    [Fact]
    public void of_equal_actions_each_stays_in_its_place()
    {
        var twice = Changed(null, 1, a, a);

        Keys(Changed(twice, 2, a, a)).Should().Equal("1-0", "1-1");
        Keys(Changed(twice, 2, Escalated("a", 30), a)).Should().Equal("1-0", "1-1");
        Keys(Changed(twice, 2, b, a, a)).Should().OnlyHaveUniqueItems().And.Contain(["1-0", "1-1"]);
    }

    [Fact]
    public void events_of_before_there_were_keys_name_actions_by_their_place_and_later_ones_by_their_version()
    {
        Keys(Of(b, a).Named(4)).Should().Equal("1-0", "1-1");
        Keys(Of(b with { Key = "1-1" }, n).Named(4)).Should().Equal("1-1", "4-1");
        var complete = Of(b with { Key = "1-1" });
        complete.Named(4).Should().BeSameAs(complete);
    }

    /// <summary>Whoever changes a rule does one thing at a time and names no keys.</summary>
    [Fact]
    public void whatever_is_done_to_a_rule_its_actions_keep_their_keys_and_no_key_is_given_twice()
    {
        var random = TestRandom.New(output.WriteLine);
        for (var walk = 0; walk < 50; walk++)
        {
            var made = 0;
            var actions = Enumerable.Range(0, random.Next(1, 6)).Select(_ => Next()).ToList();
            var rule = Changed(null, 1, [.. actions.Select(x => x.Action)]);
            var keyOf = actions.Zip(Keys(rule)).ToDictionary(x => x.First.Id, x => x.Second);
            for (var version = 2; version < 40; version++)
            {
                var place = random.Next(actions.Count);
                switch (random.Next(4))
                {
                    case 0: actions = [.. actions.OrderBy(_ => random.Next())]; break;
                    case 1: actions.Insert(random.Next(actions.Count + 1), Next()); break;
                    case 2 when actions.Count > 1: actions.RemoveAt(place); break;
                    default: actions[place] = (actions[place].Id, Next().Action); break;
                }

                rule = Changed(rule, version, [.. actions.Select(x => x.Action)]);
                foreach (var ((id, _), key) in actions.Zip(Keys(rule)))
                    if (!keyOf.TryAdd(id, key)) key.Should().Be(keyOf[id], "action {0} is the same in version {1}", id, version);
                keyOf.Values.Should().OnlyHaveUniqueItems();
            }

            (int Id, RuleAction Action) Next() => (++made, Escalated(made.ToString(CultureInfo.InvariantCulture)));
        }
    }
}
