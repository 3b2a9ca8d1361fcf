using System.Text.Json.Nodes;
using Bunit;
using Notify.Rules.Pages;
using Notify.Rules.Schedules;
using Notify.Ui.Forms;

namespace Notify.Ui.Tests.Pages;

public sealed class ScheduleEditorTests : ComponentTest
{
    [Fact]
    public void the_end_is_asked_for_only_where_there_is_one()
    {
        var form = new FormState(new JsonObject { ["start"] = "2026-10-01" });
        var editor = Render<ScheduleEditor>(x => x.Add(y => y.Form, form));
        editor.FindAll("#f-end").Should().BeEmpty();
        editor.Find(".inline-fields input[type=checkbox]").Change(false);
        editor.FindAll("#f-end").Should().ContainSingle();
        form.Text("end").Should().Be("2026-10-01");
    }

    [Theory]
    [InlineData("Open all week.", "全周开放。")]
    [InlineData("Changed since", "Changed since")]
    public void the_schedule_that_comes_with_notify_is_described_in_the_readers_language(string stored, string shown)
    {
        ReadChinese();
        var row = new JsonObject { ["id"] = DefaultSchedule.Id, ["name"] = "Default", ["description"] = stored, ["kind"] = "standard", ["version"] = 1 };
        Answer = asked => asked.StartsWith("GET schedules?", StringComparison.Ordinal)
            ? new JsonObject { ["items"] = new JsonArray(row.DeepClone()), ["total"] = 1 } : null;
        var page = Render<SchedulesPage>();
        page.WaitForState(() => page.FindAll("tbody tr").Count == 1);
        page.Find("tbody tr").TextContent.Should().Contain(shown);
    }
}
