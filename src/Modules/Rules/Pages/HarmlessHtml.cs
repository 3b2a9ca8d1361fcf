using System.Text;

namespace Notify.Rules.Pages;

/// <summary>An HTML mail may load styles and images from anywhere, which would tell others that it is read; the preview shows only its text and
/// structure. Each tag is read as browsers read it and written anew with what is known to load nothing, since a search for what loads something
/// misses the many ways to write it.</summary>
public static class HarmlessHtml
{
    private static readonly HashSet<string> attributes = new(StringComparer.OrdinalIgnoreCase)
    {
        "align", "alt", "bgcolor", "border", "cellpadding", "cellspacing", "color", "colspan", "dir", "face", "height", "lang", "nowrap", "rowspan",
        "size", "span", "start", "title", "type", "valign", "width",
    };

    /// <summary>Left out with what is between their tags.</summary>
    private static readonly HashSet<string> withContent = new(StringComparer.OrdinalIgnoreCase) { "script", "style" };

    private static readonly HashSet<string> tagsOnly = new(StringComparer.OrdinalIgnoreCase)
    {
        "base", "embed", "frame", "iframe", "link", "meta", "object",
    };

    public static string Of(string html)
    {
        var written = new StringBuilder(html.Length);
        for (var at = 0; at < html.Length;)
        {
            var next = html.AsSpan(at).IndexOf('<');
            if (next < 0) next = html.Length - at;
            written.Append(html, at, next);
            at += next;
            if (at < html.Length) at = Markup(html, at, written);
        }

        return written.ToString();
    }

    /// <param name="at">The position of a <c>&lt;</c>.</param>
    /// <returns>The position after the markup.</returns>
    private static int Markup(string html, int at, StringBuilder written)
    {
        var following = at + 1 < html.Length ? html[at + 1] : ' ';
        if (following is '!' or '?')
            return After(html, at, html.AsSpan(at).StartsWith("<!--") ? "-->" : ">");
        var isEnd = following == '/';
        var name = at + (isEnd ? 2 : 1);
        if (name < html.Length && char.IsAsciiLetter(html[name])) return Tag(html, name, isEnd, written);
        // For browsers, an end tag without a name is a comment.
        if (isEnd) return After(html, at, ">");
        written.Append("&lt;");
        return at + 1;
    }

    private static int Tag(string html, int at, bool isEnd, StringBuilder written)
    {
        var end = Until(html, at, c => char.IsWhiteSpace(c) || c is '/' or '>');
        var name = html[at..end];
        var tag = new StringBuilder(isEnd ? "</" : "<").Append(name);
        at = end;
        while (true)
        {
            at = Until(html, at, c => !char.IsWhiteSpace(c) && c != '/');
            // A tag that does not end is none.
            if (at == html.Length) return at;
            if (html[at] == '>') break;
            at = Attribute(html, at, name, isEnd ? null : tag);
        }

        at++;
        if (withContent.Contains(name)) return isEnd ? at : Before(html, at, $"</{name}");
        // Only the elements of Office, and others that browsers do not know, have further characters in their names.
        if (!tagsOnly.Contains(name) && name.All(char.IsAsciiLetterOrDigit)) written.Append(tag).Append(html[at - 2] == '/' ? "/>" : ">");
        return at;
    }

    /// <param name="at">The position of an attribute's name.</param>
    /// <param name="tag">Receives the attribute if it is harmless; null: none is.</param>
    /// <returns>The position after the attribute.</returns>
    private static int Attribute(string html, int at, string element, StringBuilder? tag)
    {
        // As the first character of a name, an equals sign belongs to it.
        var end = Until(html, at + 1, c => char.IsWhiteSpace(c) || c is '/' or '>' or '=');
        var name = html[at..end];
        var value = "";
        at = Until(html, end, c => !char.IsWhiteSpace(c));
        if (at == html.Length || html[at] != '=') at = end;
        else
        {
            at = Until(html, at + 1, c => !char.IsWhiteSpace(c));
            if (at < html.Length && html[at] is '"' or '\'')
            {
                var quote = html[at];
                end = Until(html, at + 1, c => c == quote);
                value = html[(at + 1)..end];
                at = Math.Min(end + 1, html.Length);
            }
            else
            {
                end = Until(html, at, c => char.IsWhiteSpace(c) || c == '>');
                value = html[at..end];
                at = end;
            }
        }

        // A link loads nothing until it is followed; in SVG, other elements load what their href names.
        var isLink = name.Equals("href", StringComparison.OrdinalIgnoreCase) && element.Equals("a", StringComparison.OrdinalIgnoreCase);
        if (isLink || attributes.Contains(name)) tag?.Append(' ').Append(name).Append("=\"").Append(Quoted(value)).Append('"');
        return at;
    }

    /// <summary>Without angle brackets as well: where browsers expect no tags, as in a title, an end tag within a value counts as one.</summary>
    private static string Quoted(string value) => value.Replace("\"", "&quot;", StringComparison.Ordinal)
        .Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal);

    private static int Until(string html, int at, Func<char, bool> found)
    {
        while (at < html.Length && !found(html[at])) at++;
        return at;
    }

    /// <returns>The position of the next occurrence, or else the end.</returns>
    private static int Before(string html, int at, string text) =>
        html.IndexOf(text, at, StringComparison.OrdinalIgnoreCase) is >= 0 and var found ? found : html.Length;

    /// <returns>The position after the next occurrence, or else the end.</returns>
    private static int After(string html, int at, string text) => Math.Min(Before(html, at, text) + text.Length, html.Length);
}
