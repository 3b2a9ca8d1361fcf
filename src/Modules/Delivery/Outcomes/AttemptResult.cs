using Notify.Channels.Sending;
using Notify.Delivery.Lanes;

namespace Notify.Delivery.Outcomes;

/// <summary>How an attempt ended.</summary>
/// <param name="Attempt">Its number.</param>
/// <param name="Started">False when nothing could be sent and no attempt was recorded.</param>
public sealed record AttemptResult(Work Work, int Attempt, bool Started, SendOutcome Outcome, int RequestsDone, bool RepeatIsSafe)
{
    /// <summary>Why the outcome cannot be recorded as it was.</summary>
    public string? Unrecorded { get; init; }
}
