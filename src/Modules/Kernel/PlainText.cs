using System.Buffers;
using System.Text;

namespace Notify.Kernel;

/// <summary>
/// What no text may contain, from any source: U+0000, which PostgreSQL cannot store, and an unpaired surrogate, which UTF-8 cannot encode. JSON can
/// escape both.
/// </summary>
public static class PlainText
{
    public const string HasNull = "The text may not contain U+0000.";
    public const string IsNoUnicode = "The text is not valid Unicode.";

    /// <summary>Null if the text can be stored.</summary>
    public static string? FaultOf(string text)
    {
        var rest = text.AsSpan();
        if (rest.Contains('\0')) return HasNull;
        if (rest.IndexOfAnyInRange('\uD800', '\uDFFF') is var first && first < 0) return null;
        for (rest = rest[first..]; !rest.IsEmpty;)
        {
            if (Rune.DecodeFromUtf16(rest, out _, out var length) != OperationStatus.Done) return IsNoUnicode;
            rest = rest[length..];
        }

        return null;
    }

    public static bool IsStorable(string text) => FaultOf(text) is null;
}
