using Bunit;
using Notify.Audit.History;
using Notify.Audit.Pages;

namespace Notify.Ui.Tests.Pages;

/// <summary>What is said and chosen when the browser tells which bars were marked.</summary>
public sealed class HistogramPickerTests : ComponentTest
{
    private readonly List<(DateTimeOffset From, DateTimeOffset To)> chosen = [];

    /// <summary>Six bars of ten minutes.</summary>
    private IRenderedComponent<HistogramPicker> Show(long oneOf = 1) => Render<HistogramPicker>(x => x
        .Add(y => y.Value, new Histogram(Now, Now.AddHours(1), [.. Enumerable.Range(0, 6).Select(Bar)], oneOf))
        .Add(y => y.From, Now).Add(y => y.To, Now.AddMinutes(20)).Add(y => y.Chosen, chosen.Add));

    private static HistogramBar Bar(int i) => new(Now.AddMinutes(10 * i), i, 10 * i, 0, i == 5 ? 1 : 0);

    private static string Said(IRenderedComponent<HistogramPicker> picker) => picker.Find("[role=status]").TextContent;

    [Fact]
    public async Task the_period_that_is_chosen_is_counted_and_so_is_what_is_marked()
    {
        Reader.TimeZone = "Asia/Shanghai";
        var picker = Show();
        Said(picker).Should().Be(
            "2026-10-01 20:00:00 +08:00 – 2026-10-01 20:20:00 +08:00: alarm reports 1, notifications 10, failed attempts 0, changes of the configuration 0");
        await picker.InvokeAsync(() => picker.Instance.Moved(3, 5));
        Said(picker).Should().Be(
            "2026-10-01 20:30:00 +08:00 – 2026-10-01 21:00:00 +08:00: alarm reports 12, notifications 120, failed attempts 0, changes of the configuration 1");
        chosen.Should().BeEmpty("it is only being marked");
    }

    [Theory]
    [InlineData(1, 2, 10, 30)]
    [InlineData(2, 1, 10, 30)]
    [InlineData(4, 4, 40, 50)]
    [InlineData(-3, 99, 0, 60)]
    public async Task bars_are_chosen_whole_in_either_direction_and_within_the_histogram(int from, int to, int begin, int end)
    {
        var picker = Show();
        await picker.InvokeAsync(() => picker.Instance.Marked(from, to));
        chosen.Should().Equal((Now.AddMinutes(begin), Now.AddMinutes(end)));
    }

    [Fact]
    public void the_table_has_the_bars_in_which_something_happened_and_estimates_are_called_so()
    {
        Show().FindAll("tbody tr").Count.Should().Be(5);
        Show().Find(".histogram-scale").TextContent.Should().Be("55 entries");
        Show(oneOf: 8).Find(".histogram-scale").TextContent.Should().Contain("estimated");
    }
}
