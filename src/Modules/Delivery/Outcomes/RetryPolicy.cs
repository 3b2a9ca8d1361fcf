using Notify.Channels.Sending;
using Notify.Delivery.Lanes;

namespace Notify.Delivery.Outcomes;

/// <summary>Whether and when an attempt is retried. Temporary faults are retried for about an hour and a half, long enough for an outage of a
/// firewall or a platform; after that somebody should look.</summary>
public static class RetryPolicy
{
    public const int MaxTries = 16;
    public static readonly TimeSpan MaxAge = TimeSpan.FromHours(24);
    private static readonly TimeSpan firstDelay = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan longestDelay = TimeSpan.FromMinutes(10);

    /// <param name="tries">The number of attempts so far that count, including this one if it does.</param>
    /// <param name="unknowns">The number of attempts so far that may have arrived although no success was reported, including this one.</param>
    /// <param name="repeatIsSafe">The platform drops a repeated request.</param>
    /// <param name="jitter">0 to 1.</param>
    /// <returns>The time of the retry; null: none.</returns>
    public static DateTimeOffset? RetryAt(
        SendOutcome outcome, int tries, int unknowns, bool repeatIsSafe, DateTimeOffset requestedAt, DateTimeOffset now, double jitter)
    {
        // The platform has accepted it: asking what became of it sends nothing, however long it waited for its turn before.
        if (outcome.Class != OutcomeClass.Accepted && now - requestedAt > MaxAge) return null;
        // One blind retry if the message might be seen twice; more if the platform drops repeated requests.
        var blind = repeatIsSafe ? 4 : 1;
        return outcome.Class switch
        {
            OutcomeClass.Rate => now + (outcome.RetryAfter ?? RateWait.Usual),
            // The notification itself is fine: it is held on its blocked lane, and sent when the lane is mended.
            OutcomeClass.Configuration => now,
            OutcomeClass.Retry when HasProbablyArrived(outcome) && !repeatIsSafe && unknowns > blind => null,
            OutcomeClass.Retry or OutcomeClass.Accepted when tries < (outcome.MostTries ?? MaxTries) =>
                now + Max(outcome.RetryAfter, Delay(tries, jitter)),
            OutcomeClass.Unknown when unknowns <= blind => now + Delay(unknowns, jitter),
            _ => null,
        };
    }

    /// <summary>Whether it got as far as the platform: an answer of success was cut or replaced, or a gateway waited for it in vain (504). Other
    /// failures of a gateway mostly mean that it did not, and for an alarm silence is worse than a second copy, which is marked.</summary>
    internal static bool HasProbablyArrived(SendOutcome outcome) => outcome is { MayHaveArrived: true, HttpStatus: null or < 300 or 504 };

    /// <summary>Exponential, with random jitter over the upper half, so that attempts that failed together are not retried together.</summary>
    private static TimeSpan Delay(int tries, double jitter)
    {
        var ceiling = TimeSpan.FromTicks(Math.Min(longestDelay.Ticks, firstDelay.Ticks << Math.Min(tries - 1, 16)));
        return (ceiling / 2) + (ceiling / 2 * jitter);
    }

    private static TimeSpan Max(TimeSpan? a, TimeSpan b) => a > b ? a.Value : b;
}
