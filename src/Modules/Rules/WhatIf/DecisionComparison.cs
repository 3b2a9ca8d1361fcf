using Notify.Channels;
using Notify.Channels.People;
using Notify.Channels.Receivers;
using Notify.Contracts.Alarms;
using Notify.Contracts.Replays;
using Notify.Contracts.Rules;
using Notify.Kernel;
using Notify.Rules.Deciding;

namespace Notify.Rules.WhatIf;

/// <summary>Compares the recorded decision about a change of an alarm with the one by another configuration. Pure: equal input gives equal
/// results.</summary>
/// <param name="then">The configuration of the recorded decision.</param>
/// <param name="tried">The configuration to compare with.</param>
public sealed class DecisionComparison(RuleSnapshot then, RuleSnapshot tried, ReplayFilter filter, ChannelCatalog channels)
{
    private readonly PathPattern? path = filter.AlarmPath is null ? null : PathPattern.Parse(filter.AlarmPath);
    private readonly AskedReceiver? asked = filter.Receiver is null ? null : new AskedReceiver(filter.Receiver, channels.Kinds);

    private readonly record struct Telling(string Receiver, string Rule);

    /// <returns>Null when the filter excludes the change.</returns>
    public ComparedDecision? Compare(RecordedDecision recorded, AlarmFacts alarm)
    {
        if (path?.Matches(alarm.Path) == false || !PathLimit.Current.Allows(alarm.Path)) return null;
        var decision = recorded.Decision;
        var before = decision.Notifications.Where(x => x.Suppressed is null && Wanted(x.RuleId, then.ServiceOf(x.RuleId, x.Action)))
            .SelectMany(x => Told(x.Receivers, then.NameOf(x.RuleId))).ToLookup(x => x.Receiver, Names.Comparer);
        var after = tried.Decide(alarm, recorded.At).Notifications.Where(x => x.Suppressed is null && Wanted(x.Rule.Id, x.Service.Id))
            .SelectMany(x => Told(x.Receivers, x.Rule.Name)).ToLookup(x => x.Receiver, Names.Comparer);
        return new ComparedDecision(
            recorded.Sequence, recorded.At, decision.AlarmId, decision.AlarmVersion, alarm.Name, alarm.Path, alarm.Level, alarm.State,
            [
                .. before.Concat(after).Select(x => x.Key).Distinct(Names.Comparer).Order(StringComparer.Ordinal)
                    .Select(x => new ComparedReceiver(x, Rules(before[x]), Rules(after[x]))),
            ]);
    }

    /// <summary>Compares what followed a decision with what would have.</summary>
    /// <returns>Null when there is neither a step nor another way.</returns>
    public IReadOnlyList<ComparedStep>? Compare(IEnumerable<LaterTelling> recorded, IEnumerable<LaterTelling> would)
    {
        var (before, after) = (InTurn(recorded), InTurn(would));
        var steps = before.Concat(after).Select(x => x.Key).Distinct()
            .SelectMany(key => Enumerable.Range(0, Math.Max(before[key].Count(), after[key].Count())).Select(i => Of(
                key, before[key].ElementAtOrDefault(i), after[key].ElementAtOrDefault(i))))
            .OrderBy(x => x.Recorded ?? x.WouldBe).ThenBy(x => x.Receiver, StringComparer.Ordinal).ThenBy(x => x.Rule, StringComparer.Ordinal)
            .ToList();
        return steps.Count == 0 ? null : steps;

        // The database stores instants with less precision than the clock, and rules count in whole minutes.
        static ComparedStep Of((string Receiver, string Rule, StepKind Kind, int Number) key, LaterTelling? then, LaterTelling? would) => new(
            key.Receiver, key.Rule, key.Kind, key.Number, then?.DueAt,
            (would?.DueAt - then?.DueAt)?.Duration() < TimeSpan.FromSeconds(1) ? then?.DueAt : would?.DueAt)
        {
            Why = (would ?? then)?.Why,
            Reason = (would ?? then)?.Reason,
        };
    }

    private ILookup<(string Receiver, string Rule, StepKind Kind, int Number), LaterTelling> InTurn(IEnumerable<LaterTelling> tellings) => (
        from x in tellings
        where Wanted(x.RuleId, x.ServiceId)
        orderby x.DueAt
        from told in Told(x.Receivers, x.RuleName)
        select (Key: (told.Receiver, told.Rule, x.Kind, x.Number), Telling: x)).ToLookup(x => x.Key, x => x.Telling);

    private static string[] Rules(IEnumerable<Telling> tellings) => [.. tellings.Select(x => x.Rule).Order(StringComparer.Ordinal)];

    private bool Wanted(string ruleId, string? serviceId) => (filter.RuleId ?? ruleId) == ruleId && (filter.ServiceId ?? serviceId) == serviceId;

    private IEnumerable<Telling> Told(IReadOnlyList<Receiver> receivers, string rule) =>
        // People without an address are not notified.
        receivers.Where(x => !PeopleKinds.IsPeople(x) && asked?.IsMeantBy(x) != false).Select(x => new Telling(ReceiverKey.Shown(x), rule));
}
