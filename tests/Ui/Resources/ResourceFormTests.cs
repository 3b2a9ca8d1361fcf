using System.Text.Json.Nodes;
using Bunit;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
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

    private IRenderedComponent<ResourceForm> Show(string changing = "configuration.change", string? id = null) => Render<ResourceForm>(x => x
        .Add(y => y.Plural, "things").Add(y => y.Title, "New thing").Add(y => y.Changing, changing).Add(y => y.Id, id)
        .Add(y => y.Secrets, body => Enumerable.Range(0, (body["rows"] as JsonArray)?.Count ?? 0).Select(i => $"rows[{i}].url"))
        .Add(y => y.ChildContent, (FormState shown) =>
        {
            form = shown;
            return _ => { };
        }));

    [Fact]
    public async Task the_check_of_what_has_changed_since_says_nothing_of_what_is_there_now()
    {
        var shown = Show();
        Ok(shown).HasAttribute("disabled").Should().BeTrue("nothing is filled in");

        await TypeAsync(shown, "Pump");
        AnswerWith(fault: null);
        await shown.WaitForStateAsync(() => !Ok(shown).HasAttribute("disabled"));
        await TypeAsync(shown, "");
        await shown.InvokeAsync(() => form!.Set("name", "Pump"));
        AnswerWith("name is needed");
        await shown.InvokeAsync(() => { });
        Ok(shown).HasAttribute("disabled").Should().BeFalse("it was of the name before");

        Time.Advance(TimeSpan.FromSeconds(1));
        await shown.WaitForStateAsync(() => checks.Count == 3);
        AnswerWith("name is used");
        await shown.WaitForStateAsync(() => Ok(shown).HasAttribute("disabled"));
        form!.Faults["name"].Should().Equal("name is used");
    }

    [Theory]
    [InlineData(200)]
    [InlineData(503)]
    public async Task a_new_one_is_saved_only_once_a_check_has_found_it_valid_or_could_not_say(int status)
    {
        var shown = Show();
        bool IsBusy() => shown.Find("dialog").GetAttribute("aria-busy") == "true";
        IsBusy().Should().BeFalse("nothing is to be checked");
        await shown.InvokeAsync(() => form!.Set("name", "P"));
        IsBusy().Should().BeTrue("it is checked soon");
        Ok(shown).HasAttribute("disabled").Should().BeTrue("nobody knows yet whether it is valid");
        await TypeAsync(shown, "Pu");
        IsBusy().Should().BeTrue("its check is under way");
        AnswerWith("name is too short");
        await shown.WaitForStateAsync(() => !IsBusy());
        Ok(shown).HasAttribute("disabled").Should().BeTrue();

        await TypeAsync(shown, "Pump");
        AnswerWith(fault: null, status);
        await shown.WaitForStateAsync(() => !IsBusy());
        Ok(shown).HasAttribute("disabled").Should().BeFalse();
        await shown.InvokeAsync(() => form!.Leave("name"));
        (Ok(shown).HasAttribute("disabled"), IsBusy()).Should().Be((false, true), "what was known last stands until the next answer");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task whoever_has_saved_it_or_put_it_away_leaves_no_draft(bool saves)
    {
        var script = JSInterop.SetupModule();
        script.Mode = JSRuntimeMode.Loose;
        var shown = Show();
        var answered = new TaskCompletionSource();
        var before = Before;
        Before = asked => asked == "POST things" ? answered.Task : before(asked);
        await TypeAsync(shown, "Pump");
        AnswerWith(fault: null);
        await shown.WaitForStateAsync(() => !Ok(shown).HasAttribute("disabled"));
        if (saves) Ok(shown).Click();
        await shown.InvokeAsync(() => form!.Leave("name"));
        if (!saves)
        {
            shown.FindAll(".dialog-actions button").First(x => x.TextContent == "Cancel").Click();
            shown.Find("button.danger").Click();
        }

        Answer = _ => new JsonObject();
        answered.SetResult();
        shown.WaitForState(() => script.Invocations["dropDraft"].Count == 1);
        Time.Advance(TimeSpan.FromSeconds(1));
        await shown.InvokeAsync(() => { });
        script.Invocations.Last(x => x.Identifier is "keepDraft" or "dropDraft").Identifier.Should().Be("dropDraft");
    }

    [Fact]
    public async Task what_is_typed_and_not_added_is_not_dropped_by_saving_and_is_in_the_draft()
    {
        var script = JSInterop.SetupModule();
        script.Mode = JSRuntimeMode.Loose;
        script.Setup<string?>("readDraft", _ => true).SetResult("""{ "body": { "name": "Pump" }, "notAdded": { "labels": "team" } }""");
        var shown = Show();
        await shown.WaitForStateAsync(() => checks.Count == 1);
        form!.Typed("labels").Should().Be("team");
        AnswerWith(fault: null);
        await TypeAsync(shown, "Pump 2");
        AnswerWith(fault: null);
        await shown.WaitForStateAsync(() => !Ok(shown).HasAttribute("disabled"));
        JsonNode.Parse((string)script.Invocations["keepDraft"][^1].Arguments[1]!)!["notAdded"]!.ToJsonString().Should().Be("""{"labels":"team"}""");
        Ok(shown).Click();
        (form.WasTried, Asked.Contains("POST things")).Should().Be((true, false));
        await shown.InvokeAsync(() => form.Type("labels", null));
        Ok(shown).Click();
        Asked.Should().Contain("POST things");
    }

    [Fact]
    public async Task a_draft_is_of_whoever_has_typed_it()
    {
        var script = JSInterop.SetupModule();
        script.Mode = JSRuntimeMode.Loose;
        var signedIn = new System.Security.Claims.ClaimsIdentity([new(System.Security.Claims.ClaimTypes.NameIdentifier, "u7")], "test");
        Services.GetRequiredService<IHttpContextAccessor>().HttpContext = new DefaultHttpContext { User = new(signedIn) };
        var shown = Show();
        await TypeAsync(shown, "Pump");
        AnswerWith(fault: null);
        await shown.WaitForStateAsync(() => !Ok(shown).HasAttribute("disabled"));
        Ok(shown).Click();
        shown.WaitForState(() => script.Invocations["dropDraft"].Count == 1);
        foreach (var function in (string[])["readDraft", "keepDraft", "dropDraft"])
            script.Invocations[function].Should().OnlyContain(x => x.Arguments[0]!.Equals("u7/things/new/"), function);
    }

    [Theory]
    [InlineData(true, "Fan")]
    [InlineData(false, "Pump")]
    public async Task a_draft_that_comes_late_takes_nothing_from_whoever_types_already(bool types, string name)
    {
        var script = JSInterop.SetupModule();
        script.Mode = JSRuntimeMode.Loose;
        var draft = script.Setup<string?>("readDraft", _ => true);
        var shown = Show();
        await shown.WaitForStateAsync(() => draft.Invocations.Count == 1);
        if (types) await shown.InvokeAsync(() => form!.Set("name", "Fan"));
        draft.SetResult("""{ "body": { "name": "Pump" } }""");
        await shown.InvokeAsync(() => { });
        shown.WaitForState(() => form!.Text("name") == name);
        shown.FindAll("[role=status]:not(.notices)").Should().HaveCount(types ? 0 : 1);
    }

    [Fact]
    public async Task a_draft_of_what_somebody_has_saved_since_is_merged_with_that()
    {
        var script = JSInterop.SetupModule();
        script.Mode = JSRuntimeMode.Loose;
        script.Setup<string?>("readDraft", _ => true).SetResult("""
            { "before": { "version": 1, "name": "Pump", "place": "Hall 1", "text": "Old" },
              "body": { "name": "Pump 2", "place": "Hall 1", "text": "Mine" }, "reason": "Renamed" }
            """);
        Answer = _ => new JsonObject
        {
            ["id"] = "t1",
            ["version"] = 2,
            ["updatedBy"] = new JsonObject { ["name"] = "Li Si" },
            ["name"] = "Pump",
            ["place"] = "Hall 2",
            ["text"] = "Theirs",
        };
        var shown = Show(id: "t1");
        shown.WaitForState(() => form?.Text("name") == "Pump 2");
        (form!.Text("place"), form.Text("text")).Should().Be(("Hall 2", "Mine"));
        shown.Find(".notice-warn").TextContent.Should().Contain("Li Si has changed this").And.Contain("Theirs");
        shown.Find("#reason").GetAttribute("value").Should().Be("Renamed");

        shown.Find("#reason").Input("Renamed, moved");
        Time.Advance(TimeSpan.FromSeconds(1));
        shown.WaitForState(() => script.Invocations["keepDraft"].Count == 2);
        var draft = JsonNode.Parse((string)script.Invocations["keepDraft"][1].Arguments[1]!)!;
        (draft["reason"]!.ToString(), draft["before"]!["version"]!.GetValue<int>()).Should().Be(("Renamed, moved", 2));
        await shown.InvokeAsync(() => { });
    }

    [Fact]
    public async Task a_draft_has_no_typed_secret_and_no_row_the_secret_of_another()
    {
        var script = JSInterop.SetupModule();
        script.Mode = JSRuntimeMode.Loose;
        static JsonObject Row(string alias, string fingerprint) =>
            new() { ["alias"] = alias, ["url"] = new JsonObject { ["set"] = true, ["fingerprint"] = fingerprint } };
        Answer = _ => new JsonObject { ["id"] = "t1", ["version"] = 1, ["rows"] = new JsonArray(Row("Line 1", "f1"), Row("Line 2", "f2"), Row("Line 3", "f3")) };
        var shown = Show(id: "t1");
        shown.WaitForState(() => form is not null);
        await shown.InvokeAsync(() => form!.Set("rows", new JsonArray(Row("Line 2", "f2"), new JsonObject { ["alias"] = "Line 3", ["url"] = "typed" })));
        Time.Advance(TimeSpan.FromSeconds(1));
        shown.WaitForState(() => script.Invocations["keepDraft"].Count == 1);
        var draft = JsonNode.Parse((string)script.Invocations["keepDraft"][0].Arguments[1]!)!;
        draft["body"]!["rows"]!.ToJsonString().Should().Be(
            """[{"alias":"Line 2","url":{"set":true,"fingerprint":"f2"}},{"alias":"Line 3"}]""");
        await shown.InvokeAsync(() => { });
    }

    [Theory]
    [InlineData("people.manage", false, "people.manage")]
    [InlineData("configuration.change", true, "built in")]
    public async Task whoever_would_be_refused_only_reads_and_sees_why(string changing, bool isBuiltIn, string why)
    {
        Answer = _ => new JsonObject { ["id"] = "t1", ["version"] = 1, ["name"] = "Pump", ["builtIn"] = isBuiltIn };
        var shown = Show(changing, "t1");
        shown.WaitForState(() => form is not null);
        shown.Find("fieldset").HasAttribute("disabled").Should().BeTrue();
        shown.Find(".dialog-box").TextContent.Should().Contain(why);
        shown.Find(".dialog-actions").TextContent.Trim().Should().Be("Close");
        shown.FindAll("#reason").Should().BeEmpty();
        await shown.InvokeAsync(() => form!.Set("name", "Fan"));
        Time.Advance(TimeSpan.FromSeconds(1));
        Asked.Should().Equal("GET things/t1");
    }

    private static AngleSharp.Dom.IElement Ok(IRenderedComponent<ResourceForm> shown) => shown.Find("button.primary");

    /// <summary>Types a name, whose check is asked for then.</summary>
    private async Task TypeAsync(IRenderedComponent<ResourceForm> shown, string name)
    {
        var before = checks.Count;
        await shown.InvokeAsync(() => form!.Set("name", name));
        Time.Advance(TimeSpan.FromSeconds(1));
        await shown.WaitForStateAsync(() => checks.Count == before + 1);
    }

    private void AnswerWith(string? fault, int status = 200)
    {
        Status = fault is null ? status : 400;
        checks[^1].SetResult(
            fault is null ? new JsonObject { ["status"] = status }
            : new JsonObject { ["status"] = 400, ["errors"] = new JsonObject { ["name"] = new JsonArray(fault) } });
    }
}
