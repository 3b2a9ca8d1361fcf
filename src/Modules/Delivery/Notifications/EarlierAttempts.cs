using Notify.Channels.Sending;

namespace Notify.Delivery.Notifications;

/// <summary>What the attempts of a notification leave for the next one.</summary>
public static class EarlierAttempts
{
    /// <summary>What the event leaves for the next attempt.</summary>
    /// <param name="isWhole">The attempt that it ended made only one request, for this notification alone or for several.</param>
    public static Earlier? After(object @event, Earlier? before, bool isWhole) => @event switch
    {
        AttemptAccepted e => new()
        {
            RequestId = e.RequestId,
            Request = e.RequestsDone,
            IsWhole = isWhole,
            Judged = e.Judged ?? before?.Judged ?? [],
        },
        AttemptOutcomeUnknown { Judged: { } judged } => (before ?? new()) with { Judged = judged },
        AttemptOutcomeUnknown => before,
        AttemptFailed { RetryAt: not null } e => After(e, before),
        AttemptFailed or AttemptSucceeded => null,
        _ => before,
    };

    private static Earlier? After(AttemptFailed e, Earlier? before)
    {
        // If the platform reports that an accepted message did not arrive, the next attempt makes a new request.
        var isOpen = e.Class is OutcomeClass.Retry or OutcomeClass.Rate or OutcomeClass.Configuration;
        var (may, judged) = (isOpen && (e.MayHaveArrived || before?.MayHaveArrived == true), e.Judged ?? before?.Judged ?? []);
        var request = isOpen && judged.Count == (before?.Judged.Count ?? 0) ? before?.RequestId : null;
        return request is null && !may && judged.Count == 0 ? null : new()
        {
            RequestId = request,
            Request = request is null ? 0 : before!.Request,
            IsWhole = request is not null && before!.IsWhole,
            MayHaveArrived = may,
            Judged = judged,
        };
    }
}
