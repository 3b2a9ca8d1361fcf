using Notify.Channels;
using Notify.Contracts.Alarms;
using Notify.Contracts.Replays;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Rules.Deciding;
using Wolverine;

namespace Notify.Rules.WhatIf;

/// <summary>Decides recorded changes of alarms again, at their recorded instants, with another configuration.</summary>
public static class CompareDecisionsHandler
{
    public static async Task<DecisionsCompared> Handle(
        CompareDecisions query, DecisionLog log, SnapshotHistory history, ChannelCatalog channels, IMessageBus bus, CancellationToken cancellation)
    {
        var decisions = await log.ReadAsync(new EventPeriod(query.After, query.UpTo), query.From, query.To, query.Limit, cancellation);
        var described = await bus.InvokeAsync<AlarmChangesDescribed>(
            new DescribeAlarmChanges([.. decisions.Select(x => new AlarmVersion(x.Decision.AlarmId, x.Decision.AlarmVersion))]), cancellation);
        var alarms = described.Changes.ToDictionary(x => (x.AlarmId, x.Version), x => x.Alarm);
        var errors = new Errors();
        var drafts = DraftRules.Read(query.Rules, await history.GetAsync(query.ConfigurationVersion, bus, cancellation), channels, errors);
        errors.ThrowIfAny();
        var tried = await history.GetAsync(query.ConfigurationVersion, drafts, bus, cancellation);
        var compared = new List<ComparedDecision>(decisions.Count);
        foreach (var same in decisions.GroupBy(x => x.Decision.ConfigurationVersion))
        {
            var comparison = new DecisionComparison(await history.GetAsync(same.Key, bus, cancellation), tried, query.Filter, channels);
            foreach (var decision in same)
                if (comparison.Compare(decision, alarms[(decision.Decision.AlarmId, decision.Decision.AlarmVersion)]) is { } one) compared.Add(one);
        }

        return new([.. compared.OrderBy(x => x.Sequence)], decisions.Count < query.Limit ? null : decisions[^1].Sequence);
    }
}
