using Notify.Rules.Deciding;

namespace Notify.Rules.WhatIf;

/// <summary>A change that was decided anew counts once, as it was decided last.</summary>
/// <param name="First">The first decision about the change, in whose place it is compared, and which alone planned steps; null: it was made before
/// the period.</param>
public sealed record LastDecision(RecordedDecision? First, RecordedDecision Last)
{
    public long Sequence => (First ?? Last).Sequence;

    /// <summary>One for each change that is decided in this part of a period. Pure: equal input gives equal results.</summary>
    /// <param name="decisions">Of this part, in order.</param>
    /// <param name="anew">All repeated decisions about their changes, in order.</param>
    /// <param name="changedAt">When a change was recorded, by the id of its event; a change that is no longer stored is not compared.</param>
    /// <param name="whole">The period; parts end at its end, or before.</param>
    public static List<LastDecision> Of(
        IReadOnlyList<RecordedDecision> decisions, IEnumerable<RecordedDecision> anew, IReadOnlyDictionary<Guid, DateTimeOffset> changedAt,
        (long UpTo, DateTimeOffset From, DateTimeOffset To) whole)
    {
        var last = anew.Where(x => x.Sequence <= whole.UpTo && x.At >= whole.From && x.At < whole.To)
            .GroupBy(x => x.CausationId).ToDictionary(x => x.Key, x => x.Last());
        var firsts = decisions.Where(x => !x.IsAnew).Select(x => x.CausationId).ToHashSet();
        var found = new List<LastDecision>(decisions.Count);
        foreach (var x in decisions)
        {
            if (!x.IsAnew) found.Add(new(x, last.GetValueOrDefault(x.CausationId, x)));
            else if (last.GetValueOrDefault(x.CausationId)?.EventId == x.EventId && !firsts.Contains(x.CausationId)
                && changedAt.TryGetValue(x.CausationId, out var at) && at < whole.From) found.Add(new(null, x));
        }

        return found;
    }
}
