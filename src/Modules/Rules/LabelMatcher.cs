using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Notify.Kernel;
using Notify.Kernel.Texts;

namespace Notify.Rules;

/// <summary>How a label of an alarm is compared, written in JSON as <c>notIn</c>.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<LabelOperator>))]
public enum LabelOperator
{
    /// <summary>The alarm has the label, with one of the values.</summary>
    [JsonStringEnumMemberName("in")]
    In,

    /// <summary>The alarm does not have the label, or has it with another value.</summary>
    [JsonStringEnumMemberName("notIn")]
    NotIn,

    /// <summary>The alarm has the label, whatever its value.</summary>
    [JsonStringEnumMemberName("exists")]
    Exists,

    /// <summary>The alarm does not have the label.</summary>
    [JsonStringEnumMemberName("absent")]
    Absent,

    /// <summary>The alarm has the label, and one of the patterns matches its whole value.</summary>
    [JsonStringEnumMemberName("matches")]
    Matches,
}

/// <summary>What must hold of one label of an alarm.</summary>
public sealed partial record LabelMatcher
{
    public const int MaxValues = 100;

    /// <summary>In characters.</summary>
    public const int MaxPatternLength = 500;

    /// <summary>The upper limit of the product of all repetition counts in a pattern: matching costs more the larger it is.</summary>
    private const long maxRepetitions = 1_000;

    public string Label { get; init => field = value ?? ""; } = "";

    /// <summary>Required.</summary>
    public LabelOperator? Op { get; init; }

    /// <summary>For <c>in</c> and <c>notIn</c>: values, compared exactly; one of them may be empty. For <c>matches</c>: regular expressions without
    /// lookarounds and backreferences. The other operators take none.</summary>
    public IReadOnlyList<string> Values { get; init => field = value ?? []; } = [];

    internal void Validate(string path, Errors errors)
    {
        if (Names.Readable(Label, out _).Length == 0) errors.Add($"{path}.label", "A label needs a name.");
        if (Op is null) errors.Add($"{path}.op", "Give in, notIn, exists, absent or matches.");
        var takesValues = Op is LabelOperator.In or LabelOperator.NotIn or LabelOperator.Matches;
        if (takesValues && Values.Count == 0) errors.Add($"{path}.values", "Give at least one value.");
        if (Op is LabelOperator.Exists or LabelOperator.Absent && Values.Count > 0)
            errors.Add($"{path}.values", "Only in, notIn and matches take values.");
        if (Values.Count > MaxValues) errors.Add($"{path}.values", $"A label is compared with at most {MaxValues} values.");
        for (var i = 0; i < Values.Count; i++)
        {
            if (Values[i] is not { } value) errors.Add($"{path}.values[{i}]", "A value must not be null.");
            else if (Values.Take(i).Contains(value)) errors.Add($"{path}.values[{i}]", $"'{value}' is listed twice.");
            else if (Op == LabelOperator.Matches && FaultOf(value) is { } fault) errors.Add($"{path}.values[{i}]", fault);
        }
    }

    private static string? FaultOf(string pattern)
    {
        if (pattern.Length > MaxPatternLength) return $"A pattern has at most {MaxPatternLength} characters.";
        double repetitions = 1;
        foreach (Match count in Repetition().Matches(pattern))
            repetitions *= Math.Max(1, double.Parse(count.Groups["most"].Value, CultureInfo.InvariantCulture));
        if (repetitions > maxRepetitions) return $"'{pattern}' repeats more than {maxRepetitions} times.";
        try
        {
            Compile(pattern);
            return null;
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            return $"'{pattern}' is not a pattern: {e.Message}";
        }
    }

    /// <summary>Matching takes time linear in the length of the text, whatever the pattern (<see cref="RegexOptions.NonBacktracking"/>).</summary>
    internal static Regex Compile(string pattern) => new(
        // The pattern is compiled on its own first: "a)(b" is invalid, but would be valid inside the group.
        $@"\A(?:{new Regex(pattern, RegexOptions.NonBacktracking)})\z", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);

    [GeneratedRegex(@"\{(\d+,)?(?<most>\d+)(,)?\}", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Repetition();
}

/// <summary>A label matcher, compiled. Immutable.</summary>
internal sealed class CompiledLabelMatcher
{
    private readonly LabelOperator op;
    private readonly FrozenSet<string> values;
    private readonly Regex[] patterns;

    /// <param name="matcher">Valid.</param>
    /// <exception cref="ArgumentException">A pattern is invalid, or the matcher has no op.</exception>
    public CompiledLabelMatcher(LabelMatcher matcher)
    {
        (Label, op) = (Names.Readable(matcher.Label, out _), matcher.Op ?? throw new ArgumentException("A label matcher needs an op.", nameof(matcher)));
        var isPattern = op == LabelOperator.Matches;
        values = isPattern ? [] : matcher.Values.ToFrozenSet(StringComparer.Ordinal);
        patterns = isPattern ? [.. matcher.Values.Select(LabelMatcher.Compile)] : [];
        var all = string.Join(", ", matcher.Values);
        Expected = op switch
        {
            LabelOperator.In => RuleMatcher.OneOf(matcher.Values),
            LabelOperator.NotIn => new($"none of {all}", $"其他值，而非 {all}"),
            LabelOperator.Exists => new("any value", "任意值"),
            LabelOperator.Absent => new("absent", "无"),
            _ => new($"like {all}", $"匹配 {all} 的值"),
        };
    }

    public string Label { get; }

    /// <summary>What the matcher requires, in words.</summary>
    public BilingualText Expected { get; }

    /// <summary>The values of which an alarm must have one to match; null when the operator is not <c>in</c>.</summary>
    public IReadOnlyCollection<string>? OneOf => op == LabelOperator.In ? values : null;

    /// <summary>Whether every alarm that has the label fails to match, whatever its value.</summary>
    public bool IsAbsence => op == LabelOperator.Absent;

    public bool Matches(IReadOnlyDictionary<string, string> labels) => labels.TryGetValue(Label, out var actual)
        ? op switch
        {
            LabelOperator.In => values.Contains(actual),
            LabelOperator.NotIn => !values.Contains(actual),
            LabelOperator.Exists => true,
            LabelOperator.Absent => false,
            _ => MatchesPattern(actual),
        }
        : op is LabelOperator.NotIn or LabelOperator.Absent;

    private bool MatchesPattern(string actual)
    {
        foreach (var pattern in patterns)
            if (pattern.IsMatch(actual))
                return true;
        return false;
    }
}
