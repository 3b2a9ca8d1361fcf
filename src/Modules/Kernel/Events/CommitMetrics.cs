using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Notify.Kernel.Events;

internal static class CommitMetrics
{
    private static readonly GuardedHistogram<int> items = Telemetry.Histogram(
        "notify.commit.items", "{item}", "Items committed together in one transaction.",
        new InstrumentAdvice<int> { HistogramBucketBoundaries = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000] });

    private static readonly GuardedHistogram<double> duration = Telemetry.Histogram(
        "notify.commit.duration", "s", "Duration of such a transaction.", Telemetry.Durations);

    public static void Record(string writer, int count, TimeSpan took)
    {
        var tags = new TagList { { "writer", writer } };
        items.Record(count, tags);
        duration.Record(took.TotalSeconds, tags);
    }
}
