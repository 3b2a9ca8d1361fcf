using Notify.Channels.Sending;

namespace Notify.Delivery.Lanes;

/// <summary>How long a lane waits after the platform said that it is too fast.</summary>
public static class RateWait
{
    /// <summary>Where the platform does not say how long: its minute, and a second.</summary>
    public static readonly TimeSpan Usual = TimeSpan.FromSeconds(61);
    private static readonly TimeSpan longest = TimeSpan.FromHours(1);
    private static readonly TimeSpan minute = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Where a longer quota may be exhausted, asking again does not help: from the second refusal in a row on, such a lane waits twice as long each
    /// time, an hour at most.
    /// </summary>
    /// <param name="grows">The lane has such a quota (<see cref="LaneLimits.WaitGrows"/>).</param>
    /// <param name="refusals">In a row, this one included.</param>
    public static TimeSpan Of(SendOutcome outcome, bool grows, int refusals)
    {
        var asked = outcome.RetryAfter ?? Usual;
        return !grows || asked < minute
            ? asked : TimeSpan.FromTicks(Math.Max(asked.Ticks, Math.Min(longest.Ticks, asked.Ticks << Math.Min(refusals - 1, 10))));
    }
}
