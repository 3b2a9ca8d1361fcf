using System.Diagnostics;
using System.Diagnostics.Metrics;
using Notify.Delivery.Channels;
using Notify.Delivery.Lanes;
using Notify.Delivery.Outcomes;
using Notify.Kernel;

namespace Notify.Delivery;

/// <summary>What leaves, and how it ends.</summary>
internal static class DeliveryMetrics
{
    /// <summary>Those that have least left; a figure for each of thousands would be most of what is scraped.</summary>
    private const int MostLanes = 50;

    private static readonly GuardedCounter attempts = Telemetry.Counter(
        "notify.delivery.attempts", "{attempt}", "Attempts that ended, by outcome; of a merged message one for each notification.");

    private static readonly GuardedHistogram<double> duration = Telemetry.Histogram(
        "notify.delivery.duration", "s", "From the alarm's acceptance to the platform's yes.", Telemetry.Durations);

    /// <summary>Of the lanes that this node serves.</summary>
    public static void Observe(HeldLanes lanes)
    {
        Telemetry.Gauge("notify.lane.held", () => lanes.Count, "{lane}", "Lanes that this node serves.");
        Telemetry.Gauge(
            "notify.lane.pace.left", () => lanes.PaceLeft().OrderBy(x => x.Messages).Take(MostLanes).Select(x => new Measurement<int>(x.Messages, new KeyValuePair<string, object?>("lane", x.Lane))),
            "{message}", "Messages that the platform would take now from a lane with a limit.");
        Telemetry.Gauge(
            "notify.lane.day.left", () => lanes.DayLeft().OrderBy(x => x.Persons).Take(MostLanes).Select(x => new Measurement<int>(x.Persons, new KeyValuePair<string, object?>("lane", x.Lane))),
            "{send}", "Person-sends left of an app's quota of the day (Notify:WeCom:AppLimitPerDay).");
    }

    public static void Attempted(AttemptResult result, bool isTriedAgain, DateTimeOffset now)
    {
        if (attempts.Enabled || duration.Enabled) Telemetry.Observe((result, isTriedAgain, now), x => Record(x.result, x.isTriedAgain, x.now));
    }

    private static void Record(AttemptResult result, bool isTriedAgain, DateTimeOffset now)
    {
        var channel = result.Work.Request.ChannelType;
        attempts.Add(1, new TagList { { "channel", channel }, { "outcome", NameOf(result.Outcome.Class) }, { "retry", isTriedAgain } });
        // A repeat tells of an alarm that was accepted long ago, and its id is not made of a time.
        if (result is { Outcome.Class: OutcomeClass.Ok or OutcomeClass.Partial, Work.Request.ReplayId: null } && Ids.TimeOf(result.Work.Id) is { } accepted)
            duration.Record(Math.Max(0, (now - accepted).TotalSeconds), new TagList { { "channel", channel } });
    }

    private static string NameOf(OutcomeClass outcome) => outcome.ToString().ToLowerInvariant();
}
