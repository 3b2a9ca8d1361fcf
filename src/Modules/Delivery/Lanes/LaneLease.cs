namespace Notify.Delivery.Lanes;

/// <summary>
/// How long this node's lanes are its own, and when it claims again. It goes by the time since the process began, because a clock may be set, and by
/// the clock too, because a machine that slept may only know it by that. Not safe for several threads.
/// </summary>
internal sealed class LaneLease(TimeProvider time)
{
    private static readonly TimeSpan soon = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan smallestSetBack = TimeSpan.FromSeconds(5);

    private readonly long began = time.GetTimestamp();
    private DateTimeOffset beganAt = time.GetUtcNow();
    private TimeSpan nextClaim;
    private TimeSpan lastClaim;
    private TimeSpan ends;
    private DateTimeOffset endsAt;

    public TimeSpan Uptime => time.GetElapsedTime(began);

    public bool MustClaim => Uptime >= nextClaim;

    public TimeSpan UntilClaim => nextClaim - Uptime;

    /// <summary>Measured from before it was asked for, it is never thought longer than it is.</summary>
    public bool Holds(DateTimeOffset now) => Uptime < ends && now < endsAt;

    public void ClaimNow() => nextClaim = default;

    /// <summary>But not at every occasion.</summary>
    public void ClaimSoon()
    {
        if (lastClaim + soon < nextClaim) nextClaim = lastClaim + soon;
    }

    /// <param name="asked">Before the store was asked.</param>
    /// <param name="askedAt">The same, as <see cref="Uptime"/>.</param>
    public void Renewed(DateTimeOffset asked, TimeSpan askedAt, TimeSpan lease, TimeSpan renewal) =>
        (ends, endsAt, nextClaim, lastClaim) = (askedAt + lease, asked + lease, Uptime + renewal, Uptime);

    public void End() => endsAt = default;

    /// <returns>By how much the clock was set back since it was last asked; zero when it was hardly, or ahead.</returns>
    public TimeSpan SetBack()
    {
        var before = beganAt;
        beganAt = time.GetUtcNow() - Uptime;
        return before - beganAt is var back && back < smallestSetBack ? TimeSpan.Zero : back;
    }
}
