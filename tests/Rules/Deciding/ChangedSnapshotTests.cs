using CsCheck;
using Notify.Channels;
using Notify.Channels.People;
using Notify.Contracts.Alarms;
using Notify.Contracts.People;
using Notify.Rules.Deciding;
using Notify.Rules.Messages;
using Notify.Rules.Schedules;
using Notify.Testing;

namespace Notify.Rules.Tests;

/// <summary>A snapshot that takes over what has not changed decides as one that was compiled from nothing.</summary>
public sealed class ChangedSnapshotTests
{
    private static readonly AlarmFacts[] alarms =
    [
        .. from path in (string[])["A/x", "A/y", "B/x"] from state in Enum.GetValues<AlarmState>()
           select Given.Alarm with { Path = path, State = state, Rule = "Rule 3" },
    ];

    /// <summary>A configuration that is changed step by step; what a step does not touch stays the same objects, as in the store's cache.</summary>
    private sealed class Plant
    {
        private int version;

        public Dictionary<string, Configured<RuleSettings>> Rules { get; } = [];
        public Dictionary<string, Configured<MessageSettings>> Messages { get; } = new() { ["m1"] = Given.Enabled("m1", "Short", Given.Text) };
        public Dictionary<string, Configured<ScheduleSettings>> Schedules { get; } = new() { ["c1"] = Given.Enabled("c1", "Default", Given.Always) };
        public Dictionary<string, ConfiguredService> Services { get; } = new() { ["s1"] = Given.Service };
        public Dictionary<string, PersonDescription> People { get; } = new() { ["user-1"] = Person("zhang"), ["user-2"] = Person("li", "user-2") };
        public Dictionary<string, GroupDescription> Groups { get; } = new() { ["group-1"] = Given.Group("group-1", "Night", "user-1") };

        public static PersonDescription Person(string account, string id = "user-1") => Given.Person(id, id, ("wecomAccount", account));

        public RuleSnapshot Whole() => After(null);

        public RuleSnapshot After(RuleSnapshot? before) => new(
            version, Rules.Values, Messages.Values, Schedules.Values, Services.Values, AsRead(), TestChannels.All, before);

        /// <summary>Made anew at each look, as the Access module's answer is.</summary>
        private ConfiguredPeople AsRead() => new(
            People.Values.Select(x => x with { Addresses = new Dictionary<string, string>(x.Addresses, StringComparer.Ordinal) }),
            Groups.Values.Select(x => x with { Members = [.. x.Members] }));

        public void Change(int what, int which)
        {
            version++;
            var (id, name) = ($"r{which}", $"Rule {which + (what % 2)}");
            switch (what)
            {
                case < 5:
                    Rules[id] = new(id, version, name, true, Given.Rule.With(x => x with
                    {
                        States = [(AlarmState)(version % 4), AlarmState.ActiveUnacked],
                        Paths = what == 4 ? null : [what == 3 ? $"*/{(version % 2 == 0 ? "x" : "y")}" : $"{(version % 3 == 0 ? "A" : "B")}/**"],
                        MatchAll = version % 5 != 0,
                    }) with
                    {
                        Actions = [which % 3 == 0 ? Given.Action(Given.Bot("Line 1"))
                            : Given.Action(which % 3 == 1 ? Given.User("user-1") : Given.GroupOf("group-1"), Given.Bot("Line 2"))],
                    });
                    break;
                case 5:
                    Rules.Remove(id);
                    break;
                case 6:
                    if (Rules.TryGetValue(id, out var rule)) Rules[id] = rule with { Version = version, Enabled = !rule.Enabled };
                    break;
                case 7:
                    Messages["m1"] = new("m1", version, "Short", version % 3 != 0, Given.Text with { Content = $"{{name}} {version}" });
                    break;
                case 8:
                    Schedules["c1"] = new("c1", version, "Default", version % 3 != 0, version % 2 == 0 ? Given.Always : Given.OfficeHours);
                    break;
                case 9 when !Schedules.Remove("h1"):
                    Schedules["h1"] = new("h1", version, "Today", true, Given.NationalDay with { From = "2026-09-30", To = "2026-09-30" });
                    break;
                case 10 when !Services.Remove("s1"):
                    Services["s1"] = Given.Service with { Version = version };
                    break;
                case 11:
                    People["user-1"] = Person($"zhang{version}") with { Version = version, Enabled = version % 3 != 0 };
                    break;
                case 12 when !Groups.Remove("group-1"):
                    Groups["group-1"] = Given.Group("group-1", "Night", version % 2 == 0 ? "user-1" : "user-2") with { Version = version };
                    break;
            }
        }
    }

    [Fact]
    public void after_any_changes_it_decides_as_one_compiled_from_nothing() =>
        Gen.Select(Gen.Int[0, 12], Gen.Int[0, 7]).Array[1, 40].Sample(changes =>
        {
            var (plant, snapshot) = (new Plant(), (RuleSnapshot?)null);
            foreach (var (what, which) in changes)
            {
                plant.Change(what, which);
                var before = snapshot;
                snapshot = plant.After(before);
                var whole = plant.Whole();
                foreach (var alarm in alarms) Told(snapshot, alarm).Should().Equal(Told(whole, alarm));
                snapshot.Rules.Should().Equal(whole.Rules);
                if (before is null || !snapshot.DecidesAs(before)) continue;
                foreach (var alarm in alarms) Told(snapshot, alarm).Should().Equal(Told(before, alarm), "it says that it decides as before");
            }
        }, iter: 200);

