using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Notify.Channels.Messages;

/// <summary>Prepares texts as chat platforms require: raw UTF-8, no control characters, never empty.</summary>
public static partial class ChatText
{
    public const string Placeholder = "（无内容 / no text）";
    private static readonly SearchValues<char> escaped = SearchValues.Create("\"\\\n\t");

    public static string Clean(string text)
    {
        var clean = text.AsSpan().IndexOfAny(suspicious) < 0 ? text : Rebuild(text);
        return string.IsNullOrWhiteSpace(clean) ? Placeholder : clean;
    }

    /// <summary>Control characters, and surrogates, which may lack their pair.</summary>
    private static readonly SearchValues<char> suspicious = SearchValues.Create(
        [.. Enumerable.Range(0, 0x20).Where(x => x is not ('\n' or '\t')).Concat(Enumerable.Range(0x7f, 0x21)).Concat(Enumerable.Range(0xd800, 0x800))
        .Select(x => (char)x)]);

    private static string Rebuild(string text)
    {
        var clean = new StringBuilder(text.Length);
        foreach (var rune in text.ReplaceLineEndings("\n").EnumerateRunes())
        {
            if (rune.Value is '\n' or '\t' || Rune.GetUnicodeCategory(rune) != UnicodeCategory.Control) clean.Append(rune);
        }
        return clean.ToString();
    }

    /// <summary>.NET's JSON encoders escape characters beyond the basic plane (most emoji), so this escapes only what JSON requires.</summary>
    /// <param name="text">As returned by <see cref="Clean"/>.</param>
    public static void WriteText(this Utf8JsonWriter json, ReadOnlySpan<byte> name, string text)
    {
        json.WritePropertyName(name);
        json.WriteText(text);
    }

    public static void WriteText(this Utf8JsonWriter json, string text)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(text.Length * 3 + 2);
        var length = 0;
        buffer[length++] = (byte)'"';
        var rest = text.AsSpan();
        while (true)
        {
            var stop = rest.IndexOfAny(escaped);
            length += Encoding.UTF8.GetBytes(stop < 0 ? rest : rest[..stop], buffer.AsSpan(length));
            if (stop < 0) break;
            buffer[length++] = (byte)'\\';
            buffer[length++] = rest[stop] switch { '\n' => (byte)'n', '\t' => (byte)'t', var c => (byte)c };
            rest = rest[(stop + 1)..];
        }
        buffer[length++] = (byte)'"';
        json.WriteRawValue(buffer.AsSpan(0, length), skipInputValidation: true);
        ArrayPool<byte>.Shared.Return(buffer);
    }

    /// <summary>The first line with visible text, without markup, to identify a message.</summary>
    /// <param name="characters">The maximum length in characters as people see them (grapheme clusters).</param>
    public static string Headline(string text, int characters)
    {
        foreach (var line in text.Split('\n'))
        {
            var words = Decoration().Replace(Link().Replace(line, "${text}"), "").Trim();
            if (words.Length > 0) return Fits(words, characters, out var stop) ? words : words[..stop] + "…";
        }
        return Placeholder;
    }

    /// <summary>A markdown text without its markup; the address of each link follows its text.</summary>
    public static string WithoutMarkup(string text) => string.Join('\n', text.Split('\n').Select(line => LinkOrDecoration().Replace(
        line, x => x.Groups["address"].Success ? $"{Decoration().Replace(x.Groups["text"].Value, "")} {x.Groups["address"].Value}" : "").TrimEnd()));

    /// <summary>Appends the word that a platform requires in each message as a last line, if the text lacks it.</summary>
    /// <param name="keyword">Null: none is required.</param>
    public static string WithKeyword(string text, string? keyword) =>
        keyword is null || text.Contains(keyword, StringComparison.Ordinal) ? text : $"{text.TrimEnd('\n')}\n{keyword}";

    /// <param name="stop">The length of the longest prefix that fits.</param>
    public static bool Fits(string text, int characters, out int stop)
    {
        stop = 0;
        for (var i = 0; i < characters && stop < text.Length; i++) stop += StringInfo.GetNextTextElementLength(text, stop);
        return stop == text.Length;
    }

    private const string DecorationPattern = """</?font[^>\n]*>|\*\*|^[>#\s]+|`|^\|?[-:| ]+\|?$""";
    private const string LinkPattern = @"!?\[(?<text>[^\[\]\n]*)\]\((?<address>[^()\n]*)\)";

    [GeneratedRegex(DecorationPattern, RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Decoration();

    [GeneratedRegex(LinkPattern, RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Link();

    [GeneratedRegex($"{LinkPattern}|{DecorationPattern}", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex LinkOrDecoration();
}
