using System.Buffers;
using System.Globalization;
using System.Text;
using Notify.Channels.Messages;
using Notify.Kernel.Texts;

namespace Notify.Channels.Email;

/// <summary>Plain text: nothing in it is markup. A header's text has one line.</summary>
internal sealed class PlainMail(bool isHeader) : IMessageFormat
{
    public const string FormatName = "text";

    public string Name => FormatName;
    public BilingualText Label { get; } = new("Plain text", "纯文本");
    public string? CallOpener => null;
    public char CallCloser => '\0';

    public ValuePlace PlaceOf(ReadOnlySpan<char> before, ReadOnlySpan<char> after) => ValuePlace.Words;

    public void Append(StringBuilder text, string value, ValuePlace place = ValuePlace.Words, bool oneLine = false) =>
        MailText.Append(text, value, keepLines: !isHeader && !oneLine, static (x, rune) => x.Append(rune));

    public IEnumerable<string> CallsIn(string text) => [];
}

/// <summary>HTML. A value among the words has its lines, and is never a tag; within a tag it never ends an attribute or the tag, and an address that
/// it begins can only be one of the web, of a mail or of a phone.</summary>
internal sealed class HtmlMail : IMessageFormat
{
    public const string FormatName = "html";
    private static readonly SearchValues<char> letters =
        SearchValues.Create("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-._~:/?#@!$()*+,;=% ");

    private static readonly string[] schemes = ["http:", "https:", "mailto:", "tel:"];

    public string Name => FormatName;
    public BilingualText Label { get; } = new("HTML", "HTML");
    public string? CallOpener => null;
    public char CallCloser => '\0';

    /// <summary>A tag may have begun anywhere before.</summary>
    public int FarthestLook => int.MaxValue;

    public ValuePlace PlaceOf(ReadOnlySpan<char> before, ReadOnlySpan<char> after)
    {
        if (before.LastIndexOf('<') <= before.LastIndexOf('>')) return ValuePlace.Words;
        var attribute = before.TrimEnd("\"' \t\r\n");
        // The beginning of an address decides what following it does.
        return attribute.EndsWith('=') && (attribute[..^1].TrimEnd().EndsWith("href", StringComparison.OrdinalIgnoreCase)
            || attribute[..^1].TrimEnd().EndsWith("src", StringComparison.OrdinalIgnoreCase)) ? ValuePlace.LinkTarget : ValuePlace.Attribute;
    }

    public void Append(StringBuilder text, string value, ValuePlace place = ValuePlace.Words, bool oneLine = false)
    {
        switch (place)
        {
            case ValuePlace.Words:
                MailText.Append(text, value, keepLines: !oneLine, AppendWord);
                break;
            case ValuePlace.LinkTarget:
                var address = value.Trim();
                if (!schemes.Any(x => address.StartsWith(x, StringComparison.OrdinalIgnoreCase))) text.Append("./");
                MailText.Append(text, address, keepLines: false, AppendInTag);
                break;
            default:
                MailText.Append(text, value, keepLines: false, AppendInTag);
                break;
        }
    }

    public IEnumerable<string> CallsIn(string text) => [];

    private static void AppendWord(StringBuilder text, Rune rune)
    {
        switch (rune.Value)
        {
            case '\n':
                text.Append("<br>");
                break;
            case '<' or '>' or '&' or '"' or '\'' or '`':
                AppendInTag(text, rune);
                break;
            default:
                text.Append(rune);
                break;
        }
    }

    /// <summary>Numbered, so that it is one character and nothing else whatever stands around it.</summary>
    private static void AppendInTag(StringBuilder text, Rune rune)
    {
        if (rune.Value > 127 || (rune.Value != ' ' && letters.Contains((char)rune.Value))) text.Append(rune);
        else text.Append(CultureInfo.InvariantCulture, $"&#{rune.Value};");
    }
}

internal static class MailText
{
    /// <summary>Without control characters and those that reorder what is shown, with broken surrogates replaced; line ends as <c>\n</c>, or as a
    /// blank.</summary>
    public static void Append(StringBuilder text, string value, bool keepLines, Action<StringBuilder, Rune> append)
    {
        foreach (var rune in value.ReplaceLineEndings("\n").EnumerateRunes())
        {
            if (rune.Value == '\n') append(text, keepLines ? rune : new Rune(' '));
            else if (rune.Value == '\t') append(text, new Rune(' '));
            else if (!IsHidden(rune)) append(text, rune);
        }
    }

    private static bool IsHidden(Rune rune) =>
        Rune.GetUnicodeCategory(rune) == UnicodeCategory.Control || rune.Value is >= 0x202A and <= 0x202E or >= 0x2066 and <= 0x2069;

    /// <summary>The beginning of a text as one line, for a mail without a subject of its own.</summary>
    public static string FirstLine(string text, int characters)
    {
        var trimmed = text.TrimStart();
        var line = new StringBuilder();
        Append(line, trimmed[..(trimmed.IndexOfAny(['\r', '\n']) is >= 0 and var end ? end : trimmed.Length)], keepLines: false,
            static (x, rune) => x.Append(rune));
        var first = line.ToString().Trim();
        if (first.Length <= characters) return first;
        return first[..(char.IsHighSurrogate(first[characters - 1]) ? characters - 1 : characters)].TrimEnd() + "…";
    }
}
