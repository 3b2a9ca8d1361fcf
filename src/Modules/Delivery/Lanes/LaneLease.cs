namespace Notify.Delivery.Lanes;

/// <summary>How long this node's lanes are its own, and when it claims again. It uses the time since the process began, since a clock may be set, and
/// also the clock, since after a machine's sleep only that may show the elapsed time. Not thread-safe.</summary>
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

    /// <summary>The lease is measured from before it was requested, so it is never assumed to last longer than it does.</summary>
    public bool Holds(DateTimeOffset now) => Uptime < ends && now < endsAt;

    public void ClaimNow() => nextClaim = default;

    /// <summary>Claims soon, but at most once every 500 ms.</summary>
    public void ClaimSoon()
    {
        if (lastClaim + soon < nextClaim) nextClaim = lastClaim + soon;
    }

    /// <param name="asked">The time before the store was asked.</param>
    /// <param name="askedAt">The same as an <see cref="Uptime"/>.</param>
    public void Renewed(DateTimeOffset asked, TimeSpan askedAt, TimeSpan lease, TimeSpan renewal) =>
        (ends, endsAt, nextClaim, lastClaim) = (askedAt + lease, asked + lease, Uptime + renewal, Uptime);

    public void End() => endsAt = default;

    /// <returns>By how much the clock was set back since the last call; zero if less than 5 s, or if it was set forward.</returns>
    public TimeSpan SetBack()
    {
        var before = beganAt;
        beganAt = time.GetUtcNow() - Uptime;
        return before - beganAt is var back && back < smallestSetBack ? TimeSpan.Zero : back;
    }
}
