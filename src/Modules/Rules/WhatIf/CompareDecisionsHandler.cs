using Notify.Channels;
using Notify.Contracts.Alarms;
using Notify.Contracts.Delivery;
using Notify.Contracts.Replays;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Rules.Deciding;
using Wolverine;

namespace Notify.Rules.WhatIf;

/// <summary>Repeats the decisions about recorded changes of alarms, at their recorded instants, with another configuration, and what follows: the
/// steps when nobody reacts, and the other ways of what does not arrive.</summary>
public static class CompareDecisionsHandler
{
    /// <param name="Then">The configuration of the last decision about the change.</param>
    /// <param name="First">The decision that planned steps, with its configuration; null: it is not in the period.</param>
    private sealed record Compared(
        RecordedDecision Recorded, AlarmFacts Alarm, RuleSnapshot Then, ComparedDecision Result, DecisionComparison Comparison,
        (RecordedDecision Recorded, RuleSnapshot Then)? First)
    {
        public AlarmDecided Decision => Recorded.Decision;
    }

    public static async Task<DecisionsCompared> Handle(
        CompareDecisions query, DecisionLog log, SnapshotHistory history, ChannelCatalog channels, EventReader events, IMessageBus bus,
        CancellationToken cancellation)
    {
        var decisions = await log.ReadAsync(new EventPeriod(query.After, query.UpTo), query.From, query.To, query.Limit, cancellation);
        var described = await bus.InvokeAsync<AlarmChangesDescribed>(
            new DescribeAlarmChanges([.. decisions.Select(x => new AlarmVersion(x.Decision.AlarmId, x.Decision.AlarmVersion))]), cancellation);
        var alarms = described.Changes.ToDictionary(x => (x.AlarmId, x.Version), x => x.Alarm);
        var last = LastDecision.Of(
            decisions, await log.AnewAsync(decisions.Select(x => x.CausationId), cancellation),
            described.Changes.ToDictionary(x => x.EventId, x => x.At), (query.UpTo, query.From, query.To));
        var errors = new Errors();
        var drafts = DraftRules.Read(query.Rules, await history.GetAsync(query.ConfigurationVersion, bus, cancellation), channels, errors);
        errors.ThrowIfAny();
        var tried = await history.GetAsync(query.ConfigurationVersion, drafts, bus, cancellation);
        var compared = new List<Compared>(decisions.Count);
        foreach (var same in last.GroupBy(x => x.Last.Decision.ConfigurationVersion))
        {
            var then = await history.GetAsync(same.Key, bus, cancellation);
            var comparison = new DecisionComparison(then, tried, query.Filter, channels);
            foreach (var decision in same)
            {
                // A decision whose alarm's change is no longer stored cannot be repeated.
                var recorded = decision.Last with { Sequence = decision.Sequence };
                if (!alarms.TryGetValue((recorded.Decision.AlarmId, recorded.Decision.AlarmVersion), out var alarm)
                    || comparison.Compare(recorded, alarm) is not { } one) continue;
                compared.Add(new(
                    recorded, alarm, then, one, comparison,
                    decision.First is { } first ? (first, await history.GetAsync(first.Decision.ConfigurationVersion, bus, cancellation)) : null));
            }
        }

        compared.Sort((x, y) => x.Recorded.Sequence.CompareTo(y.Recorded.Sequence));
        return new(
            await WithStepsAsync(compared, tried, query, history, events, bus, cancellation),
            decisions.Count < query.Limit ? null : decisions[^1].Sequence);
    }

    /// <param name="Steps">The steps that were performed, or would have been.</param>
    private sealed record Later(
        Compared Of, IReadOnlyList<LaterTelling> Steps, IReadOnlyList<LaterTelling> WouldBeSteps, IReadOnlyList<LaterOtherWays.Sent> Sent,
        IReadOnlyList<LaterOtherWays.Planned> Planned);

