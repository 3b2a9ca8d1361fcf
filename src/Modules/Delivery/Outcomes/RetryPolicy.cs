using Notify.Channels.Sending;
using Notify.Delivery.Lanes;

namespace Notify.Delivery.Outcomes;

/// <summary>
/// The consequence of an attempt's outcome. Temporary faults are retried for an hour and a half: long enough for an outage of a firewall or a
/// platform; after that somebody should look.
/// </summary>
public static class RetryPolicy
{
    public const int MaxTries = 16;
    public static readonly TimeSpan MaxAge = TimeSpan.FromHours(24);
    private static readonly TimeSpan firstDelay = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan longestDelay = TimeSpan.FromMinutes(10);

    /// <param name="tries">Attempts so far that count, this one included if it counts.</param>
    /// <param name="unknowns">Attempts so far whose outcome nobody knows, this one included.</param>
    /// <param name="repeatIsSafe">The platform drops a request it has seen before.</param>
    /// <param name="jitter">0 to 1.</param>
    /// <returns>When to try again; null: not again.</returns>
    public static DateTimeOffset? RetryAt(
        SendOutcome outcome, int tries, int unknowns, bool repeatIsSafe, DateTimeOffset requestedAt, DateTimeOffset now, double jitter)
    {
        if (now - requestedAt > MaxAge) return null;
        return outcome.Class switch
        {
            OutcomeClass.Rate => now + (outcome.RetryAfter ?? RateWait.Usual),
            // Nothing is wrong with the notification: it is held with its lane, and leaves when that is fixed.
            OutcomeClass.Configuration => now,
            OutcomeClass.Retry or OutcomeClass.Accepted when tries < (outcome.MostTries ?? MaxTries) =>
                now + Max(outcome.RetryAfter, Delay(tries, jitter)),
            // One blind repeat where it might be seen twice; more where the platform drops what it has seen.
            OutcomeClass.Unknown when unknowns <= (repeatIsSafe ? 4 : 1) => now + Delay(unknowns, jitter),
            _ => null,
        };
    }

    /// <summary>Exponential, with full jitter over the upper half, so that many that failed together do not come back together.</summary>
    private static TimeSpan Delay(int tries, double jitter)
    {
        var ceiling = TimeSpan.FromTicks(Math.Min(longestDelay.Ticks, firstDelay.Ticks << Math.Min(tries - 1, 16)));
        return (ceiling / 2) + (ceiling / 2 * jitter);
    }

    private static TimeSpan Max(TimeSpan? a, TimeSpan b) => a > b ? a.Value : b;
}
