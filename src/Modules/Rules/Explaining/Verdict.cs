using Notify.Contracts.Alarms;
using Notify.Rules.Deciding;

namespace Notify.Rules.Explaining;

/// <summary>
/// Whether somebody was to be notified of an alarm, and what decided it. If not: had the conditions in <see cref="DecidedBy"/> held, and nothing else
/// changed, they would have been; of all ways that name them, it is the one that lacked the least. If so: without the ways in <see cref="ToldBy"/>
/// they would not have been.
/// </summary>
/// <param name="ToldBy">The ways that told; empty when none did.</param>
/// <param name="DecidedBy">The conditions that did not hold; empty when somebody was told.</param>
public sealed record Verdict(bool Told, IReadOnlyList<Way> ToldBy, IReadOnlyList<WayCondition> DecidedBy, Way? Nearest, IReadOnlyList<Way> Ways)
{
    public static Verdict Of(RuleSnapshot configuration, AlarmFacts alarm, DateTimeOffset at, AskedReceiver asked)
    {
        var ways = configuration.Ways(alarm, at, asked);
        var open = ways.Where(x => x.Tells).ToList();
        if (open.Count > 0) return new(true, open, [], null, ways);
        // The sort is stable: where two ways lack as much, the rules' own order decides.
        var nearest = ways.OrderBy(x => x.NamesReceiver ? 0 : 1).ThenBy(x => x.Failed.Count()).FirstOrDefault();
        return new(false, [], nearest is null ? [new(WayCondition.AnyRule, false, "a rule", "none", null)] : [.. nearest.Failed], nearest, ways);
    }
}
