using Notify.Contracts.Alarms;

namespace Notify.Rules.Deciding;

/// <summary>The rules of one snapshot, with an index. When a few rules among thousands change, the index is not rebuilt: removed rules are skipped
/// and new ones are indexed separately, until there are too many of both.</summary>
internal sealed class RuleLookup
{
    /// <summary>Up to this number of changes the index is never rebuilt.</summary>
    private const int FewChanges = 100;

    /// <summary>The order does not depend on the culture of the process.</summary>
    private static readonly Comparer<CompiledRule> order = Comparer<CompiledRule>.Create((a, b) =>
        string.Compare(a.Rule.Name, b.Rule.Name, StringComparison.OrdinalIgnoreCase) is not 0 and var byName
            ? byName : string.CompareOrdinal(a.Rule.Id, b.Rule.Id));

    private readonly Layer ground;
    private readonly HashSet<CompiledRule> gone;
    private readonly Layer? came;

    /// <param name="Rules">Sorted.</param>
    private sealed record Layer(CompiledRule[] Rules)
    {
        public RuleIndex Index { get; } = new([.. Rules.Select(x => x.Matcher)]);
    }

    private RuleLookup(CompiledRule[] all, Layer ground, HashSet<CompiledRule> gone, Layer? came) =>
        (All, this.ground, this.gone, this.came) = (all, ground, gone, came);

    /// <summary>All rules, by name and id.</summary>
    public CompiledRule[] All { get; }

    /// <param name="before">The previous lookup, with which this one may share rules; null: there is none.</param>
    public static RuleLookup Of(IEnumerable<CompiledRule> rules, RuleLookup? before)
    {
        CompiledRule[] all = [.. rules];
        Array.Sort(all, order);
        if (before is not null)
        {
            CompiledRule[] came = [.. all.Except(before.ground.Rules)];
            HashSet<CompiledRule> gone = [.. before.ground.Rules.Except(all)];
            if (came.Length + gone.Count <= Math.Max(FewChanges, all.Length / 20))
                return new(all, before.ground, gone, came.Length == 0 ? null : new(came));
        }

        return new(all, new(all), [], null);
    }

    /// <summary>The rules that may match, in order and without duplicates.</summary>
    public List<CompiledRule> Candidates(AlarmFacts alarm, string[] path)
    {
        var found = new List<CompiledRule>();
        foreach (var i in ground.Index.Candidates(alarm, path))
            if (gone.Count == 0 || !gone.Contains(ground.Rules[i])) found.Add(ground.Rules[i]);
        if (came is null) return found;
        foreach (var i in came.Index.Candidates(alarm, path)) found.Add(came.Rules[i]);
        found.Sort(order);
        return found;
    }
}
