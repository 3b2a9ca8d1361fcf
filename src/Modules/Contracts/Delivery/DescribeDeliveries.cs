using Wolverine.Attributes;

namespace Notify.Contracts.Delivery;

/// <summary>Asked of the Delivery module: what became of these notifications?</summary>
[MessageIdentity("notify.delivery.describe-deliveries.v1")]
public sealed record DescribeDeliveries(IReadOnlyList<string> NotificationIds) : BusMessage;

/// <summary>What does not exist is left out.</summary>
[MessageIdentity("notify.delivery.deliveries-described.v1")]
public sealed record DeliveriesDescribed(IReadOnlyList<DescribedDelivery> Deliveries) : BusMessage;

/// <param name="Sequence">Of the event that asked for it; 0: it is not on record, since the message that asks for it was put aside.</param>
/// <param name="Status">As <c>GET /notifications</c> shows it.</param>
/// <param name="Reason">Why it was suppressed, has failed or waits.</param>
/// <param name="DigestedIn">The notification that told of it after all, when its schedule had opened.</param>
public sealed record DescribedDelivery(
    string NotificationId, long Sequence, string Status, string? Reason, IReadOnlyList<DescribedReceiver> Receivers, IReadOnlyList<DescribedAttempt> Attempts,
    string? ReplayOf, string? ResentAs, string? DigestedIn);

/// <param name="PlatformCode">A code, or the platform's list that named the account (<c>invaliduser</c>).</param>
public sealed record DescribedReceiver(string Kind, string? Alias, string? Account, string Outcome, string? PlatformCode);

/// <param name="StartedSequence">Of the event that was on disk before the request left.</param>
/// <param name="EndedSequence">Of the event that records the outcome; null while there is none.</param>
/// <param name="MergedInto">The notification in whose message it went.</param>
public sealed record DescribedAttempt(
    int Number, long StartedSequence, DateTimeOffset StartedAt, long? EndedSequence, DateTimeOffset? EndedAt, string Outcome, int? PlatformCode,
    string? PlatformMessage, string? MergedInto);
