using System.Diagnostics;
using Notify.Channels.Sending;
using Notify.Kernel;

namespace Notify.Delivery.Outcomes;

/// <summary>Metrics of attempts and their outcomes.</summary>
internal static class AttemptMetrics
{
    private static readonly GuardedCounter attempts = Telemetry.Counter(
        "notify.delivery.attempts", "{attempt}", "Ended attempts by outcome; a merged message counts once for each notification.");

    private static readonly GuardedHistogram<double> duration = Telemetry.Histogram(
        "notify.delivery.duration", "s", "From accepting the alarm to the platform's confirmation.", Telemetry.Durations);

    public static void Attempted(AttemptResult result, bool isTriedAgain, DateTimeOffset now)
    {
        if (attempts.Enabled || duration.Enabled) Telemetry.Observe((result, isTriedAgain, now), x => Record(x.result, x.isTriedAgain, x.now));
    }

    private static void Record(AttemptResult result, bool isTriedAgain, DateTimeOffset now)
    {
        var channel = result.Work.Request.ChannelType;
        attempts.Add(1, new TagList { { "channel", channel }, { "outcome", NameOf(result.Outcome.Class) }, { "retry", isTriedAgain } });
        // A replay concerns an alarm that was accepted long ago, and its id does not contain that time.
        if (result is { Outcome.Class: OutcomeClass.Ok or OutcomeClass.Partial, Work.Request.ReplayId: null }
            && Ids.TimeOf(result.Work.Id) is { } accepted)
            duration.Record(Math.Max(0, (now - accepted).TotalSeconds), new TagList { { "channel", channel } });
    }

    private static string NameOf(OutcomeClass outcome) => outcome.ToString().ToLowerInvariant();
}
