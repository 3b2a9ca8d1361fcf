using Bunit;
using Notify.Ui.Parts;

namespace Notify.Ui.Tests.Parts;

public sealed class ChooseDialogTests : ComponentTest
{
    /// <summary>Who goes on by arrows before the page has heard of the last one would be put back to it.</summary>
    [Fact]
    public void what_is_chosen_is_given_and_never_put_over_what_was_chosen_since()
    {
        string? given = null;
        var dialog = Render<ChooseDialog>(x => x.Add(y => y.Title, "Add").Add(y => y.Legend, "Type")
            .Add(y => y.Options, [("a", "A", null), ("b", "B", null), ("c", "C", null)]).Add(y => y.OnNext, next => given = next));
        foreach (var value in new[] { "b", "c" }) dialog.Find($"input[value={value}]").Change(value);
        dialog.FindAll("input[checked]").Should().ContainSingle().Which.GetAttribute("value").Should().Be("a", "it was from the beginning");
        dialog.Find(".primary").Click();
        given.Should().Be("c");
    }
}
