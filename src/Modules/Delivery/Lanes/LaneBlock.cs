using Notify.Channels.Sending;

namespace Notify.Delivery.Lanes;

/// <summary>
/// Nothing can be sent on a lane until somebody fixes a setting: the secret is wrong, the address is not trusted, the receiver is gone. Its work is
/// held. At intervals the most urgent held notification is tried; the lane continues when one succeeds, or a test send does.
/// </summary>
public sealed record LaneBlock(DateTimeOffset Since, string? PlatformCode, string? PlatformMessage, string? EgressIp)
{
    /// <summary>When it is tried next.</summary>
    public DateTimeOffset ProbeAt { get; init; }

    /// <summary>How often it was tried in vain since it began.</summary>
    public int Probes { get; init; }

    /// <summary>When the store had it for certain; null: not yet. What was read from the store before that says nothing about it.</summary>
    public DateTimeOffset? RecordedAt { get; init; }

    /// <summary>Whether the same must be fixed. The words beside a code may differ at each request.</summary>
    public bool HasCauseOf(LaneBlock other) =>
        (PlatformCode, EgressIp) == (other.PlatformCode, other.EgressIp) && (PlatformCode is not null || PlatformMessage == other.PlatformMessage);

    public static LaneBlock Of(SendOutcome outcome, DateTimeOffset now) => new(now, outcome.PlatformCode, outcome.PlatformMessage, outcome.EgressIp);
}
