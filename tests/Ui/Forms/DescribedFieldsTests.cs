using System.Text.Json.Nodes;
using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Notify.Channels;
using Notify.Channels.Fields;
using Notify.Kernel.Texts;
using Notify.Ui.Forms;

namespace Notify.Ui.Tests.Forms;

/// <summary>A form from the description of its fields.</summary>
public sealed class DescribedFieldsTests : ComponentTest
{
    private readonly FormState form = new([]);

    /// <summary>In a form, which shows itself again when something is typed.</summary>
    private IRenderedComponent<DescribedFields> Show(params Field[] fields)
    {
        var shown = Render<DescribedFields>(x => x.Add(y => y.Form, form).Add(y => y.Fields, fields));
        form.Changed += () => shown.Render();
        return shown;
    }

    private static Field Of(string name, FieldType type) => new(name, type, new BilingualText(name, name));

    [Fact]
    public void a_field_that_is_looked_at_for_a_value_of_another_is_there_only_then()
    {
        var fields = Show(
            Of("security", FieldType.Choice) with { Choices = [new("none", new("None", "无")), new("login", new("Login", "登录"))], Default = "none" },
            Of("user", FieldType.Text) with { RequiredIf = ("security", "login") });
        fields.FindAll("#f-user").Should().BeEmpty("it is none if nothing is chosen");
        fields.Find("#f-security").Change("login");
        fields.Find("#f-user").Input("zhang.san");
        form.Text("user").Should().Be("zhang.san");
        fields.Find("#f-security").Change("none");
        fields.FindAll("#f-user").Should().BeEmpty();
    }

    [Fact]
    public void a_field_that_is_looked_at_for_one_of_several_values_or_by_default_is_there()
    {
        var fields = Show(
            Of("ways", FieldType.Choices) with
            {
                Choices = [new("sms", new("SMS", "短信")), new("call", new("Call", "电话"))],
                Default = new JsonArray("sms"),
            },
            Of("sign", FieldType.Text) with { RequiredIf = ("ways", "sms") }, Of("number", FieldType.Text) with { RequiredIf = ("ways", "call") });
        (fields.FindAll("#f-sign").Count, fields.FindAll("#f-number").Count).Should().Be((1, 0));
        fields.FindAll("input[type=checkbox]")[1].Change(true);
        (fields.FindAll("#f-sign").Count, fields.FindAll("#f-number").Count).Should().Be((0, 1));
    }

    [Fact]
    public void each_type_is_written_as_the_api_takes_it()
    {
        var fields = Show(
            Of("count", FieldType.Number), Of("on", FieldType.Flag), Of("lines", FieldType.Texts), Of("text", FieldType.Text),
            Of("needed", FieldType.Text) with { Required = true }, Of("server", FieldType.Object) with { Fields = [Of("host", FieldType.Text)] });
        fields.Find("#f-count").Input("25");
        fields.Find("#f-on").Change(true);
        fields.Find("#f-lines").Change(" a \n\nb\n");
        fields.Find("#f-text").Input("x");
        fields.Find("#f-text").Input("");
        fields.Find("#f-needed").Input("x");
        fields.Find("#f-needed").Input("");
        fields.Find("#f-server-host").Input("mail");
        form.Body.ToJsonString().Should().Be("""{"count":25,"on":true,"lines":["a","b"],"needed":"","server":{"host":"mail"}}""");
        fields.Find("#f-count").Input("2x");
        form.Body["count"]!.ToJsonString().Should().Be("\"2x\"", "the API says what is wrong with it");
        fields.Find("#f-count").Input("");
        form.Body.ContainsKey("count").Should().BeFalse();
    }

    [Fact]
    public void rows_are_added_filled_in_and_removed_each_with_its_own_inputs()
    {
        var fields = Show(
            Of("bots", FieldType.List) with { Fields = [Of("alias", FieldType.Text) with { Required = true }, Of("url", FieldType.SecretAddress)] });
        foreach (var name in (string[])["one", "two", "three"])
        {
            fields.Find("[aria-label='Add a row: bots']").Click();
            fields.FindAll("[aria-label^='alias ']")[^1].Input(name);
        }

        fields.Find("[aria-label='Remove row 2']").Click();
        fields.FindAll("[aria-label^='alias ']").Select(x => x.GetAttribute("value")).Should().Equal("one", "three");
        fields.Find("[aria-label='alias 2']").Input("third");
        form.Body.ToJsonString().Should().Be("""{"bots":[{"alias":"one"},{"alias":"third"}]}""");
    }

