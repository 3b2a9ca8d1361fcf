using Marten;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Notify.Channels;
using Notify.Delivery.Notifications;
using Notify.Kernel;
using Notify.Kernel.Events;
using Npgsql;

namespace Notify.Delivery.Outcomes;

/// <summary>Records outcomes, many in one transaction. An outcome is never dropped: while the database is unavailable it waits here; if the process
/// dies too, the outcome is recorded as unknown.</summary>
public sealed class OutcomeWriter : IHostedService, IAsyncDisposable
{
    private readonly IDocumentStore store;
    private readonly EventBatches batches;
    private readonly ChannelCatalog channels;
    private readonly TimeProvider time;
    private readonly ILogger<OutcomeWriter> logger;
    private readonly GroupCommit<AttemptResult, DateTimeOffset?> commits;

    public OutcomeWriter(IDocumentStore store, EventBatches batches, ChannelCatalog channels, TimeProvider time, ILogger<OutcomeWriter> logger)
    {
        (this.store, this.batches, this.channels, this.time, this.logger) = (store, batches, channels, time, logger);
        commits = new(CommitAsync, _ => 1, maxWeight: 500, capacity: 100_000, time) { NobodyWaits = true, Name = "outcomes" };
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        commits.Start();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => commits.StopAsync(cancellationToken);

    public ValueTask DisposeAsync() => commits.DisposeAsync();

    /// <returns>Completes when the outcome is committed: the time of the retry, or null.</returns>
    public Task<DateTimeOffset?> WriteAsync(AttemptResult result) => commits.AddAsync(result);

    private async Task<IReadOnlyList<DateTimeOffset?>> CommitAsync(IReadOnlyList<AttemptResult> results, CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                return await TryCommitAsync(results, cancellation);
            }
            catch (Exception e) when (results.Count == 1 && WriteConflict.Is(e))
            {
                // It was recorded already: by another node, or by an earlier commit whose answer was lost.
                logger.LogInformation("The outcome of {Notification} was already recorded", results[0].Work.Id);
                return [null];
            }
            catch (Exception e) when (StoreFault.Passes(e))
            {
                logger.LogWarning(e, "{Count} outcomes are waiting for the database", results.Count);
                await Task.Delay(TimeSpan.FromMilliseconds(500), time, cancellation);
            }
            catch (Exception e) when (results is [{ Unrecorded: null } one] && StoreFault.IsOfOne(e))
            {
                // If the actual outcome cannot be recorded, it is recorded as unknown. The message is not sent again for that.
                logger.LogError(e, "Recording the outcome of {Notification} ({Outcome}) failed", one.Work.Id, one.Outcome.Class);
                results = [one with { Unrecorded = $"How it ended ({one.Outcome.Class}) could not be recorded: {FaultText.Of(e)}" }];
            }
        }
    }

    private async Task<IReadOnlyList<DateTimeOffset?>> TryCommitAsync(IReadOnlyList<AttemptResult> results, CancellationToken cancellation)
    {
        await using var session = store.LightweightSession();
        var events = batches.New();
        var changes = new List<NotificationUpdates.Change>(results.Count);
        // Events and rows show the same instant.
        var now = time.GetUtcNow();
        foreach (var result in results)
        {
            var (@event, change) = OutcomeDecision.Of(
                result, channels.Find(result.Work.Request.ChannelType)?.Delivery, now, Random.Shared.NextDouble());
            AttemptMetrics.Attempted(result, change.DueAt is not null, now);
            events.Append(result.Work.Id, change.Version, @event, result.Work.Audit);
            changes.Add(change);
        }

        NotificationUpdates.QueueAttempts(session, changes);
        events.QueueTo(session, now);
        await session.SaveChangesAsync(cancellation);
        return [.. changes.Select(x => x.DueAt)];
    }
}
