namespace Notify.Rules.Checking;

/// <summary>Finds labels whose conditions in a rule contradict each other; other criteria cannot.</summary>
internal static class Contradiction
{
    /// <param name="criteria">Their patterns can be compiled.</param>
    /// <returns>The first such label; null when there is none.</returns>
    public static string? In(RuleCriteria criteria)
    {
        criteria = criteria.Complete();
        var labels = criteria.Labels ?? new Dictionary<string, string>();
        var matchers = (criteria.LabelMatchers ?? []).Where(x => x is not null).Select(x => new CompiledLabelMatcher(x)).ToList();
        return labels.Keys.Concat(matchers.Select(x => x.Label)).Distinct(StringComparer.Ordinal)
            .FirstOrDefault(name => !IsPossible(name, labels, [.. matchers.Where(x => x.Label == name)]));
    }

    /// <summary>If the criteria list the allowed values, each is tried. Without a list, only the combination of "absent" with a required value is
    /// known to be a contradiction.</summary>
    private static bool IsPossible(string name, IReadOnlyDictionary<string, string> labels, List<CompiledLabelMatcher> matchers)
    {
        if (!labels.ContainsKey(name) && matchers.TrueForAll(x => x.Matches(None))) return true;
        var values = labels.TryGetValue(name, out var given) ? [given] : matchers.Select(x => x.OneOf).FirstOrDefault(x => x is not null);
        if (values is not null)
            return values.Any(x => matchers.TrueForAll(m => m.Matches(new Dictionary<string, string>(StringComparer.Ordinal) { [name] = x })));
        return !matchers.Exists(x => x.IsAbsence);
    }

    private static readonly Dictionary<string, string> None = [];
}
