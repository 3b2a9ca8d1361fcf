using Marten;
using Microsoft.Extensions.Logging;
using Notify.Contracts.Alarms;
using Notify.Contracts.Rules;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Http;
using Notify.Rules.Deciding;
using Npgsql;
using Wolverine;
using Wolverine.Marten;
using Wolverine.Runtime;

namespace Notify.Rules.Steps;

/// <summary>Performs due steps, many in one transaction and the most urgent first, so that steps of thousands of alarms to which nobody has reacted
/// are performed together. The node that locks a step performs it. If the alarm is acknowledged at the same moment, the version of the step's stream
/// decides which of the two succeeds.</summary>
public sealed class StepWorker(
    NpgsqlDataSource database, IDocumentStore store, IWolverineRuntime runtime, EventBatches batches, CurrentSnapshot configuration,
    AcknowledgeLinks links, TimeProvider time, ILogger<StepWorker> logger) : Worker("Waiting steps", logger)
{
    private const int MostAtOnce = 500;
    private static readonly TimeSpan longestSleep = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan tryAgainAfter = TimeSpan.FromMinutes(5);

    protected override async Task<TimeSpan> WorkAsync(CancellationToken cancellation)
    {
        if (await StepTable.NextAsync(database, cancellation) is not { } next) return longestSleep;
        if (next - time.GetUtcNow() is { } wait && wait > TimeSpan.Zero) return wait < longestSleep ? wait : longestSleep;
        IReadOnlyList<WaitingStep> due = [];
        try
        {
            // Steps locked by another node are skipped.
            return await PerformAsync(null, x => due = x, cancellation) ? TimeSpan.Zero : longestSleep;
        }
        catch (Exception e) when (due.Count > 0 && StoreFault.IsOfOne(e) && !WriteConflict.Is(e))
        {
            await Halving.ApartAsync(
                due, e, part => PerformAsync([.. part.Select(x => x.Id)], _ => { }, cancellation),
                (one, fault) => PostponeAsync(one, fault, cancellation));
            return TimeSpan.Zero;
        }
    }

    private async Task PostponeAsync(WaitingStep step, Exception fault, CancellationToken cancellation)
    {
        logger.LogError(fault, "Performing {Step} of alarm {Alarm} failed; trying again in {Minutes} min", step.Id, step.AlarmId,
            tryAgainAfter.TotalMinutes);
        await StepTable.PostponeAsync(database, step.Id, time.GetUtcNow() + tryAgainAfter, cancellation);
    }

    /// <param name="ids">Null: all due steps.</param>
    /// <param name="taken">Called with the steps that are about to be performed.</param>
    /// <returns>Whether any step was performed; if so, there may be more.</returns>
    private async Task<bool> PerformAsync(IReadOnlyList<string>? ids, Action<IReadOnlyList<WaitingStep>> taken, CancellationToken cancellation)
    {
        await using var session = store.LightweightSession();
        await session.BeginTransactionAsync(cancellation);
        var now = time.GetUtcNow();
        var due = await StepTable.LockDueAsync(session, ids, now, MostAtOnce, cancellation);
        if (due.Count == 0) return false;
        taken(due);
        var bus = new MessageBus(runtime);
        var alarms = (await bus.InvokeAsync<AlarmsDescribed>(
            new DescribeAlarms([.. due.Select(x => x.AlarmId).Distinct(StringComparer.Ordinal)]), cancellation)).Alarms
            .ToDictionary(x => x.AlarmId, StringComparer.Ordinal);
        var correlations = await StepTable.CorrelationsAsync(session, due, cancellation);
        var snapshot = await configuration.GetAsync(session, bus, cancellation);
        var (events, decided, after) = (batches.New(), new List<DecidedNotification>(), new List<WaitingStep>(due.Count));
        foreach (var step in due)
            after.Add(Perform(step, alarms.GetValueOrDefault(step.AlarmId), snapshot, now,
                AuditContext.OfSystem(correlations.GetValueOrDefault(step.Id) ?? step.Id), events, decided));
        StepTable.QueueUpsert(session, after);
        if (decided.Count > 0) await new MartenOutbox(runtime, session)
            .PublishAsync(new NotificationsDecided(Ids.New("batch", now), decided));
        events.QueueTo(session, now);
        await session.SaveChangesAsync(cancellation);
        return true;
    }

    /// <returns>The step as it is afterwards.</returns>
    private WaitingStep Perform(
        WaitingStep step, DescribedAlarm? alarm, RuleSnapshot snapshot, DateTimeOffset now, AuditContext audit, EventBatch events,
        List<DecidedNotification> decided)
    {
        var outcome = alarm is null
            ? new DueStep([], StepStop.AlarmRemoved) : snapshot.Perform(step, alarm.Alarm, now, links.To(step.AlarmId, alarm.Version));
        if (alarm is null || outcome.Stopped is not null)
        {
            var by = outcome.Stopped == StepStop.Acknowledged && alarm?.Alarm.AckUser is { Length: > 0 } user ? user : null;
            var stopped = new StepStopped(outcome.Stopped!, by);
            events.Append(step.Id, step.Version + 1, stopped, audit);
            return WaitingStep.Apply(step, step.Id, stopped);
        }

        var ids = outcome.Notifications.Select(_ => Ids.New("notification", now)).ToList();
        var performed = new StepPerformed(
            step.Kind, step.Number, alarm.Version, snapshot.ConfigurationVersion,
            [.. outcome.Notifications.Select((x, n) => x.OnRecord(ids[n]))], outcome.NextAt);
        var cause = events.Append(step.Id, step.Version + 1, performed, audit);
        decided.AddRange(outcome.Notifications.Select((x, n) => x.Decided(
            ids[n], step.AlarmId, alarm.Version, alarm.Alarm, cause, audit) with
        { Step = new(step.Id, step.Kind, step.Number) }));
        return WaitingStep.Apply(step, step.Id, performed);
    }
}
