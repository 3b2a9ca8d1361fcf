using Notify.Channels.Receivers;
using Notify.Contracts.Rules;

namespace Notify.Channels.Sending;

/// <summary>The platform's limits of one lane, for each of its members. 0: no limit.</summary>
/// <param name="PerDay">The limit of all members together, counted once for each recipient of a message.</param>
public sealed record LaneLimits(int PerMinute, int PerHour, int PerDay)
{
    public static readonly LaneLimits None = new(0, 0, 0);

    public bool Any => PerMinute > 0 || PerHour > 0 || PerDay > 0;

    /// <summary>The UTC offset of the clock by which the platform's day begins.</summary>
    public TimeSpan DayOffset { get; init; }

    /// <summary>The kind of receivers that are its members; null: the lane is counted as a whole (<see cref="Audience.Lane"/>).</summary>
    public ReceiverKind? Members { get; init; }

    /// <summary>Whether its requests are sent one after the other, so that they arrive in order.</summary>
    public bool InOrder { get; init; }

    /// <summary>Whether the wait doubles with each further rate refusal, since a longer quota may be exhausted.</summary>
    public bool WaitGrows { get; init; }

    /// <summary>Whether the platform drops a request that it has seen before.</summary>
    public bool RepeatIsSafe { get; init; }

    /// <summary>How long a lane blocked by a configuration fault waits before the first probe. More than zero.</summary>
    public TimeSpan ProbeInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The key of a member as a receiver; null for a lane that is counted as a whole.</summary>
    public string? KeyOf(string member) => Members is null ? null : ReceiverKey.Of(Members.Named(member));
}
