using System.Text.RegularExpressions;
using Notify.Kernel;

namespace Notify.Alarms.Silences;

/// <summary>A condition on one label in the syntax of amtool: <c>severity=~"crit.*"</c>. A missing label counts as empty.</summary>
/// <param name="Label">Cleaned as the intake cleans the names of labels.</param>
internal sealed partial record Matcher(string Label, bool Equal, string? Value, Regex? Pattern)
{
    public bool Matches(IReadOnlyDictionary<string, string> labels)
    {
        var value = labels.GetValueOrDefault(Label, "");
        return (Pattern?.IsMatch(value) ?? value == Value) == Equal;
    }

    internal const string NoPattern = "A pattern is not a valid regular expression, or is too long.";

    public static Matcher Of(SilenceMatcher x) => new(Names.Readable(x.Name, out _), x.IsEqual, x.Value, x.IsRegex ? Anchored(x.Value) : null);

    public static bool IsPattern(string pattern) => TryAnchored(pattern) is not null;

    /// <exception cref="ProblemException">400: the text is not a matcher.</exception>
    public static Matcher Parse(string text)
    {
        var match = Syntax().Match(text);
        if (!match.Success) throw ProblemException.Invalid("filter", $"'{text}' is not a matcher such as alertname=\"Down\".");
        var (label, sign, value) = (Unquote(match.Groups["label"].Value), match.Groups["sign"].Value, Unquote(match.Groups["value"].Value));
        return new Matcher(Names.Readable(label, out _), sign[0] == '=', value, sign[1..] is "~" ? Anchored(value) : null);
    }

    /// <summary>A regular expression for the whole text. Matching takes linear time, since the caller chooses the pattern.</summary>
    /// <param name="field">What the refusal names.</param>
    /// <exception cref="ProblemException">400: the pattern is invalid or too long.</exception>
    public static Regex Anchored(string pattern, string field = "filter") =>
        TryAnchored(pattern) ?? throw ProblemException.Invalid(field, NoPattern);

    private static Regex? TryAnchored(string pattern)
    {
        const RegexOptions Options = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | RegexOptions.Singleline;
        try
        {
            // The pattern is compiled on its own first: "a)|(b" is invalid, but would be valid inside the group, and match more than whole texts.
            if (pattern.Length <= 1000) return new Regex($@"\A(?:{new Regex(pattern, Options)})\z", Options);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            // The pattern is invalid.
        }

        return null;
    }

    private static string Unquote(string text) =>
        text.Length > 1 && text[0] == '"' && text[^1] == '"' ? Escaped().Replace(text[1..^1], x => x.Value[1] == 'n' ? "\n" : x.Value[1..]) : text;

    [GeneratedRegex("""^\s*\{?\s*(?<label>"(\\.|[^"\\])*"|[^"=!~\s]+)\s*(?<sign>=~|!~|!=|=)\s*(?<value>"(\\.|[^"\\])*"|[^"]*?)\s*,?\s*\}?\s*$""", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Syntax();

    [GeneratedRegex(@"\\.", RegexOptions.CultureInvariant | RegexOptions.Singleline, 1000)]
    private static partial Regex Escaped();
}
