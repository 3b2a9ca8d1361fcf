using Notify.Channels.Sending;
using Notify.Contracts.Rules;
using Notify.Delivery.Lanes;
using Notify.Delivery.Notifications;

namespace Notify.Delivery.Outcomes;

/// <summary>Decides the consequence of an attempt's outcome: the event, and the next step. It stores nothing; <see cref="OutcomeWriter"/>
/// does.</summary>
public static class OutcomeDecision
{
    /// <param name="channel">The channel used; null: it is no longer registered.</param>
    /// <param name="now">When the attempt ended.</param>
    /// <param name="jitter">0 to 1; spreads retries.</param>
    /// <returns>The event that records the outcome, and the new state of the row; its <c>DueAt</c> is the time of the retry, null: none.</returns>
    public static (object Event, NotificationUpdates.Change Change) Of(
        AttemptResult result, IChannelDelivery? channel, DateTimeOffset now, double jitter)
    {
        var (work, outcome) = (result.Work, result.Outcome);
        var counts = outcome.Class is not (OutcomeClass.Rate or OutcomeClass.Configuration);
        // One of several messages was confirmed: the next one gets all its tries.
        var before = outcome.Class == OutcomeClass.Accepted && result.RequestsDone > work.RequestsDone ? 0 : work.Tries;
        var tries = before + (counts ? 1 : 0);
        var unknowns = work.Unknowns + (outcome.Class == OutcomeClass.Unknown ? 1 : 0);
        // A gateway may have answered in place of the platform, after that had taken the message.
        var isBlind = outcome.Class == OutcomeClass.Retry && RetryPolicy.HasProbablyArrived(outcome);
        var blind = unknowns + (work.Earlier is { MayHaveArrived: true } ? 1 : 0) + (isBlind ? 1 : 0);
        var done = outcome.Class is OutcomeClass.Ok or OutcomeClass.Partial;
        var judged = JudgedSoFar(work, outcome);
        var form = channel?.NextForm(work.Form, work.Request.Content.Format, outcome);
        var requestsDone = form is null ? result.RequestsDone : 0;
        var retryAt = done ? null : form is not null ? now : RetryPolicy.RetryAt(
            outcome, tries, blind, result.RepeatIsSafe, work.RequestedAt, now, jitter);
        if (result.Unrecorded is not null) retryAt = null;
        var (@event, status) = (outcome.Class, retryAt) switch
        {
            _ when result is { Unrecorded: { } why } => (
                result.Started ? new AttemptOutcomeUnknown(result.Attempt, why, null, requestsDone) : new NotificationFailed(
                FailureStage.Recording, why), NotificationStatus.Failed),
            (OutcomeClass.Fault, _) when !result.Started =>
                (new NotificationFailed(outcome.Stage ?? FailureStage.Preparing, outcome.PlatformMessage ?? ""), NotificationStatus.Failed),
            (OutcomeClass.Ok or OutcomeClass.Partial, _) => Succeeded(result, judged),
            // Some receivers have it; only the rest has failed.
            (_, null) when judged.Exists(x => x.Outcome == ReceiverOutcome.Delivered) => Succeeded(result, All(work, judged, outcome)),
            (OutcomeClass.Accepted, { } askAt) => (new AttemptAccepted(
                result.Attempt, outcome.PlatformCode, outcome.PlatformMessage, outcome.RequestId ?? "", askAt, requestsDone,
                NoneIsNull(judged)), NotificationStatus.Scheduled),
            (OutcomeClass.Accepted, null) => (new AttemptOutcomeUnknown(
                result.Attempt, $"The platform accepted it, but did not say in time whether it arrived. {outcome.PlatformMessage}".TrimEnd(), null,
                requestsDone, NoneIsNull(judged)), NotificationStatus.Failed),
            (OutcomeClass.Unknown, _) => (
                new AttemptOutcomeUnknown(
                    result.Attempt, outcome.PlatformMessage ?? "The answer was lost.", retryAt, requestsDone, NoneIsNull(judged)), Waits(retryAt)),
            _ => ((object)new AttemptFailed(
                result.Attempt, outcome.Class, outcome.HttpStatus, outcome.PlatformCode, outcome.PlatformMessage, outcome.EgressIp, retryAt,
                requestsDone, outcome.RequestId, form,
                outcome.Call, outcome.MayHaveArrived && !result.RepeatIsSafe,
                retryAt is null && judged.Count > 0 ? FailedReceivers(All(work, judged, outcome)) : null,
                retryAt is null ? null : NoneIsNull(judged)),
                Waits(retryAt)),
        };
        var version = work.Version + (result.Started ? 2 : 1);
        return (@event, new NotificationUpdates.Change(
            work.Id, status, version, @event is NotificationFailed
            ? work.Attempts : result.Attempt, tries, requestsDone, retryAt, retryAt is null ? now : null,
            ReasonOf(@event))
        {
            Detour = Detour(work, unknowns, form, EarlierAttempts.After(@event, work.Earlier, result.IsWhole)),
        });
    }

