using System.Text.Json;
using Notify.Contracts.Replays;
using Notify.Kernel;
using Notify.Rules.Deciding;
using Notify.Rules.Tests.Explaining;
using Notify.Rules.WhatIf;
using Notify.Testing;

namespace Notify.Rules.Tests.WhatIf;

public class PredictionTests
{
    /// <summary>What a host puts on record of a decision, read back as the log reads it.</summary>
    private static RecordedDecision Record(int i, Decision decision, DateTimeOffset at)
    {
        var fact = new AlarmDecided(
            $"alarm-{i}", "", 1, decision.ConfigurationVersion,
            [.. decision.Notifications.Select(
            (x, n) => new DecidedAction($"notification-{n}", x.Rule.Id, x.Rule.Version, x.Action, x.Receivers, x.Suppressed))], decision.Nobody);
        var stored = JsonSerializer.Deserialize<AlarmDecided>(JsonSerializer.Serialize(fact, NotifyJson.Options), NotifyJson.Options)!;
        return new(i, Guid.NewGuid(), "decision-1", at, null, Guid.NewGuid(), stored);
    }

    private static IEnumerable<string> Told(Decision decision) =>
        decision.Notifications.Where(x => x.Suppressed is null)
            .SelectMany(x => x.Receivers.Select(r => (r.Alias is { } alias ? $"bot:{alias}" : $"account:{r.Account}") + " by " + x.Rule.Name))
                .Order(StringComparer.Ordinal);

    [Fact]
    public void ten_thousand_predictions_are_what_then_happens()
    {
        var random = new Random(4711);
        var different = 0;
        for (var i = 0; i < 10_000; i++)
        {
            var (then, today, alarm) = (RandomPlant.Of(random), RandomPlant.Of(random), RandomPlant.Alarm(random));
            var at = Given.Noon.AddHours(random.Next(7 * 24));
            var night = then.Snapshot.Decide(alarm, at);

            var prediction = new DecisionComparison(then.Snapshot, today.Snapshot, new ReplayFilter(), TestChannels.All)
                .Compare(Record(i, night, at), alarm)!;

            // The same alarm sent live, at such an instant, to the configuration that was tried.
            var live = today.Snapshot.Decide(alarm, at);
            prediction.Receivers.SelectMany(x => x.WouldBe.Select(rule => $"{x.Receiver} by {rule}")).Order(StringComparer.Ordinal).Should()
                .Equal(Told(live));
            prediction.Receivers.SelectMany(x => x.Recorded.Select(rule => $"{x.Receiver} by {rule}")).Order(StringComparer.Ordinal).Should()
                .Equal(Told(night));
            if (prediction.Receivers.Any(x => !x.Recorded.SequenceEqual(x.WouldBe))) different++;
        }

        different.Should().BeGreaterThan(500, "else nothing was predicted");
    }

    [Fact]
    public void a_robot_that_is_written_otherwise_is_the_same_robot()
    {
        RuleSnapshot PlantOf(string alias) =>
            Given.Plant([Given.Enabled("r0", "Rule 0", Given.Rule with { Actions = [Given.Action(Given.Bot(alias))] })]);
        var night = Record(0, PlantOf("Line 1").Decide(Given.Alarm, Given.Noon), Given.Noon);

        var receiver = new DecisionComparison(PlantOf("Line 1"), PlantOf("ＬINE  1"), new(), TestChannels.All)
            .Compare(night, Given.Alarm)!.Receivers.Should().ContainSingle().Subject;

        (receiver.Receiver, receiver.Recorded.Single(), receiver.WouldBe.Single()).Should().Be(("bot:Line 1", "Rule 0", "Rule 0"));
    }

    [Fact]
    public void a_filter_leaves_out_what_it_is_not_about()
    {
        var plant = Given.Plant(
            [Given.Enabled("r0", "Rule 0", Given.Rule with { Actions = [Given.Action(Given.Bot("Line 1"), Given.Account("lisi"))] })]);
        var night = Record(0, plant.Decide(Given.Alarm, Given.Noon), Given.Noon);
        IEnumerable<string>? Receivers(ReplayFilter filter) =>
            new DecisionComparison(plant, plant, filter, TestChannels.All).Compare(night, Given.Alarm)?.Receivers.Select(x => x.Receiver);

        Receivers(new()).Should().Equal("account:lisi", "bot:Line 1");
        Receivers(new(Receiver: "lisi")).Should().Equal("account:lisi");
        Receivers(new(RuleId: "r9")).Should().BeEmpty();
        Receivers(new(ServiceId: "s1")).Should().HaveCount(2);
        Receivers(new(ServiceId: "s9")).Should().BeEmpty();
        Receivers(new(AlarmPath: "Site2/**")).Should().BeNull();
    }
}
