using System.Text.Json.Nodes;
using Bunit;
using Notify.Rules.Pages;
using Notify.Ui.Forms;

namespace Notify.Ui.Tests.Pages;

/// <summary>The periods of a week, drawn or typed. The browser tells days from 0, Monday, and quarters of an hour from midnight.</summary>
public sealed class WeekEditorTests : ComponentTest
{
    private readonly FormState form = new(JsonNode.Parse("""{ "weekly": { "monday": [{ "from": "08:00:00", "to": "11:59:59" }] } }""")!.AsObject());

    private IRenderedComponent<WeekEditor> Show()
    {
        var week = Render<WeekEditor>(x => x.Add(y => y.Form, form));
        form.Changed += () => week.Render();
        return week;
    }

    private string Periods(string day) => string.Join(
        ", ", (form.List($"weekly.{day}") ?? []).Select(x => $"{x!["from"]}-{x["to"]}"));

    [Theory]
    // Closed where it begins: opened, and joined with what it touches.
    [InlineData(48, 51, "08:00:00-12:59:59")]
    [InlineData(51, 46, "08:00:00-12:59:59")]
    [InlineData(56, 59, "08:00:00-11:59:59, 14:00:00-14:59:59")]
    [InlineData(28, 95, "07:00:00-23:59:59")]
    // Open where it begins: closed.
    [InlineData(36, 39, "08:00:00-08:59:59, 10:00:00-11:59:59")]
    [InlineData(32, 47, "")]
    [InlineData(44, 60, "08:00:00-10:59:59")]
    public async Task a_stretch_is_opened_or_closed_by_where_it_begins(int from, int to, string monday)
    {
        var week = Show();
        await week.InvokeAsync(() => week.Instance.Marked(0, from, to));
        Periods("monday").Should().Be(monday);
        form.IsDirty.Should().BeTrue();
    }

    [Fact]
    public async Task where_the_mark_is_is_said_and_whether_it_is_open()
    {
        var week = Show();
        await week.InvokeAsync(() => week.Instance.Moved(0, 32, 33));
        week.Find("[role=status]").TextContent.Should().Be("Monday 08:00:00 ~ 08:29:59, open");
        await week.InvokeAsync(() => week.Instance.Moved(6, 95, 95));
        week.Find("[role=status]").TextContent.Should().Be("Sunday 23:45:00 ~ 23:59:59, closed");
        form.IsDirty.Should().BeFalse();
    }

    [Theory]
    [InlineData("8", "08:00:00")]
    [InlineData("8:5", "08:05:00")]
    [InlineData("8：30", "08:30:00")]
    [InlineData("08:30:15", "08:30:15")]
    [InlineData("noon", "noon")]
    [InlineData("1:2:3:4", "1:2:3:4")]
    [InlineData("", "")]
    public void what_is_typed_short_is_meant_whole_and_what_is_no_time_is_left_to_the_api(string typed, string kept)
    {
        var week = Show();
        week.Find("[aria-label='Monday, period 1, from']").Change(typed);
        form.Text("weekly.monday[0].from").Should().Be(kept);
    }

    [Fact]
    public void a_period_is_added_where_there_is_room_copied_to_all_days_and_removed()
    {
        var week = Show();
        week.Find("[aria-label='Add a period: Monday']").Click();
        Periods("monday").Should().Be("08:00:00-11:59:59, 12:00:00-23:59:59");
        week.Find("[aria-label='Add a period: Monday']").Click();
        Periods("monday").Should().Be("08:00:00-11:59:59, 12:00:00-23:59:59, 00:00:00-07:59:59");
        week.Find("[aria-label='Add a period: Monday']").HasAttribute("disabled").Should().BeTrue("the day is full");
        week.Find("[aria-label='Remove period 2 of Monday']").Click();
        week.Find("[aria-label='Copy Monday to all days']").Click();
        foreach (var day in (string[])["monday", "tuesday", "sunday"]) Periods(day).Should().Be("08:00:00-11:59:59, 00:00:00-07:59:59");
        // A copy is not the same list.
        week.Find("[aria-label='Remove period 1 of Tuesday']").Click();
        Periods("monday").Should().Be("08:00:00-11:59:59, 00:00:00-07:59:59");
    }

    [Theory]
    [InlineData("Add a period: Monday", """[{ "from": "00:00:00", "to": "23:59:59" }]""", "00:00:00-23:59:59")]
    [InlineData("Remove period 1 of Monday", """[{ "from": "13:00:00", "to": "13:59:59" }]""", "13:00:00-13:59:59")]
    [InlineData("Remove period 1 of Monday", "[]", "")]
    [InlineData("Copy Monday to all days", null, "")]
    public void a_second_click_before_the_first_is_shown_changes_nothing_more(string button, string? after, string monday)
    {
        var week = Render<WeekEditor>(x => x.Add(y => y.Form, form));
        form.Set("weekly.monday", after is null ? null : JsonNode.Parse(after));
        week.Find($"[aria-label='{button}']").Click();
        Periods("monday").Should().Be(monday);
    }

    [Fact]
    public void the_whole_week_is_filled_at_once()
    {
        var week = Show();
        week.FindAll("legend + p button")[1].Click();
        (Periods("friday"), Periods("saturday")).Should().Be(("08:00:00-17:29:59", ""));
        week.FindAll("legend + p button")[0].Click();
        (Periods("friday"), Periods("saturday")).Should().Be(("00:00:00-23:59:59", "00:00:00-23:59:59"));
        week.FindAll("legend + p button")[2].Click();
        (Periods("friday"), Periods("saturday")).Should().Be(("", ""));
    }

    [Fact]
    public void a_period_that_cannot_be_read_is_not_drawn_and_its_fault_stands_at_its_day()
    {
        form.Set("weekly.tuesday", new JsonArray(new JsonObject { ["from"] = "x", ["to"] = "09:00:00" }));
        form.Faults = new Dictionary<string, string[]> { ["weekly.tuesday[0].from"] = ["No time."], ["weekly"] = ["Too little."] };
        var week = Show();
        week.FindAll("rect.week-open").Count.Should().Be(1);
        week.FindAll(".week-day")[1].QuerySelector(".fault")!.TextContent.Should().Be("No time.");
        week.Find("[role=alert]").TextContent.Should().Be("Too little.");
    }
}
