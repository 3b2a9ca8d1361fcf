using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;

namespace Notify.Rules.Pages;

/// <summary>Draws the markup of chat programs approximately: headings, quotes, bold, colours, code, links. Text is never inserted as HTML.</summary>
public sealed partial class ChatMarkup : ComponentBase
{
    [Parameter, EditorRequired]
    public string Text { get; set; } = "";

    /// <summary>The first line is the title of a card.</summary>
    [Parameter]
    public bool HasTitle { get; set; }

    protected override void BuildRenderTree(RenderTreeBuilder builder)
    {
        var isFirst = true;
        foreach (var line in Text.Split('\n'))
        {
            var (kind, words) = KindOf(line);
            builder.OpenElement(0, "div");
            builder.AddAttribute(1, "class", isFirst && HasTitle ? "markup-head" : kind);
            Inline(builder, words);
            if (words.Length == 0) builder.AddContent(2, "\u00a0");
            builder.CloseElement();
            isFirst = false;
        }
    }

    private static (string? Kind, string Words) KindOf(string line)
    {
        var start = line.TrimStart('#');
        if (start.Length < line.Length && start.StartsWith(' ')) return ("markup-head", start.Trim());
        return line.StartsWith('>') ? ("markup-quote", line[1..].TrimStart()) : (null, line);
    }

    private static void Inline(RenderTreeBuilder builder, string words)
    {
        var at = 0;
        foreach (Match match in Piece().Matches(words))
        {
            builder.AddContent(3, words[at..match.Index]);
            at = match.Index + match.Length;
            var (element, style, text) =
                match.Groups["bold"] is { Success: true } bold ? ("strong", null, bold.Value)
                : match.Groups["link"] is { Success: true } link ? ("span", "markup-link", link.Value)
                : match.Groups["code"] is { Success: true } code ? ("code", null, code.Value)
                : ("span", $"markup-{match.Groups["colour"].Value}", match.Groups["font"].Value);
            builder.OpenElement(4, element);
            if (style is not null) builder.AddAttribute(5, "class", style);
            builder.AddContent(6, text);
            builder.CloseElement();
        }

        builder.AddContent(7, words[at..]);
    }

    [GeneratedRegex(
        """\*\*(?<bold>[^*]+)\*\*|!?\[(?<link>[^\]]*)\]\([^)\s]*\)|`(?<code>[^`]+)`|<font color="?(?<colour>\w+)"?>(?<font>[^<]*)</font>""",
        RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Piece();
}
