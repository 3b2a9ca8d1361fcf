using Notify.Contracts.Rules;
using Wolverine.Attributes;

namespace Notify.Contracts.Delivery;

/// <summary>Asks the Delivery module for the outcome of these notifications.</summary>
[MessageIdentity("notify.delivery.describe-deliveries.v1")]
public sealed record DescribeDeliveries(IReadOnlyList<string> NotificationIds) : BusMessage;

/// <summary>Missing ones are omitted.</summary>
[MessageIdentity("notify.delivery.deliveries-described.v1")]
public sealed record DeliveriesDescribed(IReadOnlyList<DescribedDelivery> Deliveries) : BusMessage;

/// <param name="Sequence">The sequence number of the requesting event; 0: none, because the message that requests it is a dead letter.</param>
/// <param name="Status">As <c>GET /notifications</c> shows it.</param>
/// <param name="Reason">Why it was suppressed, failed or is waiting.</param>
/// <param name="DigestedIn">The digest that contained it when its schedule opened.</param>
public sealed record DescribedDelivery(
    string NotificationId, long Sequence, string Status, string? Reason, IReadOnlyList<DescribedReceiver> Receivers,
    IReadOnlyList<DescribedAttempt> Attempts,
    string? ReplayOf, string? ResentAs, string? DigestedIn)
{
    /// <summary>It came after a later one of its alarm had been sent: the notification of those of its receivers who had not got that one. Null:
    /// there is none.</summary>
    public DescribedDelivery? Others { get; init; }
}

/// <param name="PlatformCode">The platform's result code.</param>
public sealed record DescribedReceiver(Receiver Receiver, string Outcome, string? PlatformCode);

/// <param name="StartedSequence">The sequence number of the event stored before the request was sent.</param>
/// <param name="EndedSequence">The sequence number of the event that records the outcome; null while there is none.</param>
/// <param name="MergedInto">The notification whose message contained it.</param>
public sealed record DescribedAttempt(
    int Number, long StartedSequence, DateTimeOffset StartedAt, long? EndedSequence, DateTimeOffset? EndedAt, string Outcome, string? PlatformCode,
    string? PlatformMessage, string? MergedInto);
