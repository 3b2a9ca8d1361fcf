using Notify.Channels.Sending;
using Notify.Delivery.Lanes;

namespace Notify.Delivery.Outcomes;

/// <summary>The result of an attempt.</summary>
/// <param name="Attempt">Its number.</param>
/// <param name="Started">False when nothing could be sent and no attempt was recorded.</param>
public sealed record AttemptResult(Work Work, int Attempt, bool Started, SendOutcome Outcome, int RequestsDone, bool RepeatIsSafe)
{
    /// <summary>The attempt made only one request, for this notification alone or for several.</summary>
    public bool IsWhole { get; init; }

    /// <summary>Why the actual outcome cannot be recorded; null: it can.</summary>
    public string? Unrecorded { get; init; }
}
