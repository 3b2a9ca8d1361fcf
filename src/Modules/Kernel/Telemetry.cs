using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Notify.Kernel;

/// <summary>
/// Notify's own metrics and traces. Names follow OpenTelemetry's conventions; labels never hold secrets, texts or people. What nobody collects costs
/// next to nothing.
/// </summary>
public static class Telemetry
{
    public const string Name = "Notify";

    /// <summary>Seconds, from a fast answer to a night without a database.</summary>
    public static readonly InstrumentAdvice<double> Durations =
        new() { HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600] };

    public static readonly ActivitySource Source = new(Name);
    public static readonly Meter Meter = new(Name);

    /// <summary>The current span as the W3C's <c>traceparent</c>, to be kept with work that outlives it; null when nobody records it.</summary>
    public static string? TraceParent => Activity.Current is { Recorded: true } activity ? activity.Id : null;

    /// <summary>A span of work that was begun elsewhere: by another node, or before a restart.</summary>
    public static Activity? Continue(string name, string? traceParent, IEnumerable<string?> alsoOf)
    {
        if (!Source.HasListeners()) return null;
        _ = ActivityContext.TryParse(traceParent, null, isRemote: true, out var parent);
        var links = new List<ActivityLink>();
        foreach (var other in alsoOf)
            if (ActivityContext.TryParse(other, null, isRemote: true, out var context)) links.Add(new ActivityLink(context));
        return Source.StartActivity(name, ActivityKind.Internal, parent, links: links.Count > 0 ? links : null);
    }
}
