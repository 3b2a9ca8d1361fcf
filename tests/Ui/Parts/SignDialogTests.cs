using System.Text.Json.Nodes;
using Bunit;
using Notify.Ui.Parts;

namespace Notify.Ui.Tests.Parts;

public sealed class SignDialogTests : ComponentTest
{
    private static readonly DateTimeOffset later = Now.AddHours(1);

    private readonly List<(string Words, JsonObject Signature)> signed = [];

    private IRenderedComponent<SignDialog> Show(string? wordsLabel = "Findings", bool hasSecondFactor = false) => Render<SignDialog>(x => x
        .AddCascadingValue(new Me("user-1", "Zhang San", "zhang.san", [], [], [], null, hasSecondFactor, 0, new("s", "password", Now, later, later)))
        .Add(y => y.Subject, "emergency").Add(y => y.Meaning, "reviewed").Add(y => y.Title, "Review").Add(y => y.Action, "Sign")
        .Add(y => y.WordsLabel, wordsLabel)
        .Add(y => y.Run, (words, signature) =>
        {
            signed.Add((words, signature));
            return Task.CompletedTask;
        }));

    private static AngleSharp.Dom.IElement Act(IRenderedComponent<SignDialog> dialog) => dialog.Find(".dialog-actions button:last-child");

    [Fact]
    public void it_takes_words_and_the_password_and_neither_alone()
    {
        var dialog = Show();
        Act(dialog).HasAttribute("disabled").Should().BeTrue();
        dialog.Find("textarea").Input("  Nothing was changed ");
        Act(dialog).HasAttribute("disabled").Should().BeTrue("nothing was signed with");
        dialog.Find("input[type=password]").Input("four unrelated words");
        dialog.Find("textarea").Input(" ");
        Act(dialog).HasAttribute("disabled").Should().BeTrue("nothing was said");
        dialog.Find("textarea").Input("  Nothing was changed ");
        Act(dialog).Click();
        signed.Should().ContainSingle();
        signed[0].Words.Should().Be("Nothing was changed");
        signed[0].Signature.ToJsonString().Should().Be("""{"password":"four unrelated words","meaning":"reviewed"}""");
    }

    [Fact]
    public void without_words_to_say_the_password_is_enough_and_when_it_is_emptied_it_is_not()
    {
        var dialog = Show(wordsLabel: null);
        dialog.FindAll("textarea").Should().BeEmpty();
        dialog.Find("input[type=password]").Input("x");
        Act(dialog).HasAttribute("disabled").Should().BeFalse();
        dialog.Find("input[type=password]").Input("");
        Act(dialog).HasAttribute("disabled").Should().BeTrue();
    }

    [Fact]
    public void who_has_a_second_factor_may_sign_with_a_code_instead()
    {
        var dialog = Show(wordsLabel: null, hasSecondFactor: true);
        dialog.Find("input[type=password]").Input("begun");
        dialog.Find("button.quiet.small").Click();
        dialog.FindAll("input[type=password]").Should().BeEmpty();
        Act(dialog).HasAttribute("disabled").Should().BeTrue("what was typed as a password is no code");
        dialog.Find("input[autocomplete=one-time-code]").Input(" 123456 ");
        Act(dialog).Click();
        signed.Single().Signature.ToJsonString().Should().Be("""{"code":"123456","meaning":"reviewed"}""");
    }
}
