using Marten;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Notify.Delivery.Channels;
using Notify.Delivery.Lanes;
using Notify.Delivery.Notifications;
using Notify.Kernel;
using Notify.Kernel.Events;
using Npgsql;

namespace Notify.Delivery.Outcomes;

/// <summary>How an attempt ended.</summary>
/// <param name="Attempt">Its number.</param>
/// <param name="Started">False when nothing could be sent and no attempt was put on record.</param>
public sealed record AttemptResult(Work Work, int Attempt, bool Started, SendOutcome Outcome, int RequestsDone, bool RepeatIsSafe)
{
    /// <summary>Why the outcome cannot be recorded as it was.</summary>
    public string? Unrecorded { get; init; }
}

/// <summary>
/// Puts outcomes on record, many in one transaction. An outcome is not given up: while the store is away it waits here, and if the process dies too
/// the attempt's outcome is unknown, and recorded as such.
/// </summary>
public sealed class OutcomeWriter : IHostedService, IAsyncDisposable
{
    private readonly IDocumentStore store;
    private readonly IServiceProvider services;
    private readonly TimeProvider time;
    private readonly ILogger<OutcomeWriter> logger;
    private readonly GroupCommit<AttemptResult, DateTimeOffset?> commits;

    public OutcomeWriter(IDocumentStore store, IServiceProvider services, TimeProvider time, ILogger<OutcomeWriter> logger)
    {
        (this.store, this.services, this.time, this.logger) = (store, services, time, logger);
        commits = new(CommitAsync, _ => 1, maxWeight: 500, capacity: 100_000, time) { NobodyWaits = true, Name = "outcomes" };
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        commits.Start();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => commits.StopAsync(cancellationToken);

    public ValueTask DisposeAsync() => commits.DisposeAsync();

    /// <returns>When the outcome is on disk: when it is tried again, or null.</returns>
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
                // Somebody recorded it before: another node, or a commit of ours whose answer was lost.
                logger.LogInformation("The outcome of {Notification} was on record already", results[0].Work.Id);
                return [null];
            }
            catch (Exception e) when (Kernel.Http.ProblemResponses.IsStoreDown(e))
            {
                logger.LogWarning(e, "{Count} outcomes wait for the database", results.Count);
                await Task.Delay(TimeSpan.FromMilliseconds(500), time, cancellation);
            }
            catch (Exception e) when (results is [{ Unrecorded: null } one] && StoreFault.IsOfOne(e))
            {
                // It cannot be recorded as it was: then at least that it is not known how it ended. It is not sent again for that.
                logger.LogError(e, "The outcome of {Notification} ({Outcome}) could not be recorded", one.Work.Id, one.Outcome.Class);
                results = [one with { Unrecorded = $"How it ended ({one.Outcome.Class}) could not be recorded: {FaultText.Of(e)}" }];
            }
        }
    }

    private async Task<IReadOnlyList<DateTimeOffset?>> TryCommitAsync(IReadOnlyList<AttemptResult> results, CancellationToken cancellation)
    {
        await using var session = store.LightweightSession();
        var events = services.GetRequiredService<EventBatch>();
        var changes = results.Select(x => Record(x, events)).ToList();
        NotificationTable.QueueUpdate(session, changes);
        events.QueueTo(session);
        await session.SaveChangesAsync(cancellation);
        return [.. changes.Select(x => x.DueAt)];
    }

    private NotificationTable.Change Record(AttemptResult result, EventBatch events)
    {
        var (work, outcome, now) = (result.Work, result.Outcome, time.GetUtcNow());
        var counts = outcome.Class is not (OutcomeClass.Rate or OutcomeClass.Configuration);
        var tries = work.Tries + (counts ? 1 : 0);
        var unknowns = work.Unknowns + (outcome.Class == OutcomeClass.Unknown ? 1 : 0);
        var done = outcome.Class is OutcomeClass.Ok or OutcomeClass.Partial;
        var form = MessageForms.Next(work.Form, work.Request.Content.Format, outcome);
        var requestsDone = form is null ? result.RequestsDone : 0;
        var retryAt = done ? null : form is not null ? now : RetryPolicy.RetryAt(outcome, tries, unknowns, result.RepeatIsSafe, work.RequestedAt, now, Random.Shared.NextDouble());
        if (result is { Unrecorded: not null, Started: true }) retryAt = null;
        var (@event, status) = (outcome.Class, retryAt) switch
        {
            _ when result is { Unrecorded: { } why } => (
                result.Started ? new AttemptOutcomeUnknown(result.Attempt, why, null, requestsDone) : new NotificationFailed(FailureStage.Recording, why), NotificationStatus.Failed),
            (OutcomeClass.Fault, _) when !result.Started => (new NotificationFailed(outcome.Stage ?? FailureStage.Preparing, outcome.PlatformMessage ?? ""), NotificationStatus.Failed),
            (OutcomeClass.Ok or OutcomeClass.Partial, _) => Succeeded(result),
            (OutcomeClass.Unknown, _) => (
                new AttemptOutcomeUnknown(result.Attempt, outcome.PlatformMessage ?? "The answer was lost.", retryAt, requestsDone), Waits(retryAt)),
            _ => ((object)new AttemptFailed(
                result.Attempt, outcome.Class, outcome.HttpStatus, outcome.PlatformCode, outcome.PlatformMessage, outcome.EgressIp, retryAt, requestsDone, outcome.RequestId, form,
                outcome.Call, outcome.MayHaveArrived && !result.RepeatIsSafe, outcome.PlatformCode == 0 ? FailedReceivers(outcome) : null), Waits(retryAt)),
        };
        var version = work.Version + (result.Started ? 2 : 1);
        DeliveryMetrics.Attempted(result, retryAt is not null, now);
        events.Append(work.Id, version, @event, AuditContext.OfSystem(work.CorrelationId, work.CausationId));
        return new NotificationTable.Change(
            work.Id, status, version, @event is NotificationFailed ? work.Attempts : result.Attempt, tries, requestsDone, retryAt, retryAt is null ? now : null,
            result.Unrecorded ?? (done ? null : outcome.PlatformMessage))
        {
            Detour = unknowns != work.Unknowns || form is not null ? (unknowns, form ?? work.Form) : null,
        };
    }

    private static (object, NotificationStatus) Succeeded(AttemptResult result)
    {
        var failed = FailedReceivers(result.Outcome);
        return (
            new AttemptSucceeded(result.Attempt, result.Outcome.PlatformCode, result.Outcome.PlatformMessage, result.Outcome.RequestId, failed),
            failed.Count == 0 ? NotificationStatus.Delivered : NotificationStatus.PartlyDelivered);
    }

    private static List<FailedReceiver> FailedReceivers(SendOutcome outcome) =>
        [.. outcome.Receivers.Where(x => x.Outcome == ReceiverOutcome.Failed).Select(x => new FailedReceiver(x.Account, x.PlatformCode))];

    private static NotificationStatus Waits(DateTimeOffset? retryAt) => retryAt is null ? NotificationStatus.Failed : NotificationStatus.Scheduled;
}
