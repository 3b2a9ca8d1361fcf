using Notify.Contracts.Alarms;
using Notify.Kernel;
using Notify.Rules.Deciding;

namespace Notify.Rules.Checking;

/// <summary>Whether somebody is notified of every new alarm of one level below one path, at any time of a period.</summary>
/// <param name="Path">A pattern: it is about each alarm whose path it matches.</param>
/// <param name="Rules">Those by which it is proven: they are met by every such alarm and notify somebody at once.</param>
/// <param name="MayHelp">How many rules are met by some of these alarms only (labels, narrower paths, alarms that name the rule): they prove
/// nothing.</param>
/// <param name="UncoveredSeconds">The length of all gaps.</param>
/// <param name="Gaps">The first of them, in order of time.</param>
public sealed record PathCoverage(
    string Path, AlarmLevel Level, bool Covered, IReadOnlyList<CheckedResource> Rules, int MayHelp, long UncoveredSeconds, int GapCount,
    IReadOnlyList<CoverageGap> Gaps);

/// <param name="To">The first instant after it.</param>
public sealed record CoverageGap(DateTimeOffset From, DateTimeOffset To);

/// <summary>
/// Proves that the calendar has no hole, or names the holes. A rule counts where every new alarm of the level below the path meets it and one of its
/// actions notifies somebody at once. The open times of their schedules together, to the second, are compared with the whole period, holidays and
/// clock changes included. Pure.
/// </summary>
public sealed class Coverage(RuleSnapshot snapshot, DateTimeOffset from, DateTimeOffset to)
{
    public const int MostPaths = 200;
    public const int MostGaps = 100;

    private readonly List<CompiledRule> rules = [.. snapshot.CompiledRules.Where(x => x.Rule.Enabled && x.Matcher.Fault is null)];

    /// <summary>Those that may notify somebody of a new alarm at once, each with the schedules in whose open times it does. Whom an action reaches
    /// depends on neither path nor level, so it is looked up once.</summary>
    private readonly List<(CompiledRule Rule, List<string> Schedules)> telling =
    [
        .. from rule in snapshot.CompiledRules
           where rule.Rule.Enabled && rule.Matcher.Fault is null && rule.Rule.Settings.Criteria.States.Contains(AlarmState.ActiveUnacked)
           let schedules = rule.Actions.Where(Tells).Select(x => x.Schedule.Id).ToList()
           where schedules.Count > 0
           select (rule, schedules),
    ];

    private readonly Dictionary<string, List<(DateTimeOffset From, DateTimeOffset To)>> open = new(StringComparer.Ordinal);

    /// <summary>Everything, and each path that an enabled rule names; at most <see cref="MostPaths"/>.</summary>
    public IReadOnlyList<string> PathsOfRules() =>
    [
        Everything, .. rules.SelectMany(x => x.Matcher.Paths).Select(x => x.Text.Trim('/')).Distinct(Names.Comparer).Where(x => x != Everything)
            .Order(StringComparer.Ordinal),
    ];

    private const string Everything = "**";

    /// <param name="path">A pattern, well formed.</param>
    /// <returns>One for each level.</returns>
    public IEnumerable<PathCoverage> Of(string path, IReadOnlyList<AlarmLevel> levels)
    {
        var pattern = PathPattern.Parse(path);
        // Which rules are about the path does not depend on the level, and comparing patterns is what costs.
        var rules = telling.ToLookup(x => ShareOf(pattern, x.Rule.Matcher.Paths));
        return levels.Select(level => Of(
            path, level, [.. rules[Share.All].Where(x => Takes(x.Rule, level))], rules[Share.Some].Count(x => Takes(x.Rule, level))));
    }

    private enum Share
    {
        None,
        Some,
        All,
    }

    /// <summary>Which of the alarms below the path a rule's paths include.</summary>
    private static Share ShareOf(PathPattern pattern, PathPattern[] paths) =>
        paths.Length == 0 || paths.Any(x => x.Covers(pattern)) ? Share.All : paths.Any(pattern.Covers) ? Share.Some : Share.None;

    /// <param name="all">The rules of the level that are about all of the path.</param>
    /// <param name="some">How many are about a part of it.</param>
    private PathCoverage Of(string path, AlarmLevel level, List<(CompiledRule Rule, List<string> Schedules)> all, int some)
    {
        var certain = all.FindAll(x => TakesEvery(x.Rule.Rule.Settings.Criteria));
        var gaps = GapsBetween(certain.SelectMany(x => x.Schedules).Distinct(StringComparer.Ordinal));
        return new(
            path, level, gaps.Count == 0, [.. certain.Select(x => new CheckedResource("rule", x.Rule.Rule.Id, x.Rule.Rule.Name))],
            some + all.Count - certain.Count, (long)gaps.Sum(x => (x.To - x.From).TotalSeconds), gaps.Count, [.. gaps.Take(MostGaps)]);
    }

    private static bool Takes(CompiledRule rule, AlarmLevel level) =>
        rule.Rule.Settings.Criteria.Levels is not { Count: > 0 } levels || levels.Contains(level);

    private static bool TakesEvery(RuleCriteria criteria) =>
        criteria.MatchAll && criteria.Labels is not { Count: > 0 } && criteria.LabelMatchers is not { Count: > 0 };

    /// <summary>At once: what comes later, or together with others when the schedule opens, is too late for who is on duty now.</summary>
    private static bool Tells(CompiledAction action) => action.After is null && ConfigurationCheck.ReachesAnybody(action);

    private List<CoverageGap> GapsBetween(IEnumerable<string> schedules)
    {
        var (gaps, at) = (new List<CoverageGap>(), from);
        foreach (var period in schedules.SelectMany(OpenOf).OrderBy(x => x.From))
        {
            if (period.From > at) gaps.Add(new(at, period.From));
            if (period.To > at) at = period.To;
        }

        if (at < to) gaps.Add(new(at, to));
        return gaps;
    }

    private List<(DateTimeOffset From, DateTimeOffset To)> OpenOf(string schedule)
    {
        if (!open.TryGetValue(schedule, out var periods))
            open[schedule] = periods = [.. snapshot.Schedules.Where(x => x.Schedule.Id == schedule)
                .SelectMany(x => x.Calendar.Periods(from, to, snapshot.Holidays)).Where(x => x.PausedBy is null).Select(x => (x.From, x.To))];
        return periods;
    }
}
