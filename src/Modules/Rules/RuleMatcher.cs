using System.Globalization;
using Notify.Contracts.Alarms;
using Notify.Kernel;
using Notify.Kernel.Texts;

namespace Notify.Rules;

/// <summary>A rule's criteria, compiled. Immutable.</summary>
public sealed class RuleMatcher
{
    private static readonly BilingualText notShelved = new("not shelved", "未搁置");

    private readonly RuleCriteria criteria;
    private readonly string ruleName;
    private readonly KeyValuePair<string, string>[] labels;

    /// <param name="ruleName">The name that an alarm must give when <c>matchAll</c> is false.</param>
    /// <param name="criteria">Valid.</param>
    public RuleMatcher(string ruleName, RuleCriteria criteria)
    {
        (this.ruleName, this.criteria) = (ruleName, criteria);
        var patterns = Made.Of<PathPattern[]>(() => [.. (criteria.Paths ?? []).Select(PathPattern.Parse)]);
        var matchers = Made.Of<CompiledLabelMatcher[]>(() => [.. (criteria.LabelMatchers ?? []).Select(x => new CompiledLabelMatcher(x))]);
        Fault = patterns.Fault ?? matchers.Fault;
        (Paths, LabelMatchers) = Fault is null ? (patterns.Value, matchers.Value) : ([], []);
        // Rules saved by older versions may have names of labels as they were written.
        labels = [.. (criteria.Labels ?? new Dictionary<string, string>())
            .Select(x => KeyValuePair.Create(Names.Readable(x.Key, out _), x.Value)).OrderBy(x => x.Key, StringComparer.Ordinal)];
    }

    internal PathPattern[] Paths { get; }

    internal CompiledLabelMatcher[] LabelMatchers { get; }

    /// <summary>Why the rule's path patterns or label matchers cannot be read; the rule could then apply to any alarm. Null when they can.</summary>
    internal Exception? Fault { get; }

    internal IReadOnlyList<KeyValuePair<string, string>> Labels => labels;
    internal RuleCriteria Criteria => criteria;
    internal string Name => ruleName;

    public bool Matches(AlarmFacts alarm) => AcceptsShelving(alarm) && MatchesButForShelving(alarm, PathPattern.SegmentsOf(alarm.Path));

    internal bool AcceptsShelving(AlarmFacts alarm) => criteria.Shelved || !alarm.Shelved;

    /// <param name="path">The segments of the alarm's path.</param>
    internal bool MatchesButForShelving(AlarmFacts alarm, string[] path) =>
        MatchesState(alarm) && MatchesLevel(alarm) && MatchesName(alarm) && MatchesPath(path) && MatchesLabels(alarm);

    /// <summary>For an alarm that matched before: whether it still does, apart from its state and shelving.</summary>
    internal bool MatchesButForState(AlarmFacts alarm) =>
        MatchesLevel(alarm) && MatchesName(alarm) && MatchesPath(PathPattern.SegmentsOf(alarm.Path)) && MatchesLabels(alarm);

    /// <summary>Every condition of the rule, in a fixed order, including those after the first that fails.</summary>
    public IReadOnlyList<Condition> Explain(AlarmFacts alarm)
    {
        var conditions = new List<Condition>
        {
            Condition.OfCodes("state", MatchesState(alarm), [.. criteria.States.Select(x => x.ToString())], alarm.State.ToString()),
            Condition.Of("shelved", AcceptsShelving(alarm), criteria.Shelved ? new("shelved or not", "不限") : notShelved, ShelvingOf(alarm)),
        };
        if (criteria.Levels is { Count: > 0 } levels)
            conditions.Add(Condition.OfCodes("level", MatchesLevel(alarm), [.. levels.Select(x => x.ToString())], alarm.Level.ToString()));
        if (Paths.Length > 0)
        {
            var matches = MatchesPath(PathPattern.SegmentsOf(alarm.Path));
            conditions.Add(Condition.Of("path", matches, OneOf(Paths.Select(x => x.Text)), Plain(alarm.Path)));
        }
        foreach (var (name, value) in labels)
            conditions.Add(Condition.Of($"labels.{name}", MatchesLabel(alarm, name, value), new(value, value), Plain(alarm.Labels.GetValueOrDefault(name))));
        foreach (var matcher in LabelMatchers)
            conditions.Add(Condition.Of(
                $"labels.{matcher.Label}", matcher.Matches(alarm.Labels), matcher.Expected, Plain(alarm.Labels.GetValueOrDefault(matcher.Label))));
        if (!criteria.MatchAll) conditions.Add(Condition.Of("rule", MatchesName(alarm), new(ruleName, ruleName), Plain(alarm.Rule)));
        return conditions;
    }

    internal static BilingualText OneOf(IEnumerable<string> values)
    {
        var all = string.Join(", ", values);
        return new($"one of {all}", all);
    }

    /// <summary>Text that a person or sender wrote, and that is the same in every language.</summary>
    private static BilingualText? Plain(string? text) => text is null ? null : new(text, text);

    private static BilingualText ShelvingOf(AlarmFacts alarm)
    {
        if (alarm.Silence is not { } x) return alarm.Shelved ? new("shelved", "已搁置") : notShelved;
        var until = x.Until.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        return new($"shelved by silence {x.Id} of {x.By} until {until}", $"由{x.By}的静默 {x.Id} 搁置至 {until}");
    }

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

/// <summary>The result of one condition of a rule for one alarm.</summary>
/// <param name="Name">The field that it compares: state, shelved, level, path, labels.x or rule, all of the alarm; enabled, of the rule.</param>
/// <param name="Actual">Null when the alarm has no such value.</param>
/// <param name="ExpectedText"><paramref name="Expected"/> in words, where that has codes of states and levels.</param>
/// <param name="ActualText"><paramref name="Actual"/> in words; null when the alarm has no such value.</param>
public sealed record Condition(
    string Name, bool Passed, string Expected, string? Actual, BilingualText ExpectedText, BilingualText? ActualText)
{
    internal static readonly BilingualText IsEnabled = new("enabled", "已启用");
    internal static readonly BilingualText IsDisabled = new("disabled", "已停用");

    internal static Condition Of(string name, bool passed, BilingualText expected, BilingualText? actual) =>
        new(name, passed, expected.En, actual?.En, expected, actual);

    /// <summary>For a field whose values are codes with names in both languages.</summary>
    internal static Condition OfCodes(string name, bool passed, IReadOnlyList<string> expected, string actual)
    {
        var words = expected.Select(CodeWords.OrCode).ToList();
        return new(
            name, passed, $"one of {string.Join(", ", expected)}", actual,
            new(string.Join(" or ", words.Select(x => x.En)), string.Join(" 或 ", words.Select(x => x.Zh))), CodeWords.OrCode(actual));
    }

}
