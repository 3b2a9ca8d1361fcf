using System.Text.Json.Nodes;
using Bunit;
using Bunit.TestDoubles;
using Microsoft.Extensions.DependencyInjection;
using Notify.Access.Pages;
using Notify.Ui.Parts;

namespace Notify.Ui.Tests.Pages;

/// <summary>The members of a group, chosen from thousands of people.</summary>
public sealed class GroupsPageTests : ComponentTest
{
    private static readonly Me me = new("u1", "Li Si", "li.si", [], ["people.read", "people.manage"], [], null, false, 0, null);

    public GroupsPageTests() => Answer = asked =>
        asked.StartsWith("GET users?", StringComparison.Ordinal) ? PageOf(int.Parse(asked.Split("page=")[1].Split('&')[0]))
        : asked == "GET groups/g1" ? new JsonObject { ["id"] = "g1", ["version"] = 1, ["name"] = "Shift", ["members"] = new JsonArray("user-3", "user-2500", "gone") }
        : new JsonObject { ["items"] = new JsonArray(), ["total"] = 0 };

    [Fact]
    public void the_list_asks_for_no_people_and_the_form_shows_members_and_whom_one_searches_for()
    {
        Services.GetRequiredService<BunitNavigationManager>().NavigateTo("people/groups");
        var page = Render<GroupsPage>(x => x.AddCascadingValue(me));
        page.WaitForState(() => Asked.Any(x => x.StartsWith("GET groups?", StringComparison.Ordinal)));
        Asked.Should().NotContain(x => x.StartsWith("GET users", StringComparison.Ordinal));

        page.Render(x => x.Add(y => y.Id, "g1"));
        page.WaitForState(() => page.FindAll(".choice").Count > 3);
        page.FindAll(".choice").Count.Should().BeLessThan(100);
        page.FindAll(".choice").Take(3).Select(x => x.TextContent).Should().SatisfyRespectively(
            x => x.Should().Contain("Person 3").And.Contain("person.3 (disabled)"), x => x.Should().Contain("Person 2500"),
            x => x.Should().Contain("gone").And.Contain("does not exist"));
        page.Find("[aria-label='Search: Members']").Input("person.2499");
        page.Find(".choice input").Change(true);
        page.Find("[aria-label='Search: Members']").Input("");
        page.FindAll(".choice input").Count(x => x.HasAttribute("checked")).Should().Be(4);
    }

    private static JsonObject PageOf(int page)
    {
        var items = Enumerable.Range(((page - 1) * 200) + 1, 200).Where(x => x <= 2500).Select(x => new JsonObject
        {
            ["id"] = $"user-{x}",
            ["name"] = $"Person {x}",
            ["userName"] = $"person.{x}",
            ["status"] = x == 3 ? "disabled" : "enabled",
        });
        return new() { ["items"] = new JsonArray([.. items]), ["total"] = 2500 };
    }
}
