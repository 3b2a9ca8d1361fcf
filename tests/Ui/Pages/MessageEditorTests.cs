using Bunit;
using Notify.Channels.WeCom;
using Notify.Rules.Pages;
using Notify.Ui.Forms;

namespace Notify.Ui.Tests.Pages;

/// <summary>The panel of parameters: what is put where the cursor is. That it is put there is tried in a browser.</summary>
public sealed class MessageEditorTests : ComponentTest
{
    /// <summary>Of a channel only its words are shown here.</summary>
    private IRenderedComponent<MessageEditor> Show() =>
        Render<MessageEditor>(x => x.Add(y => y.Form, new FormState([])).Add(y => y.Channel, new WeComChannel(null!, null!, null!)));

    [Fact]
    public void each_parameter_says_what_it_means_and_is_put_in_braces()
    {
        var editor = Show();
        var buttons = editor.FindAll(".parameters button");
        buttons.Should().HaveCount(Rules.Messages.TemplateParameters.Names.Count);
        buttons.Single(x => x.QuerySelector("code")!.TextContent == "level").GetAttribute("data-insert").Should().Be("{level}");
        buttons.Select(x => x.QuerySelector("code")!.TextContent).Should().StartWith(["name", "state", "level", "path", "value"], "these are used most");
        buttons.Select(x => x.TextContent).Should().StartWith(["name of the alarmname", "state", "level"], "what is the same is not said twice")
            .And.OnlyHaveUniqueItems();
        buttons.Should().OnlyContain(x => x.GetAttribute("data-into") == "message-texts");
    }

    [Theory]
    [InlineData("owner", "{labels.owner}")]
    [InlineData(" owner ", "{labels.owner}")]
    [InlineData("k8s.io/app_x-1", "{labels.k8s.io/app_x-1}")]
    [InlineData("班组", "{labels.班组}")]
    [InlineData("on call", "{labels[\"on call\"]}")]
    [InlineData("a\"b\\c", "{labels[\"a\\\"b\\\\c\"]}")]
    [InlineData("a}", "{labels[\"a}\"]}")]
    public void a_label_with_other_characters_stands_in_quotes(string label, string inserted)
    {
        var editor = Show();
        editor.Find("#label-name").Input(label);
        editor.Find("[aria-label='Insert the label']").GetAttribute("data-insert").Should().Be(inserted);
    }

    [Fact]
    public void without_a_label_there_is_nothing_to_insert()
    {
        var editor = Show();
        editor.Find("[aria-label='Insert the label']").HasAttribute("disabled").Should().BeTrue();
        editor.Find("#label-name").Input("x");
        editor.Find("[aria-label='Insert the label']").HasAttribute("disabled").Should().BeFalse();
    }
}
