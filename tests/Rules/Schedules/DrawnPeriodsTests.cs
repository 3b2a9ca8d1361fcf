using Notify.Rules.Schedules;

namespace Notify.Rules.Tests;

public sealed class DrawnPeriodsTests
{
    [Fact]
    public void what_touches_or_overlaps_becomes_one_period() =>
        Assert.Equal(
            [new(0, 99), new(1000, 4599), new(9000, 9999)],
            DrawnPeriods.Add([new(0, 99), new(1000, 1899), new(2500, 2699), new(3600, 4599), new(9000, 9999)], new(1900, 3599)));

    [Fact]
    public void what_is_drawn_apart_stands_in_order() =>
        Assert.Equal([new(0, 99), new(200, 299), new(400, 499)], DrawnPeriods.Add([new(400, 499), new(0, 99)], new(200, 299)));

    [Fact]
    public void a_period_inside_of_another_adds_nothing() =>
        Assert.Equal([new(0, 86_399)], DrawnPeriods.Add([new(0, 86_399)], new(900, 1799)));

    [Fact]
    public void what_is_closed_cuts_periods_and_keeps_the_seconds_outside_of_it() =>
        Assert.Equal([new(0, 899), new(1800, 2000), new(3600, 3700)], DrawnPeriods.Remove([new(0, 2000), new(3000, 3700)], new(900, 1799))
            .SelectMany(x => DrawnPeriods.Remove([x], new(3000, 3599))));

    [Fact]
    public void a_period_that_is_closed_whole_is_gone() => Assert.Empty(DrawnPeriods.Remove([new(900, 1799)], new(900, 1799)));

    [Fact]
    public void a_week_that_is_drawn_and_closed_again_is_as_it_was()
    {
        IReadOnlyList<Seconds> before = [new(3600, 7200), new(36_000, 40_000)];
        Assert.Equal(before, DrawnPeriods.Remove(DrawnPeriods.Add(before, new(18_000, 18_899)), new(18_000, 18_899)));
    }
}
