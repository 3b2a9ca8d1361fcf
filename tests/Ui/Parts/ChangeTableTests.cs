using System.Text.Json.Nodes;
using Bunit;
using Notify.Kernel.Resources;
using Notify.Ui.Parts;

namespace Notify.Ui.Tests.Parts;

public sealed class ChangeTableTests : ComponentTest
{
    [Fact]
    public void what_came_and_what_went_is_told_from_what_was_never_there()
    {
        var table = Render<ChangeTable>(x => x.Add(y => y.Changes, ChangeTable.Of(
        [
            new FieldChange("name", "Day", "Night"), new FieldChange("criteria.levels", null, new JsonArray("High", "值")),
            new FieldChange("expectEvery", 15, null),
        ])));
        table.FindAll("tbody tr").Select(x => (x.Children[0].TextContent, x.Children[1].TextContent, x.Children[2].TextContent)).Should().Equal(
            ("name", "Day", "Night"), ("criteria.levels", "—", """["High","值"]"""), ("expectEvery", "15", "—"));
        table.FindAll("td.old").Select(x => x.TextContent).Should().Equal("Day", "15");
        table.FindAll("td.new").Select(x => x.TextContent).Should().Equal("Night", """["High","值"]""");
    }

    [Fact]
    public void the_two_sides_have_the_names_that_they_are_given()
    {
        var table = Render<ChangeTable>(x => x.Add(y => y.Changes, []).Add(y => y.FromName, "Then").Add(y => y.ToName, "Today"));
        table.FindAll("th").Select(x => x.TextContent).Should().Equal("Field", "Then", "Today");
    }
}
