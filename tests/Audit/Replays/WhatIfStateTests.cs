using Notify.Audit.Replays;
using Notify.Audit.Replays.WhatIf;
using Notify.Contracts.Alarms;
using Notify.Contracts.Replays;
using Notify.Contracts.Rules;

namespace Notify.Audit.Tests.Replays;

public class WhatIfStateTests
{
    private static readonly DateTimeOffset start = new(2026, 1, 31, 3, 0, 0, TimeSpan.Zero);
    private static readonly ReplayRequested request = new(
        ReplayMode.WhatIf, start, start.AddHours(1), new ReplayFilter(), null, null, null, 0, 100, 1);

    /// <param name="told">For each minute: who was told of the alarm, and who would be.</param>
    private static WhatIfState After(params (string[] Recorded, string[] WouldBe)[] told)
    {
        var state = WhatIfState.Read(null, request);
        foreach (var (i, x) in told.Index())
        {
            var receivers = x.Recorded.Concat(x.WouldBe).Distinct().Select(r => new ComparedReceiver(
                r, [.. x.Recorded.Where(n => n == r).Select(_ => "rule")], [.. x.WouldBe.Where(n => n == r).Select(_ => "rule")]));
            state.Add(new(i, start.AddMinutes(i), "alarm-1", i + 1, "Alarm", "", AlarmLevel.High, AlarmState.ActiveUnacked, [.. receivers]));
            // Whatever node takes the next step.
            state = WhatIfState.Read(state.Write(), request);
        }

        state.Finish();
        return state;
    }

    [Fact]
    public void the_same_is_no_difference() => After((["a"], ["a"]), (["a"], ["a"])).Different.Should().Be(0);

    [Fact]
    public void who_hears_at_a_later_change_hears_later() =>
        After((["a"], []), (["a"], ["a"])).Receivers["a"].Should()
            .BeEquivalentTo(new WhatIfReceiver { Recorded = 2, WouldBe = 1, Less = 1, Later = 1, LongestDelaySeconds = 60 });

    [Fact]
    public void who_hears_at_an_earlier_change_hears_sooner() =>
        After(([], ["a"]), (["a"], ["a"])).Receivers["a"].Should()
            .BeEquivalentTo(new WhatIfReceiver { Recorded = 1, WouldBe = 2, More = 1, Sooner = 1 });

    [Fact]
    public void who_hears_of_it_no_longer_or_newly_is_told_apart()
    {
        var state = After((["a"], ["b"]));
        state.Receivers["a"].Should().BeEquivalentTo(new WhatIfReceiver { Recorded = 1, Less = 1, NoLonger = 1 });
        state.Receivers["b"].Should().BeEquivalentTo(new WhatIfReceiver { WouldBe = 1, More = 1, Newly = 1 });
    }

    [Fact]
    public void two_rules_that_tell_the_same_count_twice() =>
        After((["a"], ["a", "a"])).Receivers["a"].Should().BeEquivalentTo(new WhatIfReceiver { Recorded = 1, WouldBe = 2, More = 1 });

    [Fact]
    public void who_hears_by_an_escalation_hears_later_and_steps_are_counted_among_the_notifications()
    {
        var state = WhatIfState.Read(null, request);
        ComparedStep Step(StepKind kind, int number, int? recorded, int? wouldBe) => new(
            "a", "rule", kind, number, recorded is { } then ? start.AddMinutes(then) : null, wouldBe is { } would ? start.AddMinutes(would) : null);
        ComparedDecision Decision(string alarm, ComparedReceiver[] receivers, params ComparedStep[] steps) =>
            new(1, start, alarm, 1, "Alarm", "", AlarmLevel.High, AlarmState.ActiveUnacked, receivers) { Steps = steps };

        state.Add(Decision("alarm-1", [new("a", ["rule"], [])], Step(StepKind.Escalation, 0, null, 15))).Should().BeTrue();
        state.Add(Decision("alarm-2", [], Step(StepKind.Escalation, 0, 15, 15), Step(StepKind.Reminder, 1, 45, null))).Should().BeTrue();
        state.Add(Decision("alarm-3", [], Step(StepKind.Escalation, 0, 15, 15))).Should().BeFalse();
        state = WhatIfState.Read(state.Write(), request);
        state.Finish();

        state.Receivers["a"].Should().BeEquivalentTo(new WhatIfReceiver
        {
            Recorded = 4,
            WouldBe = 3,
            RecordedSteps = 3,
            WouldBeSteps = 3,
            Less = 1,
            Later = 1,
            LongestDelaySeconds = 15 * 60,
        });
    }
}