    private static (int Unknowns, MessageForm Form, Earlier? Earlier)? Detour(Work work, int unknowns, MessageForm? form, Earlier? earlier) =>
        unknowns != work.Unknowns || form is not null || earlier is not null || work.Earlier is not null
            ? (unknowns, form ?? work.Form, earlier) : null;

    /// <summary>The results by receiver of earlier attempts and of this one. A receiver that one request failed to reach has not received
    /// everything.</summary>
    private static List<ReceiverOutcome> JudgedSoFar(Work work, SendOutcome outcome) =>
    [
        .. ((IEnumerable<ReceiverOutcome>)[.. work.Earlier?.Judged ?? [], .. outcome.Receivers])
            .OrderByDescending(x => x.Outcome == ReceiverOutcome.Failed)
            .DistinctBy(x => $"{x.Kind} {x.Account}", StringComparer.OrdinalIgnoreCase),
    ];

    /// <summary>Adds the receivers without a result of their own, which failed like the whole message.</summary>
    private static List<ReceiverOutcome> All(Work work, List<ReceiverOutcome> judged, SendOutcome outcome) =>
    [
        .. judged,
        .. from x in work.Request.Receivers
           where !judged.Exists(j => j.IsOf(x.Kind, x.Account))
           from account in x.Account == Receiver.All && outcome.Unjudged is { Count: > 0 } some ? some : [x.Account ?? ""]
           where !judged.Exists(j => j.IsOf(x.Kind, account))
           select new ReceiverOutcome(account, ReceiverOutcome.Failed, outcome.PlatformCode, x.Kind, outcome.PlatformMessage),
    ];

    private static List<ReceiverOutcome>? NoneIsNull(List<ReceiverOutcome> judged) => judged.Count == 0 ? null : judged;

    private static string? ReasonOf(object @event) => @event switch
    {
        AttemptOutcomeUnknown e => e.Why,
        AttemptFailed e => e.PlatformMessage,
        NotificationFailed e => e.Reason,
        _ => null,
    };

    private static (object, NotificationStatus) Succeeded(AttemptResult result, IReadOnlyList<ReceiverOutcome> judged)
    {
        var failed = FailedReceivers(judged);
        return (
            new AttemptSucceeded(result.Attempt, result.Outcome.PlatformCode, result.Outcome.PlatformMessage, result.Outcome.RequestId, failed),
            failed.Count == 0 ? NotificationStatus.Delivered : NotificationStatus.PartlyDelivered);
    }

    private static List<FailedReceiver> FailedReceivers(IEnumerable<ReceiverOutcome> judged) =>
        [.. judged.Where(x => x.Outcome == ReceiverOutcome.Failed).Select(FailedReceiver.Of)];

    private static NotificationStatus Waits(DateTimeOffset? retryAt) => retryAt is null ? NotificationStatus.Failed : NotificationStatus.Scheduled;
}
