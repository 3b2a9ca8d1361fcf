namespace Notify.Kernel;

/// <summary>
/// Matches an alarm's path: segments between slashes, <c>*</c> for exactly one segment, <c>**</c> for any number, including none
/// (<c>Site1/**</c> matches <c>Site1</c> itself). Segments are compared like names (<see cref="Names"/>), ignoring case, as in the control systems
/// that paths come from. Leading and trailing slashes in a pattern or a path are ignored.
/// </summary>
public sealed class PathPattern
{
    public const int MaxLength = 500;
    private const string one = "*";
    private const string any = "**";
    private readonly string[] segments; // as compared, except wildcards

    private PathPattern(string text, string[] segments) => (Text, this.segments) = (text, segments);

    public string Text { get; }

    /// <summary>A name as a single segment of a path. Full-width characters replace slashes, which separate segments, and asterisks, which patterns
    /// cannot match literally.</summary>
    public static string SegmentOf(string name) => name.Replace('/', '／').Replace('*', '＊');

    /// <summary>The segments before the first wildcard.</summary>
    public ReadOnlySpan<string> LiteralStart => segments.AsSpan(0, Array.FindIndex(segments, IsWildcard) is var i && i < 0 ? segments.Length : i);

    /// <summary>Of the segments before any <c>**</c>, which have a fixed position, the last that is not a wildcard; null if there is
    /// none.</summary>
    public (int Place, string Segment)? LiteralInside
    {
        get
        {
            for (var i = (Array.IndexOf(segments, any) is var end && end < 0 ? segments.Length : end) - 1; i >= 0; i--)
                if (segments[i] != one) return (i, segments[i]);
            return null;
        }
    }

    /// <summary>The last segment; null if it is a wildcard.</summary>
    public string? LiteralEnd => IsWildcard(segments[^1]) ? null : segments[^1];

    /// <summary>Checks a pattern; null: it is well-formed.</summary>
    public static string? FaultOf(string? pattern)
    {
        if (string.IsNullOrWhiteSpace(pattern)) return "A path pattern must not be empty.";
        if (pattern.Length > MaxLength) return $"A path pattern has at most {MaxLength} characters.";
        foreach (var segment in Split(pattern, StringSplitOptions.None))
        {
            if (segment.Length == 0) return $"'{pattern}' has an empty segment.";
            if (segment.Contains('*') && !IsWildcard(segment))
                return $"'{segment}' in '{pattern}' mixes * with text; * matches one whole segment, ** any number of segments.";
        }
        return null;
    }

    /// <exception cref="FormatException">The pattern is not well-formed.</exception>
    public static PathPattern Parse(string pattern) =>
        FaultOf(pattern) is { } fault
            ? throw new FormatException(fault) : new(
            pattern, [.. Split(pattern, StringSplitOptions.None).Select(x => IsWildcard(x) ? x : Compared(x))]);

    /// <summary>The pattern as a PostgreSQL regular expression, for <c>~*</c> on the whole path.</summary>
    public string Expression => PathExpression.Of(segments);

    public bool Matches(string path) => Matches(SegmentsOf(path));

    /// <summary>An alarm's path in the form in which patterns compare it; empty segments are ignored.</summary>
    public static string[] SegmentsOf(string path)
    {
        var segments = Split(path, StringSplitOptions.RemoveEmptyEntries);
        for (var i = 0; i < segments.Length; i++) segments[i] = Compared(segments[i]);
        return segments;
    }

    /// <summary>Whether this pattern matches every path that the other one matches. (Patterns that cover it only together are not found.)</summary>
    public bool Covers(PathPattern other) => Walk(other.segments, isPattern: true);

    /// <summary>Whether there is a path that both patterns match.</summary>
    public bool Overlaps(PathPattern other)
    {
        // For each end of the other pattern: whether it and the end of this one have a path in common. Filled from the back.
        var (next, ends) = (new bool[other.segments.Length + 1], new bool[other.segments.Length + 1]);
        for (var i = segments.Length; i >= 0; i--)
        {
            (next, ends) = (ends, next);
            var own = i < segments.Length ? segments[i] : null;
            for (var j = other.segments.Length; j >= 0; j--)
            {
                var its = j < other.segments.Length ? other.segments[j] : null;
                ends[j] = (own, its) switch
                {
                    (null, null) => true,
                    (any, _) => next[j] || (its is not null && ends[j + 1]),
                    (_, any) => ends[j + 1] || (own is not null && next[j]),
                    (null, _) or (_, null) => false,
                    _ => (own is one || its is one || own == its) && next[j + 1],
                };
            }
        }

        return ends[0];
    }

    /// <summary>At a mismatch only the latest <c>**</c> takes one more segment, so the time is at most pattern length × path length.</summary>
    public bool Matches(ReadOnlySpan<string> path) => Walk(path, isPattern: false);

    private bool Walk(ReadOnlySpan<string> path, bool isPattern)
    {
        var (at, i, afterAny, resumeAt) = (0, 0, -1, 0);
        while (at < path.Length)
        {
            if (i < segments.Length && segments[i] == any) (afterAny, resumeAt) = (++i, at);
            else if (i < segments.Length && ((segments[i] == one && !(isPattern && path[at] == any)) || segments[i] == path[at]))
                (i, at) = (i + 1, at + 1);
            else if (afterAny >= 0) (i, at) = (afterAny, ++resumeAt);
            else return false;
        }
        while (i < segments.Length && segments[i] == any) i++;
        return i == segments.Length;
    }

    public override string ToString() => Text;

    private static string[] Split(string path, StringSplitOptions options) => path.Trim('/').Split('/', options);

    /// <summary>A full-width asterisk is not a wildcard.</summary>
    private static string Compared(string segment) => Names.KeyOf(segment) is var key && IsWildcard(key) ? segment : key;

    private static bool IsWildcard(string segment) => segment is one or any;
}
