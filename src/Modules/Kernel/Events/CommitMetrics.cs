using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Notify.Kernel.Events;

internal static class CommitMetrics
{
    private static readonly Histogram<int> items = Telemetry.Meter.CreateHistogram(
        "notify.commit.items", "{item}", "Items that one transaction put on disk together.",
        advice: new InstrumentAdvice<int> { HistogramBucketBoundaries = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000] });

    private static readonly Histogram<double> duration = Telemetry.Meter.CreateHistogram(
        "notify.commit.duration", "s", "How long such a transaction took.", advice: Telemetry.Durations);

    public static void Record(string writer, int count, TimeSpan took)
    {
        var tags = new TagList { { "writer", writer } };
        items.Record(count, tags);
        duration.Record(took.TotalSeconds, tags);
    }
}
