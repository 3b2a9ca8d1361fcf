using Bunit;
using Notify.Ui.Api;
using Notify.Ui.Parts;

namespace Notify.Ui.Tests.Parts;

public sealed class ReasonDialogTests : ComponentTest
{
    private readonly List<string> reasons = [];
    private TaskCompletionSource running = new();

    private IRenderedComponent<ReasonDialog> Show(bool needsReason = false, bool isReady = true, Problem? problem = null) =>
        Render<ReasonDialog>(x => x.Add(y => y.Title, "Delete?").Add(y => y.Action, "Delete").Add(y => y.NeedsReason, needsReason)
        .Add(y => y.IsReady, isReady).Add(y => y.Problem, problem)
        .Add(y => y.Run, reason =>
        {
            reasons.Add(reason);
            return running.Task;
        }));

    private static AngleSharp.Dom.IElement Act(IRenderedComponent<ReasonDialog> dialog) => dialog.Find(".dialog-actions button:last-child");

    [Theory]
    [InlineData(false, true, "", true)]
    [InlineData(false, false, "", false)]
    [InlineData(true, true, "", false)]
    [InlineData(true, true, "  ", false)]
    [InlineData(true, true, "Cleaning", true)]
    [InlineData(true, false, "Cleaning", false)]
    public void it_is_done_only_with_what_it_needs(bool needsReason, bool isReady, string typed, bool can)
    {
        var dialog = Show(needsReason, isReady);
        dialog.Find("#why").Input(typed);
        Act(dialog).HasAttribute("disabled").Should().Be(!can);
    }

    [Fact]
    public void it_is_done_once_with_the_reason_and_can_be_tried_again_when_it_was_refused()
    {
        var dialog = Show();
        dialog.Find("#why").Input("Cleaning");
        Act(dialog).Click();
        Act(dialog).HasAttribute("disabled").Should().BeTrue("it is under way");
        running.SetResult();
        dialog.WaitForAssertion(() => Act(dialog).HasAttribute("disabled").Should().BeFalse());
        running = new();
        Act(dialog).Click();
        reasons.Should().Equal("Cleaning", "Cleaning");
    }

    [Fact]
    public void why_it_was_refused_stands_in_it() =>
        Show(problem: new(409, "It is in use.", "By rule 'Night'.", new Dictionary<string, string[]>(), null))
            .Find("[role=alert]").TextContent.Should().Contain("It is in use.").And.Contain("By rule 'Night'.");
}
