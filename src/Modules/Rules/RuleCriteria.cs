using Notify.Contracts.Alarms;
using Notify.Kernel;

namespace Notify.Rules;

/// <summary>Which alarms a rule applies to. All conditions must hold; a filter that is null or empty matches every alarm.</summary>
public sealed record RuleCriteria
{
    public const int MaxPaths = 200;
    public const int MaxLabels = 50;

    /// <summary>At least one is required.</summary>
    public IReadOnlyList<AlarmState> States { get; init => field = value ?? []; } = [];

    /// <summary>True: shelved alarms match too.</summary>
    public bool Shelved { get; init; }

    public IReadOnlyList<AlarmLevel>? Levels { get; init; }

    /// <summary>Path patterns (<see cref="PathPattern"/>), of which one must match.</summary>
    public IReadOnlyList<string>? Paths { get; init; }

    /// <summary>Labels that the alarm must have, with exactly these values.</summary>
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    /// <summary>Conditions that <see cref="Labels"/> cannot express. All must hold; several may concern the same label.</summary>
    public IReadOnlyList<LabelMatcher>? LabelMatchers { get; init; }

    /// <summary>False: the rule applies only to alarms that name it (ignoring case); the other criteria must hold for them too.</summary>
    public bool MatchAll { get; init; } = true;

    /// <summary>Cleans the names of labels as the intake does, which otherwise would never match; they stay as they are if two become the
    /// same.</summary>
    internal RuleCriteria Complete() => this with
    {
        Labels = Labels is null || LabelListedTwice is not null ? Labels
            : Labels.ToDictionary(x => Names.Readable(x.Key, out _), x => x.Value, StringComparer.Ordinal),
        LabelMatchers = LabelMatchers is null ? null
            : [.. LabelMatchers.Select(x => x is null ? null! : x with { Label = Names.Readable(x.Label, out _) })],
    };

    private string? LabelListedTwice =>
        Labels?.Keys.GroupBy(x => Names.Readable(x, out _), StringComparer.Ordinal).FirstOrDefault(x => x.Count() > 1)?.Key;

    internal void Validate(Errors errors)
    {
        if (States.Count == 0) errors.Add("criteria.states", "A rule needs at least one state.");
        ValidateNames("criteria.states", States, errors);
        ValidateNames("criteria.levels", Levels ?? [], errors);
        ValidatePaths(errors);
        if (Labels?.Count > MaxLabels) errors.Add("criteria.labels", $"A rule asks for at most {MaxLabels} labels.");
        foreach (var (name, value) in Labels ?? new Dictionary<string, string>())
        {
            if (Names.Readable(name, out _).Length == 0) errors.Add("criteria.labels", "A label needs a name.");
            if (value is null) errors.Add($"criteria.labels.{name}", "A label needs a value, which may be empty.");
        }

        if (LabelListedTwice is { } twice) errors.Add("criteria.labels", $"'{twice}' is listed twice.");
        if (LabelMatchers?.Count > MaxLabels) errors.Add("criteria.labelMatchers", $"A rule has at most {MaxLabels} label matchers.");
        for (var i = 0; i < LabelMatchers?.Count; i++)
            if (LabelMatchers[i] is { } matcher) matcher.Validate($"criteria.labelMatchers[{i}]", errors);
            else errors.Add($"criteria.labelMatchers[{i}]", "A label matcher must not be null.");
    }

    private void ValidatePaths(Errors errors)
    {
        if (Paths?.Count > MaxPaths) errors.Add("criteria.paths", $"A rule has at most {MaxPaths} path patterns.");
        var seen = new HashSet<string>(Names.Comparer);
        for (var i = 0; i < Paths?.Count; i++)
        {
            if (PathPattern.FaultOf(Paths[i]) is { } fault) errors.Add($"criteria.paths[{i}]", fault);
            else if (!seen.Add(Paths[i].Trim('/'))) errors.Add($"criteria.paths[{i}]", $"'{Paths[i]}' is listed twice.");
        }
    }

    private static void ValidateNames<T>(string path, IReadOnlyList<T> values, Errors errors) where T : struct, Enum
    {
        for (var i = 0; i < values.Count; i++)
        {
            if (!Enum.IsDefined(values[i])) errors.Add($"{path}[{i}]", $"'{values[i]}' is not one of {string.Join(", ", Enum.GetNames<T>())}.");
            else if (values.Take(i).Contains(values[i])) errors.Add($"{path}[{i}]", $"{values[i]} is listed twice.");
        }
    }
}
