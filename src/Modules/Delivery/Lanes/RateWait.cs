using Notify.Channels.Sending;

namespace Notify.Delivery.Lanes;

/// <summary>How long a lane waits after the platform refused because of its rate limit.</summary>
public static class RateWait
{
    /// <summary>Used if the platform does not say how long: a minute, and one second as a margin.</summary>
    public static readonly TimeSpan Usual = TimeSpan.FromSeconds(61);
    private static readonly TimeSpan longest = TimeSpan.FromHours(1);
    private static readonly TimeSpan minute = TimeSpan.FromMinutes(1);

    /// <summary>If a quota over a longer period may be exhausted, frequent retries do not help: from the second refusal in a row on, such a lane
    /// waits twice as long each time, up to an hour.</summary>
    /// <param name="grows">The lane has such a quota (<see cref="LaneLimits.WaitGrows"/>).</param>
    /// <param name="refusals">Refusals in a row, including this one.</param>
    public static TimeSpan Of(SendOutcome outcome, bool grows, int refusals)
    {
        var asked = outcome.RetryAfter ?? Usual;
        return !grows || asked < minute
            ? asked : TimeSpan.FromTicks(Math.Max(asked.Ticks, Math.Min(longest.Ticks, asked.Ticks << Math.Min(refusals - 1, 10))));
    }
}
