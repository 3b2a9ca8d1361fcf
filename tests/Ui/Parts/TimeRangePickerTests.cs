using Bunit;
using Notify.Ui.Parts;

namespace Notify.Ui.Tests.Parts;

public sealed class TimeRangePickerTests : ComponentTest
{
    private TimeRange? given;

    private IRenderedComponent<TimeRangePicker> Show(TimeRange value, TimeSpan? longest = null, bool mayBeAll = false) =>
        Render<TimeRangePicker>(x => x.Add(y => y.Value, value).Add(y => y.MayBeAll, mayBeAll)
            .Add(y => y.Longest, longest ?? TimeSpan.FromDays(366)).Add(y => y.ValueChanged, y => given = y));

    [Fact]
    public void one_of_the_lengths_is_chosen_as_far_as_they_are_offered()
    {
        var picker = Show(new("24h"), TimeSpan.FromDays(7));
        picker.FindAll("option").Select(x => x.GetAttribute("value")).Should().Equal("1h", "8h", "24h", "7d", "own");
        picker.Find("select").Change("8h");
        given.Should().Be(new TimeRange("8h"));
        picker.FindAll("input").Should().BeEmpty();
    }

    [Fact]
    public void any_time_is_offered_where_there_may_be_no_beginning()
    {
        var picker = Show(new("24h"), mayBeAll: true);
        picker.Find("option").GetAttribute("value").Should().BeEmpty();
        picker.Find("select").Change("");
        given.Should().Be(new TimeRange(null));
    }

    [Fact]
    public void from_and_to_begin_with_what_was_shown_before()
    {
        Show(new("8h")).Find("select").Change("own");
        given.Should().Be(new TimeRange(null, Now.AddHours(-8), Now));
        Show(new(null), mayBeAll: true).Find("select").Change("own");
        given.Should().Be(new TimeRange(null, Now.AddDays(-1), Now), "all of it has no beginning");
    }

    [Fact]
    public void from_and_to_are_typed_on_the_readers_clock_and_only_the_end_can_be_left_open()
    {
        Reader.TimeZone = "Asia/Shanghai";
        var picker = Show(new(null, Now.AddHours(-2), Now));
        (picker.Find("#range-from").GetAttribute("value"), picker.Find("#range-to").GetAttribute("value")).Should().Be(("2026-10-01 18:00:00", "2026-10-01 20:00:00"));
        Type("range-from", "2026-10-01 17:00:00");
        given.Should().Be(new TimeRange(null, Now.AddHours(-3), Now));
        Type("range-from", "");
        given.Should().Be(new TimeRange(null, Now.AddHours(-2), Now));
        Type("range-to", "");
        given.Should().Be(new TimeRange(null, Now.AddHours(-2)));

        void Type(string id, string text)
        {
            picker.Find($"#{id}").Input(text);
            picker.Find($"#{id}").Change(text);
        }
    }
}