    [Theory]
    [InlineData("changed")]
    [InlineData("renamed")]
    [InlineData("added")]
    [InlineData("removed")]
    public void of_many_rules_one_change_compiles_one(string how)
    {
        const int Count = 1_000;
        var plant = new Plant();
        for (var i = 0; i < Count; i++) plant.Rules[$"r{i}"] = Given.Enabled($"r{i}", $"Rule {i}", Given.Rule);
        var before = plant.Whole();
        if (how == "removed") plant.Rules.Remove("r5");
        else if (how == "added") plant.Rules["new"] = Given.Enabled("new", "New", Given.Rule);
        else plant.Rules["r5"] = plant.Rules["r5"] with { Version = 2, Name = how == "renamed" ? "Another" : "Rule 5" };

        var after = plant.After(before);

        after.Compiled.Should().Be(how == "removed" ? 0 : 1);
        after.Decide(Given.Alarm, Given.Noon).Notifications.Should().HaveCount(plant.Rules.Count);
    }

    [Theory]
    [InlineData("nothing", true)]
    [InlineData("a message that no rule uses", true)]
    [InlineData("a schedule that no rule uses", true)]
    [InlineData("a person whom no rule names", true)]
    [InlineData("a rule", false)]
    [InlineData("a new rule", false)]
    [InlineData("a removed rule", false)]
    [InlineData("its message", false)]
    [InlineData("its service", false)]
    [InlineData("a holiday", false)]
    public void it_knows_whether_it_decides_as_before(string changed, bool same)
    {
        var plant = new Plant();
        plant.Rules["r1"] = Given.Enabled("r1", "Rule 1", Given.Rule);
        var before = plant.Whole();
        switch (changed)
        {
            case "a message that no rule uses": plant.Messages["m2"] = Given.Enabled("m2", "Long", Given.Text); break;
            case "a schedule that no rule uses": plant.Schedules["c2"] = Given.Enabled("c2", "Office", Given.OfficeHours); break;
            case "a person whom no rule names": plant.People["user-1"] = Plant.Person("zhang.new"); break;
            case "a rule": plant.Rules["r1"] = plant.Rules["r1"] with { Version = 2, Enabled = false }; break;
            case "a new rule": plant.Rules["r2"] = Given.Enabled("r2", "Rule 2", Given.Rule); break;
            case "a removed rule": plant.Rules.Remove("r1"); break;
            case "its message": plant.Messages["m1"] = plant.Messages["m1"] with { Version = 2, Enabled = false }; break;
            case "its service": plant.Services["s1"] = Given.Service with { Version = 9 }; break;
            case "a holiday": plant.Schedules["h1"] = Given.Enabled("h1", "National day", Given.NationalDay); break;
        }

        plant.After(before).DecidesAs(before).Should().Be(same);
    }

    [Fact]
    public void what_a_rule_uses_changes_with_it()
    {
        var plant = new Plant();
        plant.Rules["r1"] = Given.Enabled("r1", "Rule 1", Given.Rule);
        var before = plant.Whole();
        plant.Messages["m1"] = Given.Enabled("m1", "Short", Given.Text with { Content = "changed" }) with { Version = 2 };

        var after = plant.After(before);

        after.Decide(Given.Alarm, Given.Noon).Notifications.Single().Content.Text.Should().Be("changed");
        before.Decide(Given.Alarm, Given.Noon).Notifications.Single().Content.Text.Should().NotBe("changed", "it is what it was");
    }

    [Theory]
    [InlineData("named")]
    [InlineData("in a group")]
    [InlineData("by the other way")]
    public void a_changed_address_reaches_the_next_decision_and_only_rules_that_name_people_are_compiled(string how)
    {
        var plant = new Plant();
        var receiver = how == "in a group" ? Given.GroupOf("group-1") : Given.User("user-1");
        var action = how != "by the other way" ? Given.Action(receiver) : Given.Action(Given.Bot("Line 1")) with
        {
            Otherwise = new() { AfterMinutes = 5, ServiceId = "s1", MessageId = "m1", Receivers = [receiver] },
        };
        plant.Rules["r1"] = Given.Enabled("r1", "Rule 1", Given.Rule with { Actions = [action] });
        plant.Rules["r2"] = Given.Enabled("r2", "Rule 2", Given.Rule);
        var before = plant.Whole();
        plant.After(before).Compiled.Should().Be(0, "the people are read anew, and are the same");
        plant.People["user-1"] = Plant.Person("zhang.new");

        var after = plant.After(before);

        (Account(before), Account(after), after.Compiled).Should().Be(("zhang", "zhang.new", 1));
        plant.Groups["group-1"] = Given.Group("group-1", "Night", "user-2");
        Account(plant.After(after)).Should().Be(how == "in a group" ? "li" : "zhang.new");

        string? Account(RuleSnapshot snapshot) => (how == "by the other way"
            ? snapshot.TakeOtherWay("r1", "1-0", Given.Alarm, Given.Noon).Notifications
            : snapshot.Decide(Given.Alarm, Given.Noon).Notifications.Where(x => x.Rule.Id == "r1")).Single().Receivers.Single().Account;
    }

    private static IEnumerable<string> Told(RuleSnapshot snapshot, AlarmFacts alarm) =>
        snapshot.Decide(alarm, Given.Noon).Notifications
            .Select(x => $"{x.Rule} {x.Service} {x.Message} {x.Schedule} {x.Content.Text} {x.Suppressed} {x.Failure} {string.Join(',', x.Receivers.Select(r => $"{r.Kind} {r.Alias} {r.Account} {r.People?[0]}"))}");
}
