using System.Collections.Concurrent;
using Marten;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Notify.Contracts.Alarms;
using Notify.Contracts.Rules;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Events.Store;
using Notify.Kernel.Http;
using Npgsql;
using Wolverine;
using Wolverine.Marten;
using Wolverine.Runtime;

namespace Notify.Rules.Deciding;

/// <summary>Records decisions, those of many batches in one transaction: the decisions, the message that follows from them, and the mark in the inbox
/// that the batches are handled. The inbox's queue is not blocked meanwhile, so that batches that arrive in quick succession are decided together, in
/// their order (docs/decisions/0008).</summary>
public sealed class DecisionWriter : IHostedService, IAsyncDisposable
{
    private readonly IDocumentStore store;
    private readonly IServiceProvider services;
    private readonly EventBatches batches;
    private readonly CurrentSnapshot configuration;
    private readonly AcknowledgeLinks links;
    private readonly TimeProvider time;
    private readonly ILogger<DecisionWriter> logger;
    private readonly GroupCommit<Received, Exception?> commits;

    /// <summary>Batches that could not be decided. When the inbox delivers them again, their exception is passed on to its error handling.</summary>
    private readonly ConcurrentDictionary<string, byte> refused = new(StringComparer.Ordinal);

    private readonly record struct Received(AlarmsChanged Batch, Envelope Envelope);

