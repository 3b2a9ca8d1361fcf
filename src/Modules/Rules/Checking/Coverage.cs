using Notify.Contracts.Alarms;
using Notify.Kernel;
using Notify.Rules.Deciding;

namespace Notify.Rules.Checking;

/// <summary>Whether somebody is notified of every new alarm of one level and path, throughout a period.</summary>
/// <param name="Path">A pattern; the result concerns every alarm whose path it matches.</param>
/// <param name="Rules">The rules that prove the coverage: every such alarm matches them, and they notify somebody at once.</param>
/// <param name="MayHelp">How many further rules match only some of these alarms (labels, other paths, alarms that name the rule); they do not
/// count as coverage.</param>
/// <param name="UncoveredSeconds">The total length of all gaps.</param>
/// <param name="Gaps">The earliest 100 gaps at most, in order of time.</param>
public sealed record PathCoverage(
    string Path, AlarmLevel Level, bool Covered, IReadOnlyList<CheckedResource> Rules, int MayHelp, long UncoveredSeconds, int GapCount,
    IReadOnlyList<CoverageGap> Gaps);

/// <param name="To">Exclusive.</param>
public sealed record CoverageGap(DateTimeOffset From, DateTimeOffset To);

/// <summary>Proves that somebody is notified at any time of a period, or finds the gaps. A rule counts if every new alarm of the level and path
/// matches it and one of its actions notifies somebody at once. The combined open times of the schedules are compared with the whole period to the
/// second, including holidays and clock changes. Pure.</summary>
public sealed class Coverage(RuleSnapshot snapshot, DateTimeOffset from, DateTimeOffset to)
{
    public const int MostPaths = 200;
    public const int MostGaps = 100;

    private readonly List<CompiledRule> rules = [.. snapshot.CompiledRules.Where(x => x.Rule.Enabled && x.Matcher.Fault is null)];

    /// <summary>Rules that can notify somebody of a new alarm at once, with the schedules during which they do. Whom an action reaches depends on
    /// neither path nor level, so it is determined once.</summary>
    private readonly List<(CompiledRule Rule, List<string> Schedules)> telling =
    [
        .. from rule in snapshot.CompiledRules
           where rule.Rule.Enabled && rule.Matcher.Fault is null && rule.Rule.Settings.Criteria.States.Contains(AlarmState.ActiveUnacked)
           let schedules = rule.Actions.Where(Tells).Select(x => x.Schedule.Id).ToList()
           where schedules.Count > 0
           select (rule, schedules),
    ];

    private readonly Dictionary<string, List<(DateTimeOffset From, DateTimeOffset To)>> open = new(StringComparer.Ordinal);

    /// <summary>All paths (<c>**</c>), and each path that an enabled rule names.</summary>
    public IReadOnlyList<string> PathsOfRules() =>
    [
        Everything, .. rules.SelectMany(x => x.Matcher.Paths).Select(x => x.Text.Trim('/')).Distinct(Names.Comparer).Where(x => x != Everything)
            .Order(StringComparer.Ordinal),
    ];

    private const string Everything = "**";

    /// <param name="path">A valid pattern.</param>
    /// <returns>One result for each level.</returns>
    public IEnumerable<PathCoverage> Of(string path, IReadOnlyList<AlarmLevel> levels)
    {
        var pattern = PathPattern.Parse(path);
        // Comparing patterns is expensive, and its result does not depend on the level.
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

    /// <summary>Which part of the alarms that the pattern matches is matched by a rule's paths.</summary>
    private static Share ShareOf(PathPattern pattern, PathPattern[] paths) =>
        paths.Length == 0 || paths.Any(x => x.Covers(pattern)) ? Share.All : paths.Any(pattern.Overlaps) ? Share.Some : Share.None;

    /// <param name="all">The rules for the level whose paths match every alarm that <paramref name="path"/> matches.</param>
    /// <param name="some">How many rules match only a part of them.</param>
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

    /// <summary>Escalations do not count: they notify too late for whoever is on duty now.</summary>
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
