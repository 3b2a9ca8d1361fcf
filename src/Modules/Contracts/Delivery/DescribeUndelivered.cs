using Wolverine.Attributes;

namespace Notify.Contracts.Delivery;

/// <summary>Asks the Delivery module which of these notifications did not arrive everywhere, or were held, and when.</summary>
[MessageIdentity("notify.delivery.describe-undelivered.v1")]
public sealed record DescribeUndelivered(IReadOnlyList<string> NotificationIds) : BusMessage;

/// <summary>Those that reached all of their receivers and were not held are omitted.</summary>
[MessageIdentity("notify.delivery.undelivered-described.v1")]
public sealed record UndeliveredDescribed(IReadOnlyList<DescribedUndelivered> Notifications) : BusMessage;

/// <param name="FailedAt">When it failed for good, or reached only some of its receivers; null: it did not.</param>
/// <param name="Reason">Why it failed, or whom it has not reached; null when it did not, or there is no reason.</param>
/// <param name="Unsent">Notify itself failed before it asked the platform.</param>
/// <param name="Holds">When a blocked lane held it, in order.</param>
public sealed record DescribedUndelivered(
    string NotificationId, DateTimeOffset? FailedAt, string? Reason, bool Unsent, IReadOnlyList<DescribedHold> Holds)
{
    /// <summary>It reached some of its receivers.</summary>
    public bool IsPartly { get; init; }

    /// <summary>For one that reached some of its receivers: the keys of those that it has not reached. Null: the platform named others, who belong to
    /// them.</summary>
    public IReadOnlyList<string>? Missed { get; init; }
}

/// <param name="From">When it was requested, or the lane was blocked; the later of both.</param>
/// <param name="To">When the lane continued, or the notification ended; null: it is still held.</param>
/// <param name="Reason">The platform's code and message with which the block began; null if there is neither.</param>
public sealed record DescribedHold(DateTimeOffset From, DateTimeOffset? To, string? Reason)
{
    /// <summary>Other reasons that the platform gave while the block lasted, in order.</summary>
    public IReadOnlyList<DescribedReason> Changes { get; init; } = [];
}

public sealed record DescribedReason(DateTimeOffset Since, string? Reason);
