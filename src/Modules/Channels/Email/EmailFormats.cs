using System.Buffers;
using System.Globalization;
using System.Text;
using Notify.Channels.Messages;
using Notify.Kernel.Texts;

namespace Notify.Channels.Email;

/// <summary>HTML. A value among the words has its lines, and is never a tag; within a tag it never ends an attribute or the tag, and an address that
/// it begins can only be one of the web, of a mail or of a phone.</summary>
internal sealed class HtmlMail : IMessageFormat
{
    public const string FormatName = "html";
    private static readonly SearchValues<char> letters =
        SearchValues.Create("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-._~:/?#@!$()*+,;=% ");

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
            || attribute[..^1].TrimEnd().EndsWith("src", StringComparison.OrdinalIgnoreCase)) ? ValuePlace.LinkStart : ValuePlace.Attribute;
    }

    public void Append(StringBuilder text, string value, ValuePlace place = ValuePlace.Words, bool oneLine = false)
    {
        switch (place)
        {
            case ValuePlace.Words:
                PlainFormat.AppendVisible(text, value, keepLines: !oneLine, AppendWord);
                break;
            case ValuePlace.LinkStart:
                var address = value.Trim();
                if (!AddressEscaping.MayBegin(address)) text.Append(AddressEscaping.BelowNowhere);
                PlainFormat.AppendVisible(text, address, keepLines: false, AppendInTag);
                break;
            default:
                PlainFormat.AppendVisible(text, value, keepLines: false, AppendInTag);
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
    /// <summary>The beginning of a text as one line, for a mail without a subject of its own.</summary>
    public static string FirstLine(string text, int characters)
    {
        var trimmed = text.TrimStart();
        var line = new StringBuilder();
        PlainFormat.AppendVisible(line, trimmed[..(trimmed.IndexOfAny(['\r', '\n']) is >= 0 and var end ? end : trimmed.Length)], keepLines: false,
            static (x, rune) => x.Append(rune));
        var first = line.ToString().Trim();
        if (first.Length <= characters) return first;
        return first[..(char.IsHighSurrogate(first[characters - 1]) ? characters - 1 : characters)].TrimEnd() + "…";
    }
}
