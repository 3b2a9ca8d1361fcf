namespace Notify.Rules.Schedules;

/// <summary>How drawing in a week changes the periods of one day. Bounds are seconds since midnight, both inclusive.</summary>
public static class DrawnPeriods
{
    /// <summary>Adds the drawn period; periods that touch or overlap are merged.</summary>
    public static IReadOnlyList<Seconds> Add(IReadOnlyList<Seconds> periods, Seconds drawn)
    {
        var merged = drawn;
        var apart = new List<Seconds>();
        foreach (var period in periods)
            if (period.From <= merged.To + 1 && period.To >= merged.From - 1)
                merged = new(Math.Min(merged.From, period.From), Math.Max(merged.To, period.To));
            else apart.Add(period);
        // A period that did not touch the drawn one may touch the merged one.
        return apart.Count < periods.Count ? Add(apart, merged) : [.. apart.Append(merged).OrderBy(x => x.From)];
    }

    /// <summary>Removes the drawn period from all others.</summary>
    public static IReadOnlyList<Seconds> Remove(IReadOnlyList<Seconds> periods, Seconds drawn) =>
    [
        .. periods.SelectMany(x => new[] { x with { To = Math.Min(x.To, drawn.From - 1) }, x with { From = Math.Max(x.From, drawn.To + 1) } })
            .Where(x => x.From <= x.To).Distinct().OrderBy(x => x.From),
    ];

    public static bool Covers(IReadOnlyList<Seconds> periods, int second) => periods.Any(x => x.From <= second && second <= x.To);
}
