using System.Globalization;
using Notify.Contracts.Alarms;
using Notify.Kernel;

namespace Notify.Rules;

/// <summary>A rule's criteria, compiled. Immutable.</summary>
public sealed class RuleMatcher
{
    internal const string ShelvedBySilence = "shelved by silence ";

    private readonly RuleCriteria criteria;
    private readonly string ruleName;
    private readonly KeyValuePair<string, string>[] labels;

    /// <param name="ruleName">What an alarm must name when <c>matchAll</c> is false.</param>
    /// <param name="criteria">Valid.</param>
    public RuleMatcher(string ruleName, RuleCriteria criteria)
    {
        (this.ruleName, this.criteria) = (ruleName, criteria);
        var patterns = Made.Of<PathPattern[]>(() => [.. (criteria.Paths ?? []).Select(PathPattern.Parse)]);
        var matchers = Made.Of<CompiledLabelMatcher[]>(() => [.. (criteria.LabelMatchers ?? []).Select(x => new CompiledLabelMatcher(x))]);
        Fault = patterns.Fault ?? matchers.Fault;
        (Paths, LabelMatchers) = Fault is null ? (patterns.Value, matchers.Value) : ([], []);
        labels = [.. (criteria.Labels ?? new Dictionary<string, string>()).OrderBy(x => x.Key, StringComparer.Ordinal)];
    }

    internal PathPattern[] Paths { get; }

    internal CompiledLabelMatcher[] LabelMatchers { get; }

    /// <summary>Why its paths or patterns cannot be read, in which case the rule may be meant for any alarm. Null when they can.</summary>
    internal Exception? Fault { get; }

    internal IReadOnlyList<KeyValuePair<string, string>> Labels => labels;
    internal RuleCriteria Criteria => criteria;
    internal string Name => ruleName;

    public bool Matches(AlarmFacts alarm) => AcceptsShelving(alarm) && MatchesButForShelving(alarm, PathPattern.SegmentsOf(alarm.Path));

    internal bool AcceptsShelving(AlarmFacts alarm) => criteria.Shelved || !alarm.Shelved;

    /// <param name="path">The alarm's, split.</param>
    internal bool MatchesButForShelving(AlarmFacts alarm, string[] path) =>
        MatchesState(alarm) && MatchesLevel(alarm) && MatchesName(alarm) && MatchesPath(path) && MatchesLabels(alarm);

    /// <summary>Of an alarm that has matched before.</summary>
    internal bool MatchesButForState(AlarmFacts alarm) =>
        MatchesLevel(alarm) && MatchesName(alarm) && MatchesPath(PathPattern.SegmentsOf(alarm.Path)) && MatchesLabels(alarm);

    /// <summary>Every condition that the rule makes, in a fixed order, whether or not an earlier one failed.</summary>
    public IReadOnlyList<Condition> Explain(AlarmFacts alarm)
    {
        var conditions = new List<Condition>
        {
            new("state", MatchesState(alarm), $"one of {string.Join(", ", criteria.States)}", alarm.State.ToString()),
            new("shelved", AcceptsShelving(alarm), criteria.Shelved ? "shelved or not" : "not shelved", ShelvingOf(alarm)),
        };
        if (criteria.Levels is { Count: > 0 } levels)
            conditions.Add(new("level", MatchesLevel(alarm), $"one of {string.Join(", ", levels)}", alarm.Level.ToString()));
        if (Paths.Length > 0)
        {
            var matches = MatchesPath(PathPattern.SegmentsOf(alarm.Path));
            conditions.Add(new("path", matches, $"one of {string.Join(", ", Paths.Select(x => x.Text))}", alarm.Path));
        }
        foreach (var (name, value) in labels)
            conditions.Add(new($"labels.{name}", MatchesLabel(alarm, name, value), value, alarm.Labels.GetValueOrDefault(name)));
        foreach (var matcher in LabelMatchers)
            conditions.Add(new(
                $"labels.{matcher.Label}", matcher.Matches(alarm.Labels), matcher.Expected, alarm.Labels.GetValueOrDefault(matcher.Label)));
        if (!criteria.MatchAll) conditions.Add(new("rule", MatchesName(alarm), ruleName, alarm.Rule));
        return conditions;
    }

    private static string ShelvingOf(AlarmFacts alarm) =>
        alarm.Silence is { } x
            ? string.Create(
                CultureInfo.InvariantCulture, $"{ShelvedBySilence}{x.Id} of {x.By} until {x.Until.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}")
        : alarm.Shelved ? "shelved" : "not shelved";

    private bool MatchesState(AlarmFacts alarm) => criteria.States.Contains(alarm.State);

    private bool MatchesLevel(AlarmFacts alarm) => criteria.Levels is not { Count: > 0 } levels || levels.Contains(alarm.Level);

    private bool MatchesName(AlarmFacts alarm) => criteria.MatchAll || Names.Same(alarm.Rule, ruleName);

    private bool MatchesPath(string[] path)
    {
        foreach (var pattern in Paths)
            if (pattern.Matches(path))
                return true;
        return Paths.Length == 0;
    }

    private bool MatchesLabels(AlarmFacts alarm)
    {
        foreach (var (name, value) in labels)
            if (!MatchesLabel(alarm, name, value))
                return false;
        foreach (var matcher in LabelMatchers)
            if (!matcher.Matches(alarm.Labels))
                return false;
        return true;
    }

    private static bool MatchesLabel(AlarmFacts alarm, string name, string value) =>
        alarm.Labels.TryGetValue(name, out var actual) && string.Equals(actual, value, StringComparison.Ordinal);
}

/// <summary>One condition of a rule, tried on one alarm.</summary>
/// <param name="Name">The alarm's field: state, shelved, level, path, labels.x, rule; enabled is the rule's own.</param>
/// <param name="Actual">Null when the alarm doesn't have it.</param>
public sealed record Condition(string Name, bool Passed, string Expected, string? Actual);
