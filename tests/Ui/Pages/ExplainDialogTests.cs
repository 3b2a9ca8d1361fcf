using System.Text.Json;
using System.Text.Json.Nodes;
using Bunit;
using Notify.Kernel;
using Notify.Rules.Deciding;
using Notify.Rules.Explaining;
using Notify.Rules.Pages;
using Notify.Ui.Parts;

namespace Notify.Ui.Tests.Pages;

public sealed class ExplainDialogTests : ComponentTest
{
    [Theory]
    [InlineData(20, 40, "10 more rules that do not match are not shown.")]
    [InlineData(52, 5, "7 more rules are not shown, 2 of which match.")]
    public void what_is_not_shown_is_named_as_what_it_is(int matching, int others, string expected)
    {
        var rules = Enumerable.Range(0, matching + others).Select(
            i => new RuleExplanation(new($"r{i}", 1, $"Rule {i}"), true, i < matching, [], []));
        var answer = new ExplainRules.Answer(Now, 1, new() { Name = "Overpressure" }, [.. rules]);
        Answer = asked => asked == "POST rules/explain" ? JsonSerializer.SerializeToNode(answer, NotifyJson.Options) : null;
        var dialog = Render<ExplainDialog>();
        dialog.Find("button.primary").Click();
        dialog.Find(".explained").TextContent.Should().Contain($"{matching} of {matching + others} rules match.");
        dialog.FindAll(".explained section").Should().HaveCount(50);
        dialog.FindAll(".explained > p.quiet").Should().ContainSingle().Which.TextContent.Should().Be(expected);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void recent_alarms_that_arrive_late_take_nothing_from_whoever_fills_one_in(bool begun)
    {
        var list = new TaskCompletionSource();
        Before = asked => asked.StartsWith("GET alarms?", StringComparison.Ordinal) ? list.Task : Task.CompletedTask;
        Answer = asked => asked.StartsWith("GET alarms?", StringComparison.Ordinal)
            ? JsonNode.Parse("""{ "items": [ { "id": "a1", "name": "Overpressure", "path": "Site1", "level": "High", "state": "ActiveUnacked" } ] }""") : null;
        var dialog = Render<ExplainDialog>(x => x.AddCascadingValue(new Me("u1", "Li Si", "li.si", [], ["alarms.read"], [], null, false, 0, null)));
        if (begun) dialog.Find(".fields").FocusIn();
        list.SetResult();
        dialog.WaitForAssertion(() => dialog.FindAll("input[type=radio]").Should().HaveCount(2));
        dialog.FindAll("#x-name").Should().HaveCount(begun ? 1 : 0);
    }

    [Fact]
    public void who_may_not_see_alarms_is_asked_for_one_and_not_refused_any()
    {
        Render<ExplainDialog>();
        Asked.Should().BeEmpty("a refusal would be on record");
    }
}
