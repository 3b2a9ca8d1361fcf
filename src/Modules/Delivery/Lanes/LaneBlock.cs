using Notify.Channels.Sending;

namespace Notify.Delivery.Lanes;

/// <summary>Nothing can be sent on a lane until somebody fixes a setting: the secret is wrong, the address is not trusted, the receiver was removed.
/// Its work is held. At intervals the most urgent held notification is tried; the lane continues when one succeeds, or a test send does.</summary>
public sealed record LaneBlock(DateTimeOffset Since, string? PlatformCode, string? PlatformMessage, string? EgressIp)
{
    /// <summary>When the lane is tried next.</summary>
    public DateTimeOffset ProbeAt { get; init; }

    /// <summary>How many trials have failed since the block began.</summary>
    public int Probes { get; init; }

    /// <summary>Since when the store certainly has the block; null: not yet. Data read from the store before then says nothing about it.</summary>
    public DateTimeOffset? RecordedAt { get; init; }

    /// <summary>Whether the cause is the same. The platform's words beside a code may differ at each request.</summary>
    public bool HasCauseOf(LaneBlock other) =>
        (PlatformCode, EgressIp) == (other.PlatformCode, other.EgressIp) && (PlatformCode is not null || PlatformMessage == other.PlatformMessage);

    public static LaneBlock Of(SendOutcome outcome, DateTimeOffset now) => new(now, outcome.PlatformCode, outcome.PlatformMessage, outcome.EgressIp);
}
