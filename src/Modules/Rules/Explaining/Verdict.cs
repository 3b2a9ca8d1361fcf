using Notify.Contracts.Alarms;
using Notify.Rules.Deciding;

namespace Notify.Rules.Explaining;

/// <summary>Whether somebody was to be notified of an alarm, and what decided it. If not: they would have been if the conditions in <see
/// cref="DecidedBy"/> had held and nothing else had changed; of all ways that name them, the one with the fewest failed conditions is taken. If so:
/// without the ways in <see cref="ToldBy"/> they would not have been.</summary>
/// <param name="ToldBy">The ways that notified; empty when none did.</param>
/// <param name="DecidedBy">The conditions that did not hold; empty when somebody was notified.</param>
public sealed record Verdict(bool Told, IReadOnlyList<Way> ToldBy, IReadOnlyList<WayCondition> DecidedBy, Way? Nearest, IReadOnlyList<Way> Ways)
{
    public static Verdict Of(RuleSnapshot configuration, AlarmFacts alarm, DateTimeOffset at, AskedReceiver asked)
    {
        var ways = configuration.Ways(alarm, at, asked);
        var open = ways.Where(x => x.Tells).ToList();
        if (open.Count > 0) return new(true, open, [], null, ways);
        // The sort is stable: of two ways with the same number of failed conditions the first in the order of rules is taken.
        var nearest = ways.OrderBy(x => x.NamesReceiver ? 0 : 1).ThenBy(x => x.Failed.Count()).FirstOrDefault();
        return new(false, [], nearest is null ? [new(WayCondition.AnyRule, false, "a rule", "none", null)] : [.. nearest.Failed], nearest, ways);
    }
}
