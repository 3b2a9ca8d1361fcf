using System.Text.Json.Nodes;
using Bunit;
using Notify.Rules.Pages;
using Notify.Ui.Forms;

namespace Notify.Ui.Tests.Pages;

public sealed class RuleEditorTests : ComponentTest
{
    private readonly FormState form = new([]);

    public RuleEditorTests() => Answer = asked => asked.Split(' ', '?')[1] switch
    {
        "services" => One("s", new() { ["type"] = "wecom" }),
        "messages" => One("m", new() { ["type"] = "wecom" }),
        "schedules" => One("always", new() { ["kind"] = "standard" }),
        _ => null,
    };

    [Theory]
    [InlineData("services")]
    [InlineData("messages")]
    [InlineData("schedules")]
    public async Task what_there_is_one_of_is_chosen_however_late_its_list_comes(string late)
    {
        var list = new TaskCompletionSource();
        Before = asked => asked.Contains($" {late}?", StringComparison.Ordinal) ? list.Task : Task.CompletedTask;
        var editor = Render<RuleEditor>(x => x.Add(y => y.Form, form));
        AngleSharp.Dom.IElement Add() => editor.Find("[aria-label='+WeCom']");
        Add().HasAttribute("disabled").Should().BeTrue("nothing can be chosen yet");

        list.SetResult();
        await editor.WaitForStateAsync(() => !Add().HasAttribute("disabled"));
        await Add().ClickAsync(new());
        form.Objects("actions").Should().ContainSingle().Which.ToJsonString().Should().Be(
            """{"type":"wecom","serviceId":"s","messageId":"m","scheduleId":"always","receivers":[]}""");
    }

    [Fact]
    public void a_label_that_was_typed_is_added_when_its_inputs_are_left()
    {
        var labels = Render<LabelFilters>(x => x.Add(y => y.Form, form));
        labels.Find("[aria-label=Label]").Input("team.name");
        labels.Find("[aria-label=Label]").Change("team.name");
        (form.IsDirty, form.Body.Count).Should().Be((true, 0), "its value is not typed yet");
        labels.Find("[aria-label=Value]").Input("ops");
        labels.Find("[aria-label=Value]").Change("ops");
        form.Body.ToJsonString().Should().Be("""{"criteria":{"labels":{"team.name":"ops"}}}""");
        form.NotAdded.Should().BeEmpty();
    }

    private static JsonObject One(string id, JsonObject row)
    {
        (row["id"], row["name"], row["status"]) = (id, id, "enabled");
        return new() { ["items"] = new JsonArray(row), ["total"] = 1, ["page"] = 1, ["pageSize"] = 200 };
    }
}
