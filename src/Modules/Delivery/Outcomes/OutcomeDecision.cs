using Notify.Channels.Sending;
using Notify.Delivery.Notifications;

namespace Notify.Delivery.Outcomes;

/// <summary>What follows from how an attempt ended: the event, and the next step. It decides only; <see cref="OutcomeWriter"/> stores it.</summary>
public static class OutcomeDecision
{
    /// <param name="channel">Through which it went; null: it is not registered any more.</param>
    /// <param name="now">When the attempt ended.</param>
    /// <param name="jitter">0 to 1: spreads what is tried again.</param>
    /// <returns>The event that says how it ended, and what its row shows from then on; <c>DueAt</c> is when it is tried again, null: it is
    /// not.</returns>
    public static (object Event, NotificationTable.Change Change) Of(
        AttemptResult result, IChannelDelivery? channel, DateTimeOffset now, double jitter)
    {
        var (work, outcome) = (result.Work, result.Outcome);
        var counts = outcome.Class is not (OutcomeClass.Rate or OutcomeClass.Configuration);
        var tries = work.Tries + (counts ? 1 : 0);
        var unknowns = work.Unknowns + (outcome.Class == OutcomeClass.Unknown ? 1 : 0);
        var done = outcome.Class is OutcomeClass.Ok or OutcomeClass.Partial;
        var form = channel?.NextForm(work.Form, work.Request.Content.Format, outcome);
        var requestsDone = form is null ? result.RequestsDone : 0;
        var retryAt = done ? null : form is not null ? now : RetryPolicy.RetryAt(
            outcome, tries, unknowns, result.RepeatIsSafe, work.RequestedAt, now, jitter);
        if (result.Unrecorded is not null) retryAt = null;
        var (@event, status) = (outcome.Class, retryAt) switch
        {
            _ when result is { Unrecorded: { } why } => (
                result.Started ? new AttemptOutcomeUnknown(result.Attempt, why, null, requestsDone) : new NotificationFailed(
                FailureStage.Recording, why), NotificationStatus.Failed),
            (OutcomeClass.Fault, _) when !result.Started =>
                (new NotificationFailed(outcome.Stage ?? FailureStage.Preparing, outcome.PlatformMessage ?? ""), NotificationStatus.Failed),
            (OutcomeClass.Ok or OutcomeClass.Partial, _) => Succeeded(result),
            (OutcomeClass.Unknown, _) => (
                new AttemptOutcomeUnknown(result.Attempt, outcome.PlatformMessage ?? "The answer was lost.", retryAt, requestsDone), Waits(retryAt)),
            _ => ((object)new AttemptFailed(
                result.Attempt, outcome.Class, outcome.HttpStatus, outcome.PlatformCode, outcome.PlatformMessage, outcome.EgressIp, retryAt,
                requestsDone, outcome.RequestId, form,
                outcome.Call, outcome.MayHaveArrived && !result.RepeatIsSafe, outcome.IsJudgedByReceiver ? FailedReceivers(outcome) : null),
                Waits(retryAt)),
        };
        var version = work.Version + (result.Started ? 2 : 1);
        return (@event, new NotificationTable.Change(
            work.Id, status, version, @event is NotificationFailed
            ? work.Attempts : result.Attempt, tries, requestsDone, retryAt, retryAt is null ? now : null,
            ReasonOf(@event))
        {
            Detour = unknowns != work.Unknowns || form is not null ? (unknowns, form ?? work.Form) : null,
        });
    }

    private static string? ReasonOf(object @event) => @event switch
    {
        AttemptOutcomeUnknown e => e.Why,
        AttemptFailed e => e.PlatformMessage,
        NotificationFailed e => e.Reason,
        _ => null,
    };

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
