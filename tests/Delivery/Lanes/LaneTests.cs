using Notify.Channels.Sending;
using Notify.Delivery.Lanes;
using static Notify.Delivery.Tests.Given;

namespace Notify.Delivery.Tests.Lanes;

/// <summary>What a lane takes, and when: in memory alone.</summary>
public sealed class LaneTests : IDisposable
{
    private static readonly Audience audience = Audience.One;
    private readonly Lane lane = new(Robot, new LaneLimits(20, 0, 0)) { HasBacklog = false };

    public void Dispose() => lane.Dispose();

    [Fact]
    public void takes_new_work_while_nothing_waits()
    {
        Takes("alarm-1").Should().BeTrue();
        lane.Queue();
        Takes("alarm-1").Should().BeFalse("it would overtake what waits in the store");
    }

    [Fact]
    public void takes_nothing_of_an_alarm_of_which_something_is_under_way()
    {
        lane.InFlight.Add("notification-1", "alarm-1");
        Takes("alarm-1").Should().BeFalse();
        Takes("alarm-2").Should().BeTrue();
    }

    [Fact]
    public void keeps_a_quarter_of_its_minute_for_merged_messages()
    {
        lane.Pace.Reserve(audience, 14, Now);
        Takes("alarm-1").Should().BeTrue();
        lane.Pace.Reserve(audience, 1, Now);
        Takes("alarm-1").Should().BeFalse();
        lane.Room(Now).Should().BePositive("a merged message may still leave");
    }

    [Fact]
    public void that_is_given_away_starts_nothing()
    {
        lane.IsLeaving = true;
        lane.Room(Now).Should().Be(0);
        Takes("alarm-1").Should().BeFalse();
    }

    [Fact]
    public void that_is_blocked_tries_one_at_a_time_ever_more_slowly_and_goes_on_when_one_passes()
    {
        var first = lane.BlockBy(Refusal, Now)!;
        first.Since.Should().Be(Now);
        (first.ProbeAt - Now).Should().BeCloseTo(TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(7.5));
        lane.Room(Now).Should().Be(0);
        lane.BlockBy(Refusal, Now).Should().BeNull("what was under way at the same time only confirms it");

        var trial = first.ProbeAt;
        lane.Room(trial).Should().Be(1);
        lane.InFlight.Add("notification-1", "alarm-1");
        lane.Room(trial).Should().Be(0);
        var second = lane.BlockBy(Refusal, trial)!;
        (second.Since, second.Probes).Should().Be((Now, 1));
        (second.ProbeAt - trial).Should().BeCloseTo(TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(15));

        lane.Mend();
        lane.InFlight.Clear();
        lane.Block.Should().BeNull();
        (lane.Room(trial), lane.HasBacklog).Should().Be((512, true));
    }

    [Fact]
    public void that_is_blocked_is_tried_at_once_when_the_configuration_changes()
    {
        lane.BlockBy(Refusal, Now);
        lane.Probe();
        lane.Room(Now).Should().Be(1);
    }

    [Fact]
    public void that_was_too_fast_waits_once_for_all_that_was_under_way()
    {
        var tooFast = new SendOutcome(OutcomeClass.Rate) { RetryAfter = TimeSpan.FromSeconds(40) };
        lane.Park(tooFast, Now).Should().Be((TimeSpan.FromSeconds(40), true));
        lane.Park(tooFast, Now.AddSeconds(10)).Should().Be((TimeSpan.FromSeconds(30), false));
        lane.Room(Now.AddSeconds(39)).Should().Be(0);
        lane.Room(Now.AddSeconds(40)).Should().BePositive();
        lane.EndWait(Now.AddSeconds(10)).Should().BeFalse("a robot's first wait ends by itself");
    }

    [Fact]
    public void an_app_s_long_wait_ends_with_a_test_that_passes()
    {
        using var app = new Lane(App, new LaneLimits(30, 1000, 0) { WaitGrows = true }) { HasBacklog = false };
        var tooFast = new SendOutcome(OutcomeClass.Rate);
        app.Park(tooFast, Now).Wait.Should().Be(TimeSpan.FromSeconds(61));
        var again = Now.AddSeconds(61);
        app.Park(tooFast, again).Wait.Should().Be(TimeSpan.FromSeconds(122));
        app.EndWait(again).Should().BeTrue();
        (app.ParkedUntil, app.RateRefusals, app.HasBacklog).Should().Be((default, 0, true));
        app.EndWait(again).Should().BeFalse("there is no wait any more");
    }

    [Fact]
    public void that_is_parked_waits_no_longer_when_the_clock_is_set_back()
    {
        lane.Park(new SendOutcome(OutcomeClass.Rate) { RetryAfter = TimeSpan.FromSeconds(40) }, Now);
        lane.SetBack(TimeSpan.FromHours(1));
        lane.Room(Now.AddHours(-1).AddSeconds(40)).Should().BePositive();
    }

    private static SendOutcome Refusal => new(OutcomeClass.Configuration) { PlatformCode = "93000", PlatformMessage = "invalid webhook url" };

    private bool Takes(string alarm) => lane.Takes(alarm, audience, messages: 1, Now);
}
