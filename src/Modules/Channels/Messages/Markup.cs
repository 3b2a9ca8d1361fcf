using System.Text.RegularExpressions;

namespace Notify.Channels.Messages;

public enum Markup { None, LineEnd, Font, FontEnd, Bold, Fence, Whole }

/// <summary>A piece of the platform's markdown that must not be cut.</summary>
public readonly partial record struct MarkupPiece(int Start, int Length, Markup Kind)
{
    public static IReadOnlyList<MarkupPiece> Find(string text)
    {
        var pieces = new List<MarkupPiece>();
        var fenced = false;
        foreach (var match in Pieces().Matches(text).Cast<Match>())
        {
            var kind = match switch
            {
                _ when match.Groups["fence"].Success => Markup.Fence,
                _ when match.Groups["font"].Success => Markup.Font,
                _ when match.Groups["end"].Success => Markup.FontEnd,
                _ when match.Groups["bold"].Success => Markup.Bold,
                _ => Markup.Whole,
            };
            if (kind == Markup.Fence) fenced = !fenced;
            // Within a code block nothing is markup.
            else if (fenced) continue;
            if (kind == Markup.Bold)
            {
                // Both ends of one bold run. Two stars without a pair on the same line are not markup; the pattern does not match them.
                pieces.Add(new(match.Index, 2, Markup.Bold));
                foreach (var inner in Find(text.Substring(match.Index + 2, match.Length - 4)))
                    pieces.Add(inner with { Start = inner.Start + match.Index + 2 });
                pieces.Add(new(match.Index + match.Length - 2, 2, Markup.Bold));
                continue;
            }
            pieces.Add(new(match.Index, match.Length, kind));
        }
        return pieces;
    }

    /// <summary>In a text that is not markdown: addresses, links in the form that apps support, and mentions.</summary>
    public static IReadOnlyList<MarkupPiece> FindInText(string text) =>
        [.. WholeInText().Matches(text).Select(x => new MarkupPiece(x.Index, x.Length, Markup.Whole))];

    [GeneratedRegex("""<a\s[^<>]*>[^<>\n]*</a>|<@[^>\n]{1,64}>|https?://[!-;=?-_a-~]+""", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex WholeInText();

    [GeneratedRegex("""
        (?<fence>^```[^\n`]*(\n|\z))
        |(?<font><font\ color=["']?\w{1,20}["']?>)
        |(?<end></font>)
        |(?<bold>\*\*(?=\S)[^\n]+?\*\*)
        |<@[^>\n]{1,64}>
        |!?\[[^\[\]\n]*\]\([^()\n]*\)
        |`[^`\n]+`
        |https?://[!-)+-;=?-_a-~]+
        """, RegexOptions.ExplicitCapture | RegexOptions.IgnorePatternWhitespace | RegexOptions.Multiline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Pieces();
}

/// <summary>The markup that is open at a position in a text.</summary>
public readonly record struct OpenMarkup(string? Font, bool Bold, bool BoldInFont, string? Fence)
{
    public static readonly OpenMarkup None;

    /// <summary>ASCII, like <see cref="Closer"/>, so that its length in bytes is its length in characters.</summary>
    public string Opener => Fence ?? (BoldInFont ? Font + (Bold ? "**" : "") : (Bold ? "**" : "") + Font);

    public string Closer =>
        Fence is not null ? "\n```" : BoldInFont ? (Bold ? "**" : "") + FontEnd : FontEnd + (Bold ? "**" : "");

    private string FontEnd => Font is null ? "" : "</font>";

    public OpenMarkup After(Markup kind, ReadOnlySpan<char> piece) => kind switch
    {
        Markup.Font => this with { Font = piece.ToString(), BoldInFont = false },
        Markup.FontEnd => this with { Font = null },
        Markup.Bold => this with { Bold = !Bold, BoldInFont = Font is not null },
        Markup.Fence => this with { Fence = Fence is null ? FenceOpener(piece) : null },
        _ => this,
    };

    /// <summary>A language's name is kept only if it is short and ASCII, so that openers are too.</summary>
    private static string FenceOpener(ReadOnlySpan<char> piece)
    {
        var name = piece.Trim().TrimStart('`');
        return name.Length <= 20 && System.Text.Ascii.IsValid(name) ? $"```{name}\n" : "```\n";
    }
}
