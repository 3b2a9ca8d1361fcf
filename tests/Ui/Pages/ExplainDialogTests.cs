using System.Text.Json;
using System.Text.Json.Nodes;
using Bunit;
using Notify.Kernel;
using Notify.Rules.Deciding;
using Notify.Rules.Explaining;
using Notify.Rules.Pages;

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

    [Fact]
    public void who_may_not_see_alarms_is_asked_for_one_and_not_refused_any()
    {
        Render<ExplainDialog>();
        Asked.Should().BeEmpty("a refusal would be on record");
    }
}
