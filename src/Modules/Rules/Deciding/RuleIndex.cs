using Notify.Contracts.Alarms;
using Notify.Kernel;

namespace Notify.Rules.Deciding;

/// <summary>Finds the rules that may match an alarm without examining the others. Each rule is stored, with the states and levels that it applies to,
/// under keys that every alarm it matches has: the start of its path, one segment inside it, its last segment, one of its labels, or the name of the
/// rule that it requests. Of the possible keys a rule is stored under those that it shares with the fewest others, so that a label required by all
/// rules does no harm.</summary>
internal sealed class RuleIndex
{
    private const string everything = "";
    private const char inside = '@';
    private static readonly AlarmLevel[] allLevels = Enum.GetValues<AlarmLevel>();
    private readonly bool hasInside;
    private readonly Dictionary<string, List<Place>> places = new(StringComparer.Ordinal);

    /// <param name="Buckets">One bit for each state and level that the rule applies to.</param>
    private readonly record struct Place(int Rule, int Buckets);

    /// <param name="matchers">A rule is identified by its index in this list.</param>
    public RuleIndex(IReadOnlyList<RuleMatcher> matchers)
    {
        var choices = matchers.Select(ChoicesOf).ToArray();
        var shared = choices.SelectMany(x => x).SelectMany(x => x).CountBy(x => x, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
        for (var i = 0; i < matchers.Count; i++)
        {
            var keys = choices[i].MinBy(x => x.Sum(key => shared[key])) ?? [everything];
            hasInside |= keys[0].StartsWith(inside);
            var place = new Place(i, BucketsOf(matchers[i].Criteria).Aggregate(0, (bits, bucket) => bits | (1 << bucket)));
            foreach (var key in keys)
            {
                if (!places.TryGetValue(key, out var rules)) places[key] = rules = new(1);
                rules.Add(place);
            }
        }
    }

    /// <summary>The indexes of the rules that may match, ascending and without duplicates.</summary>
    public List<int> Candidates(AlarmFacts alarm, string[] path)
    {
        var bucket = 1 << BucketOf(alarm.State, alarm.Level);
        var candidates = new List<int>();
        Add(everything);
        if (alarm.Rule is not null) Add(NameKey(alarm.Rule));
        for (var length = 1; length <= path.Length; length++) Add(StartKey(path.AsSpan(0, length)));
        for (var i = 0; hasInside && i < path.Length; i++) Add(InsideKey((i, path[i])));
        if (path.Length > 0) Add(EndKey(path[^1]));
        foreach (var (name, value) in alarm.Labels) Add(LabelKey(name, value));

        candidates.Sort();
        var distinct = 0;
        for (var i = 0; i < candidates.Count; i++)
            if (i == 0 || candidates[i] != candidates[i - 1]) candidates[distinct++] = candidates[i];
        candidates.RemoveRange(distinct, candidates.Count - distinct);
        return candidates;

        void Add(string key)
        {
            if (!places.TryGetValue(key, out var rules)) return;
            foreach (var x in rules)
                if ((x.Buckets & bucket) != 0) candidates.Add(x.Rule);
        }
    }

    /// <summary>Sets of keys: an alarm that the rule matches has at least one key of every set.</summary>
    private static List<string[]> ChoicesOf(RuleMatcher rule)
    {
        var choices = new List<string[]>();
        if (!rule.Criteria.MatchAll) choices.Add([NameKey(rule.Name)]);
        if (rule.Paths.Length > 0 && rule.Paths.All(x => x.LiteralStart.Length > 0))
            choices.Add(Distinct(rule.Paths.Select(x => StartKey(x.LiteralStart))));
        if (rule.Paths.Length > 0 && rule.Paths.All(x => x.LiteralInside is not null))
            choices.Add(Distinct(rule.Paths.Select(x => InsideKey(x.LiteralInside!.Value))));
        if (rule.Paths.Length > 0 && rule.Paths.All(x => x.LiteralEnd is not null))
            choices.Add(Distinct(rule.Paths.Select(x => EndKey(x.LiteralEnd!))));
        choices.AddRange(rule.Labels.Select(x => new[] { LabelKey(x.Key, x.Value) }));
        foreach (var matcher in rule.LabelMatchers)
            if (matcher.OneOf is { } values) choices.Add([.. values.Select(x => LabelKey(matcher.Label, x))]);
        return choices;
    }

    private static string[] Distinct(IEnumerable<string> keys) => [.. keys.Distinct(StringComparer.Ordinal)];

    private static IEnumerable<int> BucketsOf(RuleCriteria criteria) =>
        from state in criteria.States.Distinct()
        from level in criteria.Levels is { Count: > 0 } levels ? levels.Distinct() : allLevels
        select BucketOf(state, level);

    private static int BucketOf(AlarmState state, AlarmLevel level) => ((int)state * allLevels.Length) + (int)level;

    // The first character keeps the kinds of keys apart. Segments are already normalized for comparison.
    private static string StartKey(ReadOnlySpan<string> segments) => "/" + string.Join('/', segments!);
    private static string InsideKey((int Place, string Segment) x) => $"{inside}{x.Place}/{x.Segment}";
    private static string EndKey(string segment) => "$" + segment;
    private static string LabelKey(string name, string value) => $"={name}\0{value}";
    private static string NameKey(string name) => "!" + Names.KeyOf(name);
}