    private static async Task<List<ComparedDecision>> WithStepsAsync(
        List<Compared> compared, RuleSnapshot tried, CompareDecisions query, SnapshotHistory history, EventReader events, IMessageBus bus,
        CancellationToken cancellation)
    {
        // Only the first decision about a change plans steps; a repeated one does not.
        var first = compared.Where(x => x.First is not null).DistinctBy(x => (x.Decision.AlarmId, x.Decision.AlarmVersion)).ToList();
        string[] planned = [.. first.SelectMany(x => x.First!.Value.Recorded.Decision.Steps ?? []).Select(x => x.StepId)];
        var onRecord = (planned.Length == 0 ? [] : await events.ReadAsync(planned, cancellation)).ToLookup(x => x.StreamId, StringComparer.Ordinal);
        var would = await WalkAsync(first, tried, query, bus, cancellation);
        var configurations = new Dictionary<long, RuleSnapshot>();
        var performed = onRecord.SelectMany(x => x).Select(x => x.Data).OfType<StepPerformed>();
        foreach (var version in performed.Select(x => x.ConfigurationVersion).Distinct())
            configurations[version] = await history.GetAsync(version, bus, cancellation);
        var byFirst = first.ToHashSet();
        var later = compared.ConvertAll(x =>
        {
            var (steps, wouldBe) = !byFirst.Contains(x) ? ([], []) : (
                LaterSteps.OnRecord(x.First!.Value.Recorded.Decision, onRecord, x.First.Value.Then, query.To).ToList(),
                (would.GetValueOrDefault(x.Decision.AlarmId)?[x.Decision.AlarmVersion] ?? []).ToList());
            return new Later(
                x, steps, wouldBe,
                [
                    .. LaterOtherWays.SentBy(x.Decision, x.Then, x.Recorded.At),
                    .. LaterOtherWays.SentBy(steps, version => configurations[version]),
                ],
                !tried.HasOtherWays ? [] :
                [
                    .. LaterOtherWays.PlannedBy(tried.Decide(x.Alarm, x.Recorded.At), x.Alarm, x.Recorded.At),
                    .. LaterOtherWays.PlannedBy(wouldBe),
                ]);
        });
        string[] asked = [.. later.SelectMany(x => LaterOtherWays.Asked(x.Sent, x.Planned)).Distinct(StringComparer.Ordinal)];
        var undelivered = (asked.Length == 0 ? [] : (await bus.InvokeAsync<UndeliveredDescribed>(
            new DescribeUndelivered(asked), cancellation)).Notifications).ToDictionary(x => x.NotificationId, StringComparer.Ordinal);
        var taken = (asked.Length == 0 ? [] : await events.ReadAsync([.. asked.Select(OtherWayTaken.StreamOf)], cancellation))
            .ToLookup(x => x.StreamId, StringComparer.Ordinal);
        return later.ConvertAll(x => x.Of.Result with
        {
            Steps = x.Of.Comparison.Compare(
                x.Steps.Concat(LaterOtherWays.OnRecord(x.Sent, taken, undelivered, query.To)),
                x.WouldBeSteps.Concat(LaterOtherWays.Of(tried, x.Planned, x.Sent, undelivered, query.To))),
        });
    }

    /// <summary>Always simulates the whole period, even if only a part of its decisions is requested: the steps that wait for an alarm depend on
    /// everything before.</summary>
    private static async Task<Dictionary<string, ILookup<long, LaterTelling>>> WalkAsync(
        List<Compared> compared, RuleSnapshot tried, CompareDecisions query, IMessageBus bus, CancellationToken cancellation)
    {
        if (!tried.HasSteps) return [];
        var known = compared.ToDictionary(x => new AlarmVersion(x.Decision.AlarmId, x.Decision.AlarmVersion));
        var described = await bus.InvokeAsync<AlarmChangesDescribed>(
            new DescribeAlarmChanges([], Of: new([.. known.Keys.Select(x => x.AlarmId).Distinct(StringComparer.Ordinal)], query.From, query.To)),
            cancellation);
        return described.Changes.GroupBy(x => x.AlarmId, StringComparer.Ordinal).ToDictionary(
            x => x.Key,
            x => LaterSteps.Of(tried, x.Key, [.. LaterSteps.Decided([.. x]).Select(change =>
                known.GetValueOrDefault(new(change.AlarmId, change.Version)) is { Alarm: { } alarm, First: var (decided, then) }
                ? new WalkedChange(change.Version, decided.At, change.Alarm, LaterSteps.Kept(decided.Decision, alarm, then, decided.At))
                : new WalkedChange(change.Version, change.At, change.Alarm, new HashSet<(string, string)>()))], query.To),
            StringComparer.Ordinal);
    }
}
