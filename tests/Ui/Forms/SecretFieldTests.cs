using System.Text.Json.Nodes;
using Bunit;
using Notify.Ui.Forms;

namespace Notify.Ui.Tests.Forms;

/// <summary>What is stored is not shown, and not lost by looking at the form.</summary>
public sealed class SecretFieldTests : ComponentTest
{
    private const string Stored = """{ "secret": { "fingerprint": "abc123" } }""";

    private FormState form = new(JsonNode.Parse(Stored)!.AsObject());

    private IRenderedComponent<SecretField> Show(bool isAddress = false) =>
        Render<SecretField>(x => x.Add(y => y.Form, form).Add(y => y.Path, "secret").Add(y => y.Label, "Secret").Add(y => y.IsAddress, isAddress));

    [Fact]
    public void what_is_stored_is_not_shown_and_stays()
    {
        var field = Show();
        (field.Find("input").GetAttribute("value"), field.Find("input").GetAttribute("type")).Should().Be(("", "password"));
        field.Find("input").GetAttribute("placeholder").Should().Be("••••••••");
        field.Find(".help").TextContent.Should().StartWith("A secret is stored.");
        form.IsDirty.Should().BeFalse();
    }

    [Fact]
    public void a_new_one_takes_its_place_and_what_is_emptied_again_is_the_stored_one()
    {
        var field = Show();
        field.Find("input").Input("new");
        form.Body["secret"]!.ToJsonString().Should().Be("\"new\"");
        field.Find("input").Input("");
        JsonNode.DeepEquals(form.Body, JsonNode.Parse(Stored)).Should().BeTrue(form.Body.ToJsonString());
        field.Find(".help").TextContent.Should().StartWith("A secret is stored.");
        field.Find("input").Input("again");
        form.Body["secret"]!.ToJsonString().Should().Be("\"again\"");
    }

    [Fact]
    public void where_none_is_stored_an_emptied_one_is_empty()
    {
        form = new(new JsonObject());
        var field = Show();
        field.Find("input").HasAttribute("placeholder").Should().BeFalse();
        field.Find("input").Input("x");
        field.Find("input").Input("");
        form.Body["secret"]!.ToJsonString().Should().Be("\"\"");
    }

    [Fact]
    public void what_is_typed_is_hidden_until_somebody_looks_and_an_address_never_is()
    {
        var field = Show();
        field.Find("button").Click();
        (field.Find("input").GetAttribute("type"), field.Find("button").GetAttribute("aria-pressed")).Should().Be(("text", "true"));
        field.Find("button").Click();
        field.Find("input").GetAttribute("type").Should().Be("password");
        var address = Show(isAddress: true);
        address.Find("input").GetAttribute("type").Should().Be("text");
        address.FindAll("button").Should().BeEmpty();
    }
}