    [Fact]
    public void wecom_s_fields_say_step_by_step_how_to_get_there_what_they_ask_for()
    {
        form.Replace(new JsonObject { ["sendTo"] = new JsonArray("bot", "account") });
        var settings = Services.GetRequiredService<ChannelCatalog>().Find("wecom")!.Settings.Fields;
        var guides = Show([.. settings]).FindAll("details");
        foreach (var (guide, title) in guides.Zip(["on a computer", "on a phone", "create an app", "visible range", "trusted IP", "find accounts"]))
        {
            guide.QuerySelector("summary")!.TextContent.Should().Contain(title);
            guide.QuerySelectorAll("li").Length.Should().BeGreaterThan(1);
        }

        var described = settings.SelectMany(x => x.Guides).ToList();
        described.Should().HaveCount(6).And.HaveSameCount(guides);
        described.SelectMany(x => x.Steps).Should().OnlyContain(x => x.Zh.Any(y => y >= '\u4e00'));
    }

    [Fact]
    public void of_very_many_rows_the_first_are_shown_and_the_others_kept()
    {
        form.Replace(new JsonObject { ["bots"] = new JsonArray([.. Enumerable.Range(0, 60).Select(x => new JsonObject { ["alias"] = $"{x}" })]) });
        var fields = Show(Of("bots", FieldType.List) with { Fields = [Of("alias", FieldType.Text)] });
        fields.FindAll("tbody tr").Count.Should().Be(50);
        fields.Find("p.quiet").TextContent.Should().StartWith("10 more rows stay unchanged.");
        fields.Find("p.quiet button").Click();
        fields.FindAll("tbody tr").Count.Should().Be(60);
    }

    [Fact]
    public void the_api_s_fault_stands_beside_its_field()
    {
        form.Replace(new JsonObject { ["bots"] = new JsonArray(new JsonObject(), new JsonObject()) });
        form.Faults = new Dictionary<string, string[]> { ["bots[1].alias"] = ["Give a name."] };
        var fields = Show(Of("bots", FieldType.List) with { Fields = [Of("alias", FieldType.Text)] });
        fields.FindAll(".fault").Should().BeEmpty("nobody was there yet");
        fields.Find("[aria-label='alias 2']").Blur();
        fields.Render();
        fields.Find("#f-bots-1-alias-fault").TextContent.Should().Be("Give a name.");
        fields.Find("[aria-label='alias 2']").GetAttribute("aria-describedby").Should().Be("f-bots-1-alias-fault");
    }

    [Fact]
    public void a_name_that_was_typed_is_added_when_its_input_is_left_and_overwrites_nothing()
    {
        var fields = Show(Of("headers", FieldType.Map));
        var name = "[aria-label='New name: headers']";
        fields.Find(name).Input("X-Plant");
        form.NotAdded.Values.Should().Equal("X-Plant");
        fields.Find(name).Change("X-Plant");
        fields.Find("#f-headers-X-Plant").Input("1");
        fields.Find(name).Input("X-Plant");
        fields.Find(name).Change("X-Plant");
        (form.Body["headers"]!.ToJsonString(), form.NotAdded.Count).Should().Be(("""{"X-Plant":"1"}""", 0));

        // What cannot be added stays, and says so to whoever tries to save.
        fields.Find(name).Input("X.Plant");
        fields.Find(name).Change("X.Plant");
        fields.FindAll(".fault").Should().BeEmpty();
        form.WasTried = true;
        fields.Render();
        fields.Find(".fault").TextContent.Should().Contain("clear it");
        fields.Render(x => x.Add(y => y.Fields, []));
        form.NotAdded.Should().BeEmpty("its input is not shown any more");
    }
}
