using System.Diagnostics;
using System.Diagnostics.Metrics;
using Notify.Delivery.Channels;
using Notify.Delivery.Lanes;
using Notify.Kernel;

namespace Notify.Delivery;

/// <summary>What leaves, and how it ends.</summary>
internal static class DeliveryMetrics
{
    private static readonly Counter<long> attempts = Telemetry.Meter.CreateCounter<long>(
        "notify.delivery.attempts", "{attempt}", "Attempts that ended, by outcome; of a merged message one for each notification.");

    private static readonly Histogram<double> duration = Telemetry.Meter.CreateHistogram(
        "notify.delivery.duration", "s", "From the alarm's acceptance to the platform's yes.", advice: Telemetry.Durations);

    /// <summary>Of the lanes that this node serves.</summary>
    public static void Observe(HeldLanes lanes)
    {
        Telemetry.Meter.CreateObservableGauge("notify.lane.held", () => lanes.Count, "{lane}", "Lanes that this node serves.");
        Telemetry.Meter.CreateObservableGauge(
            "notify.lane.pace.left", () => lanes.PaceLeft().Select(x => new Measurement<int>(x.Messages, new KeyValuePair<string, object?>("lane", x.Lane))),
            "{message}", "Messages that the platform would take now from a lane with a limit.");
        Telemetry.Meter.CreateObservableGauge(
            "notify.lane.day.left", () => lanes.DayLeft().Select(x => new Measurement<int>(x.Persons, new KeyValuePair<string, object?>("lane", x.Lane))),
            "{send}", "Person-sends left of an app's quota of the day (Notify:WeCom:AppLimitPerDay).");
    }

    public static void Attempted(AttemptResult result, bool isTriedAgain, DateTimeOffset now)
    {
        if (!attempts.Enabled && !duration.Enabled) return;
        var channel = result.Work.Request.ChannelType;
        attempts.Add(1, new TagList { { "channel", channel }, { "outcome", NameOf(result.Outcome.Class) }, { "retry", isTriedAgain } });
        if (result.Outcome.Class is OutcomeClass.Ok or OutcomeClass.Partial && Ids.TimeOf(result.Work.Id) is { } accepted)
            duration.Record(Math.Max(0, (now - accepted).TotalSeconds), new TagList { { "channel", channel } });
    }

    private static string NameOf(OutcomeClass outcome) => outcome.ToString().ToLowerInvariant();
}
