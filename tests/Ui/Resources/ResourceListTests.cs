using System.Text.Json.Nodes;
using Bunit;
using Bunit.TestDoubles;
using Microsoft.Extensions.DependencyInjection;
using Notify.Ui.Resources;

namespace Notify.Ui.Tests.Resources;

public sealed class ResourceListTests : ComponentTest
{
    private IRenderedComponent<ResourceList> Show(string address)
    {
        Services.GetRequiredService<BunitNavigationManager>().NavigateTo(address);
        return Render<ResourceList>(x => x
            .Add(y => y.Plural, "rules").Add(y => y.Address, "rules").Add(y => y.Title, "Rules").Add(y => y.EmptyText, "No rule yet."));
    }

    [Fact]
    public void an_address_beyond_the_last_page_shows_the_last_one()
    {
        Answer = asked => new JsonObject
        {
            ["items"] = asked.Contains("page=3&", StringComparison.Ordinal) ? new JsonArray(new JsonObject { ["id"] = "r41", ["name"] = "Boiler house" }) : [],
            ["total"] = 41,
        };
        var list = Show("rules?page=9");
        list.WaitForAssertion(() => list.Find("tbody a").TextContent.Should().Be("Boiler house"));
        list.Find(".pager .numbers").TextContent.Should().Be("3 / 3");
        list.Markup.Should().NotContain("No rule yet.");
    }

    [Fact]
    public void a_list_that_has_become_empty_is_not_asked_for_again_and_again()
    {
        Answer = _ => new JsonObject { ["items"] = new JsonArray(), ["total"] = 41 };
        var list = Show("rules?page=9");
        list.WaitForAssertion(() => list.Markup.Should().Contain("No rule yet."));
        Asked.Should().HaveCount(4);
    }

    [Fact]
    public void a_row_that_cannot_be_read_has_its_id_as_its_name_and_says_so()
    {
        Answer = _ => new JsonObject
        {
            ["items"] = new JsonArray(new JsonObject { ["id"] = "rule-1", ["name"] = "", ["status"] = "disabled", ["version"] = 0, ["unreadable"] = true }),
            ["total"] = 1,
        };
        var list = Show("rules");
        list.WaitForAssertion(() => list.Find("tbody td").TextContent.Should().Contain("rule-1").And.Contain("cannot be read"));
        list.FindAll("[aria-label='History of rule-1']").Should().ContainSingle();
    }

    [Fact]
    public void what_cannot_be_undone_is_the_last_of_a_row()
    {
        Answer = _ => new JsonObject
        {
            ["items"] = new JsonArray(new JsonObject { ["id"] = "r1", ["name"] = "Boiler house", ["version"] = 1, ["createdAt"] = Now.AddDays(-2) }),
            ["total"] = 1,
        };
        var list = Render<ResourceList>(x => x
            .Add(y => y.Plural, "rules").Add(y => y.Address, "rules").Add(y => y.Title, "Rules").Add(y => y.EmptyText, "No rule yet.")
            .Add(y => y.RowActions, _ => y => y.AddMarkupContent(0, "<button>Explain</button>"))
            .Add(y => y.DangerActions, _ => y => y.AddMarkupContent(0, "<button>Revoke</button>")));
        list.FindAll("tbody .actions > *").Select(x => x.TextContent)
            .Should().Equal("Explain", "Edit", "History", "Check references", "Delete", "Revoke");
        list.Find("tbody time").GetAttribute("title").Should().StartWith("2 d ago · 2026-09-29");
    }

    [Fact]
    public void what_is_searched_for_is_in_the_address_once_the_typing_pauses()
    {
        Answer = _ => new JsonObject { ["items"] = new JsonArray(), ["total"] = 0 };
        var list = Show("rules?page=2");
        list.WaitForAssertion(() => list.FindAll("input[type=search]").Should().ContainSingle());
        list.Find("input[type=search]").Input("pump");
        var navigation = Services.GetRequiredService<BunitNavigationManager>();
        navigation.Uri.Should().EndWith("rules?page=2");
        Time.Advance(TimeSpan.FromMilliseconds(300));
        list.WaitForAssertion(() => Asked[^1].Should().EndWith("&search=pump"));
        navigation.Uri.Should().EndWith("rules?search=pump");
        // Whoever goes elsewhere meanwhile is shown that.
        navigation.NavigateTo("rules?search=fan");
        list.WaitForAssertion(() => Asked[^1].Should().EndWith("&search=fan"));
        list.Find("input[type=search]").GetAttribute("value").Should().Be("fan");
    }
}
