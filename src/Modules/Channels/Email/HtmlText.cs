using System.Text;
using System.Text.RegularExpressions;
using MimeKit.Text;

namespace Notify.Channels.Email;

/// <summary>Converts HTML to plain text: line breaks at its blocks, addresses after their links.</summary>
internal static partial class HtmlText
{
    public static string Of(string html)
    {
        var text = new StringBuilder(html.Length);
        var tokens = new HtmlTokenizer(new StringReader(html)) { DecodeCharacterReferences = true };
        var (hidden, target, linkStart) = ((HtmlTagId?)null, (string?)null, 0);
        while (tokens.ReadNextToken(out var token))
        {
            switch (token)
            {
                case HtmlTagToken tag when hidden is not null:
                    if (tag.IsEndTag && tag.Id == hidden) hidden = null;
                    break;
                case HtmlTagToken { IsEndTag: false, IsEmptyElement: false, Id: HtmlTagId.Style or HtmlTagId.Script or HtmlTagId.Title } tag:
                    hidden = tag.Id;
                    break;
                case HtmlTagToken { Id: HtmlTagId.A, IsEndTag: false } tag:
                    target = tag.Attributes.FirstOrDefault(x => x.Id == HtmlAttributeId.Href)?.Value;
                    linkStart = text.Length;
                    break;
                case HtmlTagToken { Id: HtmlTagId.A, IsEndTag: true }:
                    var shown = text.ToString(linkStart, text.Length - linkStart);
                    if (target is { Length: > 0 } && !shown.Contains(target, StringComparison.Ordinal))
                        text.Append(shown.Length > 0 ? $" ({target})" : target);
                    target = null;
                    break;
                case HtmlTagToken { Id: HtmlTagId.LI, IsEndTag: false }:
                    text.Append("\n- ");
                    break;
                case HtmlTagToken { Id: HtmlTagId.TD or HtmlTagId.TH, IsEndTag: true }:
                    text.Append("  ");
                    break;
                case HtmlTagToken { Id: HtmlTagId.Br }:
                    text.Append('\n');
                    break;
                case HtmlTagToken
                {
                    Id: HtmlTagId.P or HtmlTagId.Div or HtmlTagId.TR or HtmlTagId.Table or HtmlTagId.UL or HtmlTagId.OL
                    or HtmlTagId.H1 or HtmlTagId.H2 or HtmlTagId.H3 or HtmlTagId.H4 or HtmlTagId.H5 or HtmlTagId.H6 or HtmlTagId.HR
                    or HtmlTagId.BlockQuote or HtmlTagId.Pre
                }:
                    text.Append('\n');
                    break;
                case HtmlDataToken data when hidden is null:
                    text.Append(Blanks().Replace(data.Data, " "));
                    break;
            }
        }

        return Lines().Replace(text.ToString(), "\n").Trim();
    }

    [GeneratedRegex(@"\s+", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Blanks();

    [GeneratedRegex(@"[ \t]*\n[ \t\n]*", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Lines();
}