    public DecisionWriter(
        IDocumentStore store, IServiceProvider services, EventBatches batches, CurrentSnapshot configuration, AcknowledgeLinks links,
        TimeProvider time, ILogger<DecisionWriter> logger)
    {
        (this.store, this.services, this.batches, this.configuration, this.links, this.time, this.logger) = (
            store, services, batches, configuration, links, time, logger);
        commits = new(CommitAsync, x => x.Batch.Alarms.Count, maxWeight: 500, capacity: 100_000, time) { NobodyWaits = true, Name = "decisions" };
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        commits.Start();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => commits.StopAsync(cancellationToken);

    public ValueTask DisposeAsync() => commits.DisposeAsync();

    /// <summary>Accepts a batch and returns at once. Its row in the inbox stays open until the decisions are committed; if that never happens, the
    /// inbox delivers it again. A batch that failed once is decided immediately and alone, and its exception determines whether it is retried or
    /// moved to the dead letters.</summary>
    public async Task TakeAsync(AlarmsChanged batch, Envelope envelope)
    {
        var received = new Received(batch, envelope);
        if (envelope.Attempts > 1 || refused.ContainsKey(batch.BatchId))
        {
            await DecideAloneAsync(received, CancellationToken.None);
            refused.TryRemove(batch.BatchId, out _);
            return;
        }

        _ = WatchAsync(commits.AddAsync(received), batch);
        // Otherwise Wolverine would mark the batch as handled itself, before its decisions are committed.
        envelope.Status = EnvelopeStatus.Handled;
    }

    private async Task WatchAsync(Task<Exception?> decided, AlarmsChanged batch)
    {
        if (await decided is not { } fault) return;
        refused.TryAdd(batch.BatchId, 0);
        logger.LogError(fault, "Deciding batch {Batch} failed; trying again", batch.BatchId);
    }

    private async Task<IReadOnlyList<Exception?>> CommitAsync(IReadOnlyList<Received> received, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await WriteAsync(received, cancellation);
                return new Exception?[received.Count];
            }
            catch (Exception e) when (StoreFault.Passes(e))
            {
                logger.LogWarning(e, "{Count} batches are waiting for the database to be decided", received.Count);
                await Task.Delay(TimeSpan.FromMilliseconds(500), time, cancellation);
            }
            catch (Exception e) when (attempt < 5 && WriteConflict.Is(e))
            {
                // Another node took over one of the batches and committed first: read again and leave it out.
            }
            catch (Exception e) when (received.Count == 1)
            {
                if (received[0].Batch.Alarms.Count == 1) return [e];
                await SplitAsync(received[0], cancellation);
                return [null];
            }
        }
    }

    private async Task DecideAloneAsync(Received received, CancellationToken cancellation)
    {
        try
        {
            await WriteAsync([received], cancellation);
        }
        catch (Exception e) when (received.Batch.Alarms.Count > 1 && StoreFault.IsOfOne(e) && !WriteConflict.Is(e))
        {
            await SplitAsync(received, cancellation);
        }
    }

    /// <summary>Splits a batch that contains an alarm that cannot be decided, or whose decision cannot be recorded: each half is decided by itself,
    /// until that alarm is alone. A batch that is delivered again is split into the same halves, which are recognized as decided.</summary>
    private async Task SplitAsync(Received received, CancellationToken cancellation)
    {
        var (batch, alarms) = (received.Batch, received.Batch.Alarms);
        await using var session = store.LightweightSession();
        var runtime = services.GetRequiredService<IWolverineRuntime>();
        var outbox = new MartenOutbox(runtime, session);
        var (first, second) = Halving.Of(alarms);
        foreach (var (i, half) in new[] { first, second }.Index()) await outbox.PublishAsync(
            new AlarmsChanged(batch.BatchId.Insert(batch.BatchId.IndexOf('-', StringComparison.Ordinal), $"-{i}"), half));
        QueueHandled(session, runtime, [received]);
        await session.SaveChangesAsync(cancellation);
        logger.LogWarning("Batch {Batch} of {Count} alarms could not be decided as a whole; splitting it in half", batch.BatchId, alarms.Count);
    }

    private async Task WriteAsync(IReadOnlyList<Received> received, CancellationToken cancellation)
    {
        await using var session = store.LightweightSession();
        var decide = received.Select(x => x.Batch).DistinctBy(x => x.BatchId, StringComparer.Ordinal).ToList();
        var (version, decided, waiting) = await ReadAsync(
            [.. decide.Select(StreamOf)], [.. decide.SelectMany(x => x.Alarms).Select(x => x.AlarmId)], session, cancellation);
        var undecided = decide.Where(x => !decided.Contains(StreamOf(x))).ToList();
        var steps = new StepsOfAlarms(waiting, undecided.SelectMany(x => x.Alarms));
        var runtime = services.GetRequiredService<IWolverineRuntime>();
        var snapshot = await configuration.GetAsync(version, session, new MessageBus(runtime), cancellation);
        var events = batches.New();
        var notifications = new List<DecidedNotification>();
        var now = time.GetUtcNow();
        foreach (var batch in undecided) Decide(batch, snapshot, steps, now, events, notifications);
        StepTable.QueueUpsert(session, steps.Changed);
        if (notifications.Count > 0) await new MartenOutbox(runtime, session)
            .PublishAsync(new NotificationsDecided(decide[0].BatchId, notifications));
        // The record has the instant at which the schedules were evaluated, so that a review evaluates them for the same one.
        events.QueueTo(session, now);
        QueueHandled(session, runtime, received);
        await session.SaveChangesAsync(cancellation);
    }

    private void QueueHandled(IDocumentSession session, IWolverineRuntime runtime, IReadOnlyList<Received> received) => MessageTables.QueueHandled(
        session, [.. received.Select(x => x.Envelope.Id)], time.GetUtcNow() + runtime.Options.Durability.KeepAfterMessageHandling);

    private void Decide(
        AlarmsChanged batch, RuleSnapshot snapshot, StepsOfAlarms steps, DateTimeOffset now, EventBatch events,
        List<DecidedNotification> notifications)
    {
        var stream = StreamOf(batch);
        // A notification's id contains the instant at which its alarm was accepted, from which the delivery time is measured.
        var accepted = Ids.TimeOf(batch.BatchId) ?? now;
        foreach (var (i, change) in batch.Alarms.Index())
        {
            var decision = snapshot.Decide(change.Alarm, now, links.To(change.AlarmId, change.Version));
            var audit = AuditContext.OfSystem(change.CorrelationId, change.EventId.ToString(), traceParent: change.TraceParent);
            var ids = decision.Notifications.Select(_ => Ids.New("notification", accepted)).ToList();
            var later = steps.Take(change, decision, snapshot, now);
            var decisionEvent = events.Append(stream, i + 1, new AlarmDecided(
                change.AlarmId, change.Alarm.Name, change.Version, decision.ConfigurationVersion,
                [.. decision.Notifications.Select((x, n) => x.OnRecord(ids[n]))], decision.Nobody, change.Alarm.Path)
            { Steps = later.Decided }, audit);
            later.Append(events, audit with { CausationId = decisionEvent.ToString() });
            notifications.AddRange(decision.Notifications.Select((x, n) => x.Decided(
                ids[n], change.AlarmId, change.Version, change.Alarm, decisionEvent, audit)));
        }
    }

    private static string StreamOf(AlarmsChanged batch) => "decision" + batch.BatchId[batch.BatchId.IndexOf('-', StringComparison.Ordinal)..];

    /// <summary>Reads in one round trip the configuration's version, which of these batches are decided already (the message was delivered again),
    /// and the steps that wait for these alarms, with the alarms' versions.</summary>
    private static async Task<(long Version, HashSet<string> Decided, List<(WaitingStep Step, long AlarmVersion)> Waiting)> ReadAsync(
        string[] streams, string[] alarms, IQuerySession session, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"select coalesce((select version from {Database.Schema}.configuration_stamp), 0), {Streams.Existing("$1")}, {StepTable.Waiting("$2")}");
        command.Parameters.AddWithValue(streams);
        command.Parameters.AddWithValue(alarms);
        await using var reader = await session.ExecuteReaderAsync(command, cancellation);
        await reader.ReadAsync(cancellation);
        return (
            reader.GetInt64(0), [.. reader.GetFieldValue<string[]>(1)],
            reader.IsDBNull(2) ? [] : [.. reader.GetFieldValue<string[]>(2).Select(StepTable.Read)]);
    }
}
