using System.Buffers;
using System.Globalization;
using System.Text;
using Notify.Channels.Messages;
using Notify.Kernel.Texts;

namespace Notify.Channels.Email;

/// <summary>HTML. A value in the text keeps its lines and never becomes a tag; a value within a tag never ends an attribute or the tag. An address
/// that begins with a value can only be a web, mail or phone address.</summary>
internal sealed class HtmlMail : IMessageFormat
{
    public const string FormatName = "html";
    private static readonly SearchValues<char> letters =
        SearchValues.Create("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-._~:/?#@!$()*+,;=% ");

    public string Name => FormatName;
    public BilingualText Label { get; } = new("HTML", "HTML");
    public string? CallOpener => null;
    public char CallCloser => '\0';

    /// <summary>A tag may have begun at any distance.</summary>
    public int FarthestLook => int.MaxValue;

    public ValuePlace PlaceOf(ReadOnlySpan<char> before, ReadOnlySpan<char> after)
    {
        if (before.LastIndexOf('<') <= before.LastIndexOf('>')) return ValuePlace.Words;
        var attribute = before.TrimEnd("\"' \t\r\n");
        // Only a value at the beginning of an address decides its scheme.
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

    /// <summary>Writes a numeric character reference, which means the same in every context.</summary>
    private static void AppendInTag(StringBuilder text, Rune rune)
    {
        if (rune.Value > 127 || (rune.Value != ' ' && letters.Contains((char)rune.Value))) text.Append(rune);
        else text.Append(CultureInfo.InvariantCulture, $"&#{rune.Value};");
    }
}

internal static class MailText
{
    /// <summary>The first line of a text, shortened, as the subject of a mail without one.</summary>
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
