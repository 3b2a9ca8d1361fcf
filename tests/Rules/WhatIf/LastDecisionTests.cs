using Notify.Rules.Deciding;
using Notify.Rules.WhatIf;

namespace Notify.Rules.Tests.WhatIf;

/// <summary>What was decided anew is compared once, as it was decided last.</summary>
public class LastDecisionTests
{
    private static readonly Guid change = Guid.NewGuid();
    private static readonly RecordedDecision first = Decision(10, minute: 1, "decision-1");
    private static readonly RecordedDecision again = Decision(20, minute: 5, DecisionLog.AnewStreamOf(change));
    private static readonly RecordedDecision atLast = Decision(30, minute: 9, DecisionLog.AnewStreamOf(change));

    [Fact]
    public void it_is_compared_in_the_place_of_the_first_decision()
    {
        Of([first, again, atLast]).Should().Equal((10, first, atLast));
        Of([first]).Should().Equal([(10, first, atLast)], "the others are in a later part");
        Of([again, atLast]).Should().BeEmpty("the first is in an earlier part");
    }

    [Fact]
    public void what_lies_outside_the_period_does_not_count()
    {
        Of([first, again], upTo: 25).Should().Equal((10, first, again));
        Of([first, again], to: 9).Should().Equal((10, first, again));
        Of([again, atLast], from: 2).Should().Equal((30, null, atLast));
        Of([again], from: 2, to: 9).Should().Equal((20, null, again));
    }

    private static IEnumerable<(long, RecordedDecision?, RecordedDecision)> Of(
        RecordedDecision[] decisions, long upTo = 100, int from = 0, int to = 60) => LastDecision.Of(
            decisions, [again, atLast], new Dictionary<Guid, DateTimeOffset> { [change] = Given.Noon },
            (upTo, Given.Noon.AddMinutes(from), Given.Noon.AddMinutes(to))).Select(x => (x.Sequence, x.First, x.Last));

    private static RecordedDecision Decision(long sequence, int minute, string stream) => new(
        sequence, Guid.NewGuid(), stream, Given.Noon.AddMinutes(minute), "c", change, new("alarm-1", "Pump", 1, 7, [], null));
}
