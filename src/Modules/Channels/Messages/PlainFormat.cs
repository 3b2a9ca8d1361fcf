using System.Globalization;
using System.Text;
using Notify.Kernel.Texts;

namespace Notify.Channels.Messages;

/// <summary>Plain text without markup: a value is written as it is, without invisible characters.</summary>
/// <param name="isOneLine">Whether values must not add a line, because the text is a header or a parameter of a template.</param>
internal sealed class PlainFormat(bool isOneLine, string name = PlainFormat.FormatName, BilingualText? label = null) : IMessageFormat
{
    public const string FormatName = "text";

    public string Name => name;
    public BilingualText Label { get; } = label ?? new("Plain text", "纯文本");
    public string? CallOpener => null;
    public char CallCloser => '\0';

    public ValuePlace PlaceOf(ReadOnlySpan<char> before, ReadOnlySpan<char> after) => ValuePlace.Words;

    public void Append(StringBuilder text, string value, ValuePlace place = ValuePlace.Words, bool oneLine = false) =>
        AppendVisible(text, value, keepLines: !isOneLine && !oneLine, static (x, rune) => x.Append(rune));

    public IEnumerable<string> CallsIn(string text) => [];

    /// <summary>Omits control characters and bidirectional overrides, and replaces broken surrogates; line ends become <c>\n</c>, or a
    /// space.</summary>
    public static void AppendVisible(StringBuilder text, string value, bool keepLines, Action<StringBuilder, Rune> append)
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
}
