using System.Text.Json;
using System.Text.Json.Nodes;
using Marten;
using Notify.Channels;
using Notify.Channels.People;
using Notify.Contracts.Alarms;
using Notify.Contracts.People;
using Notify.Contracts.Rules;
using Notify.Contracts.Services;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Resources;
using Notify.Rules.Deciding;
using Notify.Rules.Messages;
using Notify.Rules.Schedules;
using Npgsql;
using Wolverine;

namespace Notify.Rules.WhatIf;

/// <summary>Foresees the effect of a proposed change: recorded changes of alarms are decided at their instants by the current configuration, and by
/// the same with the proposed change, so that every difference is due to the change.</summary>
public static class ForeseeChangeHandler
{
    private const int Chunk = 500;

    public static async Task<ChangeForeseen> Handle(
        ForeseeChange query, IQuerySession session, ProposedConfiguration configuration, DecisionLog log, NpgsqlDataSource database, IMessageBus bus,
        TimeProvider time, CancellationToken cancellation)
    {
        var started = time.GetTimestamp();
        if (await configuration.ReadAsync(query, session, bus, cancellation) is not var (now, proposed)) return new((ForeseenEffect?)null);
        var foresight = new Foresight(now, proposed);
        var period = await EventPeriod.FindAsync(database, query.From, query.To, cancellation);
        var (seen, upTo, from, complete) = (new HashSet<AlarmVersion>(), period.UpTo, query.To, false);
        using var ending = new CancellationTokenSource(Left(), time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, ending.Token);
        try
        {
            if (proposed.DecidesAs(now))
            {
                var decided = await log.CountNewestAsync(period, query.From, query.To, query.MostChanges, either.Token);
                return new(new ForeseenEffect(
                    decided.Complete ? query.From : decided.From, query.To, decided.Complete, decided.AlarmChanges, Different: 0, [], []));
            }

            while (!complete && foresight.AlarmChanges < query.MostChanges && Left() > TimeSpan.Zero)
            {
                var limit = (int)Math.Min(Chunk, query.MostChanges - foresight.AlarmChanges);
                var decisions = await log.NewestAsync(period with { UpTo = upTo }, query.From, query.To, limit, either.Token);
                // A repeated decision concerns a change that was decided before: count each change once.
                var changes = decisions.ConvertAll(x => new AlarmVersion(x.Decision.AlarmId, x.Decision.AlarmVersion)).Where(seen.Add).ToList();
                var described = await bus.InvokeAsync<AlarmChangesDescribed>(new DescribeAlarmChanges(changes), either.Token);
                var alarms = described.Changes.ToDictionary(x => new AlarmVersion(x.AlarmId, x.Version), x => x.Alarm);
                foreach (var decision in decisions)
                {
                    var change = new AlarmVersion(decision.Decision.AlarmId, decision.Decision.AlarmVersion);
                    if (alarms.Remove(change, out var alarm)) foresight.Add(change.AlarmId, alarm, decision.At);
                }

                complete = decisions.Count < limit;
                if (decisions.Count == 0) break;
                (upTo, from) = (decisions[^1].Sequence - 1, decisions[^1].At);
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // The time is up: return what was found so far.
        }

        return new(foresight.Effect(complete ? query.From : from, query.To, complete));

        TimeSpan Left() => query.Within - time.GetElapsedTime(started) is var left && left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }
}

/// <summary>The current configuration, and the one after a proposed change.</summary>
public sealed class ProposedConfiguration(
    EventCatalog catalog, ChannelCatalog channels, ConfiguredParts<Rule, RuleSettings> rules, ConfiguredParts<Message, MessageSettings> messages,
    ConfiguredParts<Schedule, ScheduleSettings> schedules)
{
    /// <returns>Null: the change cannot be read.</returns>
    internal async Task<(RuleSnapshot Now, RuleSnapshot Proposed)?> ReadAsync(
        ForeseeChange query, IQuerySession session, IMessageBus bus, CancellationToken cancellation)
    {
        if (catalog.TryRead(query.EventType, JsonSerializer.SerializeToUtf8Bytes(query.EventData, NotifyJson.Options)) is not { } e) return null;
        var (rule, message, schedule) = (
            await rules.ReadAsync(session, query.Kind == "rule" ? query.Id : null, e, cancellation),
            await messages.ReadAsync(session, query.Kind == "message" ? query.Id : null, e, cancellation),
            await schedules.ReadAsync(session, query.Kind == "schedule" ? query.Id : null, e, cancellation));
        var described = (await bus.InvokeAsync<ServicesDescribed>(new DescribeServices(), cancellation)).Services;
        var proposed = described;
        if (query.Kind == "service")
        {
            var one = await bus.InvokeAsync<ProposedServiceDescribed>(
                new DescribeProposedService(query.Id, query.EventType, query.EventData), cancellation);
            proposed = [.. described.Where(x => x.Id != query.Id), .. one.Service is null ? [] : new[] { one.Service }];
        }

        var people = ConfiguredPeople.Of(await bus.InvokeAsync<PeopleDescribed>(new DescribePeople(), cancellation));
        var now = new RuleSnapshot(0, rule.Now, message.Now, schedule.Now, Of(described), people, channels);
        return (now, new(0, rule.Proposed, message.Proposed, schedule.Proposed, Of(proposed), people, channels, now));
    }

    private IEnumerable<ConfiguredService> Of(IEnumerable<ServiceDescription> services) => services.Select(x => ConfiguredService.Of(x, channels));
}

/// <summary>All resources of one kind, before and after a proposed change.</summary>
public sealed class ConfiguredParts<TResource, TSettings>(
    CurrentResources<TResource, TSettings> resources, ResourceProjection<TResource, TSettings> projection)
    where TResource : Resource<TSettings>, new()
    where TSettings : class
{
    /// <param name="id">The id of the resource that changes; null: none of this kind does.</param>
    internal async Task<(List<Configured<TSettings>> Now, List<Configured<TSettings>> Proposed)> ReadAsync(
        IQuerySession session, string? id, object e, CancellationToken cancellation)
    {
        var now = (await resources.AllAsync(session, cancellation)).Select(Configured.Of).ToList();
        if (id is null) return (now, now);
        var changed = projection.After(await resources.FindAsync(session, id, cancellation), id, e);
        return (now, [.. now.Where(x => x.Id != id), .. changed is null ? [] : new[] { Configured.Of(changed) }]);
    }
}
