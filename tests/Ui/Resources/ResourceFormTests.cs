using System.Text.Json.Nodes;
using Bunit;
using Notify.Ui.Forms;
using Notify.Ui.Resources;

namespace Notify.Ui.Tests.Resources;

public sealed class ResourceFormTests : ComponentTest
{
    private readonly List<TaskCompletionSource<JsonNode?>> checks = [];
    private FormState? form;

    public ResourceFormTests() => Before = async asked =>
    {
        if (asked != "POST things/check") return;
        var check = new TaskCompletionSource<JsonNode?>();
        checks.Add(check);
        var fault = await check.Task;
        Answer = _ => fault;
    };

    private IRenderedComponent<ResourceForm> Show() => Render<ResourceForm>(x => x
        .Add(y => y.Plural, "things").Add(y => y.Title, "New thing")
        .Add(y => y.ChildContent, (FormState shown) =>
        {
            form = shown;
            return _ => { };
        }));

    [Fact]
    public async Task the_check_of_what_has_changed_since_says_nothing_of_what_is_there_now()
    {
        var shown = Show();
        AngleSharp.Dom.IElement Ok() => shown.Find("button.primary");
        Ok().HasAttribute("disabled").Should().BeTrue("nothing is filled in");

        await shown.InvokeAsync(() => form!.Set("name", ""));
        Time.Advance(TimeSpan.FromSeconds(1));
        await shown.WaitForStateAsync(() => checks.Count == 1);
        await shown.InvokeAsync(() => form!.Set("name", "Pump"));
        AnswerWith("name is needed");
        await shown.InvokeAsync(() => { });
        Ok().HasAttribute("disabled").Should().BeFalse("it was of the name before");

        Time.Advance(TimeSpan.FromSeconds(1));
        await shown.WaitForStateAsync(() => checks.Count == 2);
        AnswerWith("name is used");
        await shown.WaitForStateAsync(() => Ok().HasAttribute("disabled"));
        form!.Faults["name"].Should().Equal("name is used");
    }

    private void AnswerWith(string fault)
    {
        Status = 400;
        checks[^1].SetResult(new JsonObject { ["status"] = 400, ["errors"] = new JsonObject { ["name"] = new JsonArray(fault) } });
    }
}
