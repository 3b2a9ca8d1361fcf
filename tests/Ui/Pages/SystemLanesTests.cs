using System.Text.Json.Nodes;
using Bunit;
using Notify.Operation.Pages;
using Notify.Ui.Parts;

namespace Notify.Ui.Tests.Pages;

public sealed class SystemLanesTests : ComponentTest
{
    [Fact]
    public void lanes_stand_by_name_after_blocked_ones_and_a_phone_folds_those_that_need_nothing()
    {
        Answer = asked => asked == "GET lanes"
            ? new JsonObject { ["items"] = new JsonArray(Lane("b", 0), Lane("z", 0, blocked: true), Lane("a", 3)) }
            : new JsonObject { ["items"] = new JsonArray(), ["total"] = 0, ["keys"] = new JsonArray(), ["nodes"] = new JsonArray() };
        var page = Render<SystemPage>(x => x.AddCascadingValue(
            new Me("u1", "Li Si", "li.si", [], ["operation.read", "notifications.read"], [], null, false, 0, null)));
        var rows = page.FindAll("[aria-labelledby=lanes] tbody tr");
        rows.Select(x => x.QuerySelector("th > span")!.TextContent).Should().Equal("z", "a", "b");
        rows.Select(x => x.ClassList.Contains("lane-quiet")).Should().Equal(false, false, true);
        page.Find("[aria-labelledby=lanes] .phone-only button").Click();
        page.FindAll(".lane-quiet").Should().BeEmpty();
    }

    private static JsonObject Lane(string name, int waiting, bool blocked = false) => new()
    {
        ["id"] = $"wecom:{name}",
        ["name"] = name,
        ["waiting"] = waiting,
        ["through"] = new JsonArray(),
        ["blocked"] = blocked ? new JsonObject { ["since"] = "2026-10-01T11:00:00Z", ["triedAgainAt"] = "2026-10-01T13:00:00Z" } : null,
    };
}
