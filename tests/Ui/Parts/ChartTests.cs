using Bunit;
using Notify.Ui.Parts;

namespace Notify.Ui.Tests.Parts;

public sealed class ChartTests : ComponentTest
{
    [Theory]
    [InlineData(1)]
    [InlineData(24)]
    [InlineData(31)]
    [InlineData(73)]
    public void however_many_bars_there_are_at_most_five_are_named_below_themselves(int count)
    {
        var chart = Render<BarChart>(x => x.Add(y => y.Caption, "Alarms").Add(y => y.Series, [new("Alarms", "bar-0")])
            .Add(y => y.Points, [.. Enumerable.Range(0, count).Select(i => new BarChart.Point($"Day {i}", $"{i}", [i + 1]))]));
        var names = chart.FindAll(".chart-along > span").Select(x => x.TextContent).ToList();
        names.Should().HaveCount(count).And.StartWith("0");
        names.Where(x => x.Length > 0).Should().HaveCountLessThanOrEqualTo(5);
        names.Select((x, i) => x.Length == 0 || x == $"{i}").Should().NotContain(false);
        chart.FindAll("rect").Should().HaveCount(count);
    }

    [Fact]
    public void bars_of_a_chart_reach_as_high_as_their_share_of_its_top_and_stand_on_each_other()
    {
        var chart = Render<BarChart>(x => x
            .Add(y => y.Caption, "Notifications").Add(y => y.Series, [new("delivered", "bar-good"), new("failed", "bar-bad")])
            .Add(y => y.Points, [new("08:00", "08:00", [4, 1]), new("09:00", "09:00", [0, 0])]));
        chart.FindAll(".chart-up > span").Select(x => x.TextContent).Should().Equal("0", "2.5", "5");
        chart.FindAll("rect").Select(x => (x.ClassName, x.GetAttribute("y"), x.GetAttribute("height")))
            .Should().Equal(("bar-good", "20", "80"), ("bar-bad", "0", "20"));
    }

    [Theory]
    [InlineData(8, "25", "50")]
    [InlineData(0, "50", "100")]
    public void a_bar_is_as_long_as_its_share_or_where_none_is_said_compared_with_the_longest(long total, string first, string second)
    {
        var bars = Render<ShareBars>(x => x
            .Add(y => y.Caption, "By level").Add(y => y.Head, "Level").Add(y => y.Total, total).Add(y => y.AreLevels, true)
            .Add(y => y.Rows, [("Critical", 2), ("Low", 4)]));
        bars.FindAll("rect").Select(x => (x.ClassName, x.GetAttribute("width"))).Should().Equal(("bar-critical", first), ("bar-low", second));
    }
}
