using System.Buffers;

namespace Notify.Channels.Messages;

/// <summary>Determines the place of a parameter in a template.</summary>
public static class ValuePlaces
{
    /// <summary>Represents a parameter in the text before another.</summary>
    public const char Parameter = '\uFFFC';

    private const string Href = "href";

    private static readonly SearchValues<char> ends = SearchValues.Create(
        [.. "\"'<>`|\\", .. Enumerable.Range(0, 33).Select(x => (char)x), '\u007f']);

    /// <summary>Characters that end an address if they precede the value, although an address may contain them.</summary>
    private static readonly SearchValues<char> punctuation = SearchValues.Create(",;!)*");

    private static readonly SearchValues<char> endsUnquoted = SearchValues.Create(" \t\r\n\"'<>");

    /// <param name="before">The template up to the value.</param>
    internal static ValuePlace Of(ReadOnlySpan<char> before, bool isMarkdown)
    {
        if (isMarkdown && before.LastIndexOf("](", StringComparison.Ordinal) is >= 0 and var target
            && before[(target + 2)..].IndexOfAny(")\r\n") < 0)
            return IsNothing(before[(target + 2)..]) ? ValuePlace.LinkStart : ValuePlace.LinkTarget;
        if (IsInAttribute(before, out var written)) return IsNothing(written) ? ValuePlace.LinkStart : ValuePlace.Attribute;
        return IsInAddress(before) ? ValuePlace.BareAddress : ValuePlace.Words;
    }

    /// <param name="written">The part of the address before the value.</param>
    private static bool IsInAttribute(ReadOnlySpan<char> before, out ReadOnlySpan<char> written)
    {
        written = [];
        var tag = before[(before.LastIndexOf('<') + 1)..];
        if (tag.Length == before.Length || tag.Length < 2 || tag[0] is not ('a' or 'A') || !char.IsWhiteSpace(tag[1])) return false;
        if (tag.LastIndexOf(Href, StringComparison.OrdinalIgnoreCase) is not (>= 0 and var href)) return false;
        var value = tag[(href + Href.Length)..].TrimStart();
        if (value is not ['=', .. var given]) return false;
        given = given.TrimStart();
        written = given.TrimStart("\"'");
        return given is ['"', .. var quoted] ? quoted.IndexOfAny("\"<>") < 0
            : given is ['\'', .. var single] ? single.IndexOfAny("'<>") < 0
            : given.IndexOfAny(endsUnquoted) < 0;
    }

    /// <summary>Whether the address begins with the value, not with the author's text.</summary>
    private static bool IsNothing(ReadOnlySpan<char> written) => written.Trim(" \t<").IsEmpty;

    private static bool IsInAddress(ReadOnlySpan<char> before)
    {
        if (before.Length == 0 || punctuation.Contains(before[^1])) return false;
        var start = before.Length;
        while (start > 0 && (before[start - 1] == Parameter || (char.IsAscii(before[start - 1]) && !ends.Contains(before[start - 1])))) start--;
        var run = before[start..];
        return run.Contains("http://", StringComparison.OrdinalIgnoreCase) || run.Contains("https://", StringComparison.OrdinalIgnoreCase);
    }
}
