using Notify.Channels.Receivers;
using Notify.Contracts.Rules;

namespace Notify.Channels.Sending;

/// <summary>What the platform takes on one lane, for each of its members. 0: no limit.</summary>
/// <param name="PerDay">For all members together, one for each that a message goes to.</param>
public sealed record LaneLimits(int PerMinute, int PerHour, int PerDay)
{
    public static readonly LaneLimits None = new(0, 0, 0);

    public bool Any => PerMinute > 0 || PerHour > 0 || PerDay > 0;

    /// <summary>The offset of the clock on which the platform's day begins.</summary>
    public TimeSpan DayOffset { get; init; }

    /// <summary>The kind of receivers that are its members; null: the lane is counted as one (<see cref="Audience.Lane"/>).</summary>
    public ReceiverKind? Members { get; init; }

    /// <summary>Its requests leave one after the other, so that they arrive in order.</summary>
    public bool InOrder { get; init; }

    /// <summary>After repeated refusals for its rate it waits twice as long each time, since a longer quota may be exhausted.</summary>
    public bool WaitGrows { get; init; }

    /// <summary>The platform drops a request that it has seen before.</summary>
    public bool RepeatIsSafe { get; init; }

    /// <summary>How long a lane that is blocked by a setting waits before it is tried for the first time. More than zero.</summary>
    public TimeSpan ProbeInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>A member's key, as receivers are told apart; null for a lane that is counted as one.</summary>
    public string? KeyOf(string member) => Members is null ? null : ReceiverKey.Of(Members.Named(member));
}
