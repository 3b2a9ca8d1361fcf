using System.Globalization;
using System.Text;

namespace Notify.Channels.Messages;

/// <summary>
/// Makes a value harmless inside an address without changing where the address leads: only characters that would end it, or be markup there, are
/// percent-encoded.
/// </summary>
internal static class AddressEscaping
{
    private static readonly string[] schemes = ["http", "https", "mailto", "tel"];

    /// <summary>Put before a value that begins a link's address but is no web, mail or phone address: it becomes a relative path, never a scheme by
    /// which a client would start a program. Also put before an empty value, since another value may follow.</summary>
    public const string BelowNowhere = "./";

    /// <summary>Whether the value may begin the address of a link.</summary>
    public static bool MayBegin(string value)
    {
        var scheme = value.IndexOf(':', StringComparison.Ordinal) is >= 0 and var colon ? value.AsSpan(0, colon) : value;
        foreach (var allowed in schemes)
            if (scheme.Equals(allowed, StringComparison.OrdinalIgnoreCase)) return true;
        return false;
    }

    public static void Append(StringBuilder text, string value, ValuePlace place, bool isMarkdown)
    {
        value = value.Trim();
        if (place == ValuePlace.LinkStart && !MayBegin(value)) text.Append(BelowNowhere);
        for (var i = 0; i < value.Length; i++)
        {
            var c = value[i];
            if (c is '&' or ';' ? !EndsEntity(value, i) : !Ends(c, place)
                && !(isMarkdown && place == ValuePlace.BareAddress && IsMarkup(value, i))) text.Append(c);
            else if (!char.IsHighSurrogate(c) || i + 1 == value.Length || !char.IsLowSurrogate(value[i + 1])) Encode(text, char.IsSurrogate(c)
                ? Rune.ReplacementChar : new Rune(c));
            else Encode(text, new Rune(c, value[++i]));
        }
    }

    /// <summary>
    /// The range of the first address in a text from the given index; empty, at the end, if there is none. Excludes punctuation that ends a sentence.
    /// </summary>
    public static Range FirstIn(string value, int from)
    {
        while (from < value.Length && value.IndexOf("://", from, StringComparison.Ordinal) is >= 0 and var colon)
        {
            from = colon + 3;
            var start = value.AsSpan(0, colon) is var before && before.EndsWith("https", StringComparison.OrdinalIgnoreCase) ? colon - 5
                : before.EndsWith("http", StringComparison.OrdinalIgnoreCase) ? colon - 4 : -1;
            if (start < 0 || Escaping.IsWord(value, start - 1)) continue;
            var end = from;
            while (end < value.Length && (
                char.IsAscii(value[end]) ? !Ends(value[end], ValuePlace.BareAddress) : char.IsLetterOrDigit(value[end]))) end++;
            if (value[end - 1] == ']' && !value.AsSpan(start, end - start).Contains('[')) end--;
            while (end > from && value[end - 1] is '.' or ',' or ';' or ':' or '!' or '?' or '\'' or '*' or '_' or '~') end--;
            if (end > from) return start..end;
        }

        return value.Length..value.Length;
    }

    /// <summary>Characters that an address must not contain in this place, also surrogates without their pair and invisible characters.</summary>
    private static bool Ends(char c, ValuePlace place) => c switch
    {
        '<' or '>' or '"' or '`' or '\\' or '|' => true,
        '(' or ')' => place is ValuePlace.LinkTarget or ValuePlace.LinkStart,
        '\'' => place is ValuePlace.Attribute or ValuePlace.LinkStart,
        _ => char.IsControl(c) || char.IsWhiteSpace(c) || char.IsSurrogate(c) || char.GetUnicodeCategory(c) == UnicodeCategory.Format,
    };

    private static bool IsMarkup(string value, int i) => value[i] switch
    {
        '*' or '[' or ']' => true,
        '~' => (i > 0 && value[i - 1] == '~') || (i + 1 < value.Length && value[i + 1] == '~'),
        // Within a word it is not emphasis. Encoded or not, the address is the same.
        '_' => !(Escaping.IsWord(value, i - 1) && Escaping.IsWord(value, i + 1)),
        _ => false,
    };

    /// <summary>Whether this is the semicolon that ends a character reference, such as <c>&amp;#41;</c>.</summary>
    private static bool EndsEntity(string value, int i)
    {
        if (value[i] != ';') return false;
        var start = value.LastIndexOf('&', i, Math.Min(i + 1, Escaping.LongestEntity + 2));
        return start >= 0 && value.IndexOf(';', start) == i && Escaping.IsEntity(value.AsSpan(start + 1, i - start));
    }

    private static void Encode(StringBuilder text, Rune rune)
    {
        Span<byte> bytes = stackalloc byte[4];
        foreach (var x in bytes[..rune.EncodeToUtf8(bytes)]) text.Append(CultureInfo.InvariantCulture, $"%{x:X2}");
    }
}
