using System.Text.Json.Nodes;
using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Notify.Channels;
using Notify.Ui.Forms;
using Notify.Ui.Parts;

namespace Notify.Ui.Tests.Parts;

public sealed class ReceiverChoiceTests : ComponentTest
{
    private readonly FormState form = new([]);

    private IRenderedComponent<ReceiverChoice> Show(string type, JsonObject? settings, params JsonObject[] chosen)
    {
        form.SetObjects("receivers", chosen);
        form.IsDirty = false;
        IRenderedComponent<ReceiverChoice> shown = null!;
        shown = Render<ReceiverChoice>(x => x
            .Add(y => y.Channel, Services.GetRequiredService<ChannelCatalog>().Of(type)).Add(y => y.Form, form).Add(y => y.Path, "receivers")
            .Add(y => y.Service, settings is null ? null : new JsonObject { ["name"] = "Plant", [type] = settings }).Add(y => y.Chosen, form.Objects("receivers"))
            .Add(y => y.ChosenChanged, (IReadOnlyList<JsonObject> all) =>
            {
                form.SetObjects("receivers", all);
                shown.Render(z => z.Add(y => y.Chosen, form.Objects("receivers")));
            }));
        return shown;
    }

    private string Chosen => form.List("receivers")!.ToJsonString();

    private static JsonObject Robots(int count) => new()
    {
        ["sendTo"] = new JsonArray("bot"),
        ["bots"] = new JsonArray([.. Enumerable.Range(1, count).Select(x => new JsonObject { ["alias"] = $"Line {x}" })]),
    };

    private static JsonObject Robot(string alias) => new() { ["kind"] = "bot", ["alias"] = alias };

    [Fact]
    public void what_was_typed_is_added_when_its_input_is_left_and_until_then_the_form_has_it()
    {
        var shown = Show("email", null);
        shown.Find("input[aria-label='Email address']").Input("duty@example.com");
        form.IsDirty.Should().BeTrue();
        form.NotAdded.Values.Should().Equal("duty@example.com");
        shown.Find("input[aria-label='Email address']").Change("duty@example.com");
        form.NotAdded.Should().BeEmpty();
        Chosen.Should().Be("""[{"kind":"address","account":"duty@example.com"}]""");
        shown.Find("input[aria-label='Email address']").GetAttribute("value").Should().BeNullOrEmpty();

        // Whoever presses the button, too, does not add it twice, nor takes from it what was chosen of it.
        shown.Find("select").Change("cc");
        shown.Find("input[aria-label='Email address']").Input("DUTY@example.com");
        shown.Find("[aria-label='Add: Email address']").Click();
        Chosen.Should().Be("""[{"kind":"address","account":"duty@example.com","as":"cc"}]""");
        shown.Find("[aria-label='Remove duty@example.com']").Click();
        Chosen.Should().Be("[]");
    }

    [Fact]
    public void of_many_any_can_be_found_and_the_chosen_stand_first()
    {
        var shown = Show("wecom", Robots(300), Robot("Line 250"));
        shown.FindAll(".choice")[0].TextContent.Trim().Should().Be("Line 250");
        shown.FindAll(".choice").Count.Should().BeLessThan(100);
        shown.Find("input[type=search]").Input("line 299");
        shown.Find(".choice input").Change(true);
        Chosen.Should().Be("""[{"kind":"bot","alias":"Line 250"},{"kind":"bot","alias":"Line 299"}]""");
    }

    [Fact]
    public void one_that_the_service_no_longer_has_says_so_and_can_be_removed()
    {
        var shown = Show("wecom", Robots(0), Robot("Line 9"));
        shown.Find(".choice").TextContent.Should().Contain("Line 9").And.Contain("not in the service");
        shown.Find(".choice input").Change(false);
        Chosen.Should().Be("[]");
    }
}
