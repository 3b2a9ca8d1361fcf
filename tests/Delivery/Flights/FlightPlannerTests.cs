using Microsoft.Extensions.Configuration;
using Notify.Channels;
using Notify.Channels.Sending;
using Notify.Channels.WeCom;
using Notify.Contracts.Alarms;
using Notify.Contracts.Rules;
using Notify.Delivery.Flights;
using Notify.Delivery.Lanes;
using Notify.Delivery.Notifications;
using Notify.Testing;

namespace Notify.Delivery.Tests.Flights;

/// <summary>What is at fault in what waits fails by itself; the rest leaves, together where it would have left together.</summary>
public sealed class FlightPlannerTests
{
    private const string LaneId = "wecom/robot/x";
    private static readonly DateTimeOffset now = TimeProvider.System.GetUtcNow();
    private static readonly Reachable none = Reachable.Nothing;
    private readonly HeldLanes lanes;
    private readonly FlightPlanner planner;

    public FlightPlannerTests()
    {
        var settings = new ConfigurationBuilder().AddInMemoryCollection([new("Notify:WeCom:BotLimitPerMinute", "20")]).Build();
        lanes = new(TestChannels.All, TimeProvider.System);
        // Something was sent a while ago: not all may leave one by one.
        lanes.Hold([new ClaimedLane(LaneId, null)], [new(LaneId, Audience.Lane, now.AddSeconds(-30), 1)], [], now, lanes.Uptime,
            TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1));
        // No service is known, so that what is planned is refused before a credential is asked for.
        planner = new(lanes, TestChannels.All, Given.Links, new(settings), TimeProvider.System);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(17)]
    [InlineData(59)]
    public async Task what_cannot_be_merged_fails_and_the_others_are_merged_without_it(int bad)
    {
        var waiting = Enumerable.Range(0, 60).Select(i => Of(i)).ToList();
        waiting[bad] = waiting[bad] with { Request = waiting[bad].Request with { Content = new("text", "x", null!) } };
        var flights = await PlanAsync(waiting);
        Faults(flights).Should().Equal((waiting[bad].Id, FailureStage.Merging));
        flights.Single(x => x.Unsendable!.Class != OutcomeClass.Fault).Works.Should().HaveCount(59);
    }

    [Fact]
    public async Task what_cannot_be_read_fails_and_the_others_leave()
    {
        var waiting = Enumerable.Range(0, 5).Select(i => Of(i)).ToList();
        waiting[2] = waiting[2] with { Unreadable = new FormatException("not this") };
        var flights = await PlanAsync(waiting);
        Faults(flights).Should().Equal((waiting[2].Id, FailureStage.Planning));
        flights.Should().HaveCount(5);
    }

    [Fact]
    public async Task those_whose_receivers_make_no_sense_fail_one_in_each_round_and_hold_up_no_other()
    {
        List<Work> waiting = [Of(0, new Receiver("account")), Of(1), Of(2, new Receiver("account")), Of(3)];
        var flights = await PlanAsync(waiting);
        Faults(flights).Should().Equal((waiting[0].Id, FailureStage.Planning));
        flights.SelectMany(x => x.Works).Select(x => x.Id).Should().BeEquivalentTo(waiting[0].Id, waiting[1].Id, waiting[3].Id);
        foreach (var flight in flights) lanes.Land(LaneId, flight.Works, moreToCome: false);
        Faults(await PlanAsync([waiting[2]])).Should().Equal((waiting[2].Id, FailureStage.Planning));
    }

    [Fact]
    public async Task what_could_not_be_recorded_together_is_merged_in_halves()
    {
        var waiting = Enumerable.Range(0, 60).Select(i => Of(i)).ToList();
        planner.Part(waiting);
        var first = (await PlanAsync(waiting)).Single();
        first.Works.Should().Equal(waiting.Take(30));
        lanes.Land(LaneId, first.Works, moreToCome: true);
        planner.Forget(first.Works);
        (await PlanAsync([.. waiting.Skip(30)])).Single().Works.Should().HaveCount(30);
    }

    [Fact]
    public async Task what_has_room_leaves_one_by_one_and_of_an_alarm_the_earliest()
    {
        List<Work> waiting = [Of(0), Of(1), Of(0, id: "later of alarm 0"), Of(2)];
        var flights = await PlanAsync(waiting);
        flights.Select(x => x.Works.Single().Id).Should().Equal(waiting[0].Id, waiting[1].Id, waiting[3].Id);
        lanes.Find(LaneId)!.InFlight.Keys.Should().BeEquivalentTo(flights.Select(x => x.Works[0].Id));
    }

    [Fact]
    public async Task nothing_leaves_of_an_alarm_of_which_something_is_under_way()
    {
        await PlanAsync([Of(0)]);
        (await PlanAsync([Of(0, id: "later of alarm 0")])).Should().BeEmpty();
    }

    [Fact]
    public async Task what_has_fallen_behind_leaves_in_one_message_for_the_same_receivers()
    {
        var other = new Receiver("bot", "Line 2");
        List<Work> waiting = [.. Enumerable.Range(0, 40).Select(i => i % 2 == 0 ? Of(i) : Of(i, other))];
        var flights = await PlanAsync(waiting);
        flights.Should().OnlyContain(x => x.Works.Select(w => w.Request.Receivers[0].Alias).Distinct().Count() == 1);
        flights[0].Works.Should().Equal(waiting.Where((_, i) => i % 2 == 0));
    }

    [Fact]
    public async Task nothing_is_planned_for_a_lane_that_another_node_serves() =>
        (await planner.PlanAsync("wecom/robot/y", [Of(0)], none, now, CancellationToken.None)).Should().BeEmpty();

    private Task<List<Flight>> PlanAsync(IReadOnlyList<Work> waiting) => planner.PlanAsync(LaneId, waiting, none, now, CancellationToken.None);

    private static IEnumerable<(string Id, string? Stage)> Faults(IEnumerable<Flight> flights) =>
        flights.Where(x => x.Unsendable?.Class == OutcomeClass.Fault).Select(x => (x.Works.Single().Id, x.Unsendable!.Stage));

    private static Work Of(int i, Receiver? receiver = null, string? id = null)
    {
        var any = new VersionedRef("x", 1, "x");
        var request = new NotificationRequested(
            $"alarm-{i}", $"Alarm {i}", "", AlarmLevel.High, AlarmState.ActiveUnacked, now, any, any, any, any, "wecom", LaneId,
            [receiver ?? new Receiver("bot", "Line 1")],
            new RenderedMessage("text", "x", Mentions.None), AlarmVersion: 1);
        return new Work(id ?? $"notification-{i}", LaneId, 1, 0, 0, 0, request, now, "", "");
    }
}
