using System.Buffers;
using System.Globalization;
using System.Text;

namespace Notify.Channels.Messages;

/// <summary>
/// Makes a value harmless in a format of chat platforms. They document no escape character, so a character that could be markup is replaced by its
/// full-width equivalent (U+FF01 to U+FF5E), which looks alike but is not markup. Where a character cannot be markup it stays.
/// </summary>
internal static class Escaping
{
    /// <summary>The maximum length of an entity's name, in characters.</summary>
    public const int LongestEntity = 32;

    private const int fullWidth = 0xFEE0;
    private static readonly SearchValues<char> entity = SearchValues.Create("#0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    /// <param name="oneLine">Whether the value must not add a line, even if the format allows it.</param>
    public static void Append(StringBuilder text, string value, ChatFormat format, ValuePlace place, bool oneLine)
    {
        var isMarkdown = format.IsMarkdown;
        if (place is ValuePlace.LinkStart or ValuePlace.LinkTarget or ValuePlace.Attribute or ValuePlace.BareAddress)
        {
            AddressEscaping.Append(text, value, place, isMarkdown);
            return;
        }

        value = Clean(value, keepLines: format.KeepsLines && !oneLine);
        if (isMarkdown) value = value.Trim();
        var listMark = isMarkdown ? BlockMarkAt(value) : -1;
        var address = isMarkdown ? AddressEscaping.FirstIn(value, 0) : default;
        for (var i = 0; i < value.Length; i++)
        {
            if (isMarkdown && i == address.Start.Value && address.End.Value > i)
            {
                AddressEscaping.Append(text, value[address], ValuePlace.BareAddress, isMarkdown);
                i = address.End.Value - 1;
                address = AddressEscaping.FirstIn(value, i + 1);
                continue;
            }

            var isMarkup = isMarkdown ? i == listMark || IsMarkdown(value, i, format.HasTables) : IsTag(value, i);
            text.Append(isMarkup ? (char)(value[i] + fullWidth) : value[i]);
        }
    }

    /// <summary>In plain text only <c>&lt;@account&gt;</c> and <c>&lt;a href&gt;</c> are markup; "T &lt; 5" and "&lt;=" stay.</summary>
    private static bool IsTag(string value, int i) => value[i] switch
    {
        // At either end of a value, the adjacent value may complete the markup.
        '<' => i + 1 == value.Length || !(char.IsWhiteSpace(value[i + 1]) || char.IsAsciiDigit(value[i + 1]) || value[i + 1] == '='),
        '@' => i == 0 || value[i - 1] == '<',
        _ => false,
    };

    private static bool IsMarkdown(string value, int i, bool hasTables) => value[i] switch
    {
        '<' or '>' or '*' or '`' or '@' or '[' or ']' or '#' or '~' => true,
        '|' => hasTables,
        // Within a word it is not emphasis, and tag names contain many.
        '_' => !(IsWord(value, i - 1) && IsWord(value, i + 1)),
        '\\' => i + 1 == value.Length || char.IsPunctuation(value[i + 1]) || char.IsSymbol(value[i + 1]),
        '&' => IsEntity(value.AsSpan(i + 1)),
        _ => false,
    };

    /// <summary>The index of the character by which a value at the start of a line would begin a list, a rule or an underlined heading, or
    /// -1.</summary>
    private static int BlockMarkAt(string value)
    {
        if (value.Length == 0) return -1;
        if (value[0] is '-' or '+' or '=') return value.Length == 1 || value[1] == ' ' || value[1] == value[0] ? 0 : -1;
        var digits = value.AsSpan().IndexOfAnyExceptInRange('0', '9');
        return digits > 0 && value[digits] is '.' or ')' && (digits + 1 == value.Length || value[digits + 1] == ' ') ? digits : -1;
    }

    internal static bool IsWord(string value, int i) => i >= 0 && i < value.Length && char.IsLetterOrDigit(value[i]);

    internal static bool IsEntity(ReadOnlySpan<char> rest)
    {
        var length = rest.IndexOfAnyExcept(entity);
        return length < 0 || (length is > 0 and <= LongestEntity && rest[length] == ';');
    }

    /// <summary>
    /// Removes control characters and bidirectional overrides, and replaces broken surrogates. Line breaks become spaces unless they are kept: a new
    /// line would break out of the author's quote, table row or card field.
    /// </summary>
    private static string Clean(string value, bool keepLines)
    {
        if (!NeedsCleaning(value)) return value;
        var clean = new StringBuilder(value.Length);
        foreach (var rune in value.ReplaceLineEndings("\n").EnumerateRunes())
        {
            if (rune.Value is '\n') clean.Append(keepLines ? '\n' : ' ');
            else if (rune.Value is '\t') clean.Append(' ');
            else if (!IsHidden(rune)) clean.Append(rune);
        }
        return clean.ToString();
    }

    private static bool NeedsCleaning(string value)
    {
        foreach (var c in value)
            if (char.IsControl(c) || char.IsSurrogate(c) || IsHidden(new Rune(c)) || c is '\u2028' or '\u2029')
                return true;
        return false;
    }

    private static bool IsHidden(Rune rune) =>
        Rune.GetUnicodeCategory(rune) == UnicodeCategory.Control || rune.Value is >= 0x202A and <= 0x202E or >= 0x2066 and <= 0x2069;
}
