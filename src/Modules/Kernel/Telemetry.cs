using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Notify.Kernel;

/// <summary>
/// Notify's own metrics and traces. Names follow OpenTelemetry's conventions; labels never contain secrets, texts or people. Metrics that nobody
/// collects cost almost nothing.
/// <para>Observing must never make the observed work fail: listeners run within it, and exceptions from them or from a gauge's callback are counted
/// and swallowed. Therefore instruments and spans are created only here (<c>tests/Architecture</c>).</para>
/// </summary>
public static class Telemetry
{
    public const string Name = "Notify";

    /// <summary>Seconds, from a fast answer to a night without a database.</summary>
    public static readonly InstrumentAdvice<double> Durations =
        new() { HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600] };

    private static readonly ActivitySource source = new(Name);
    private static readonly Meter meter = new(Name);
    private static long faults;

    static Telemetry() => meter.CreateObservableCounter(
        "notify.observer.faults", () => Faults, "{fault}", "Metrics, spans and log lines lost because observing itself failed.");

    /// <summary>The number of failed observations since the start.</summary>
    public static long Faults => Volatile.Read(ref faults);

    /// <summary>The source under which Wolverine traces the messages it handles.</summary>
    public const string Messages = "Wolverine";

    private static readonly Lazy<ActivityListener> messages = new(() =>
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == Messages,
            // Messages within a request belong to its trace; nothing is collected, so this costs only an id.
            Sample = (ref ActivityCreationOptions<ActivityContext> _) =>
                Activity.Current is null ? ActivitySamplingResult.PropagationData : ActivitySamplingResult.None,
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    });

    /// <summary>Gives every handled message a trace id for the log, even if nobody collects traces.</summary>
    public static void TraceMessages() => _ = messages.Value;

    /// <summary>The current span as W3C <c>traceparent</c>, to be stored with work that outlives it; null if it is not recorded.</summary>
    public static string? TraceParent => Activity.Current is { Recorded: true } activity ? activity.Id : null;

    /// <summary>Runs an observation; exceptions are counted and swallowed.</summary>
    public static void Observe<T>(T what, Action<T> how)
    {
        try
        {
            how(what);
        }
        catch (Exception)
        {
            CountFault();
        }
    }

    public static GuardedCounter Counter(string name, string unit, string description) => new(meter.CreateCounter<long>(name, unit, description));

    public static GuardedHistogram<T> Histogram<T>(string name, string unit, string description, InstrumentAdvice<T> advice)
        where T : struct => new(meter.CreateHistogram(name, unit, description, advice: advice));

    /// <summary>Continues a trace in work that was begun elsewhere: by another node, or before a restart. Dispose of the span to end it; null if
    /// nobody listens.</summary>
    public static TraceSpan? Continue(string name, string? traceParent, IEnumerable<string?> alsoOf)
    {
        var outer = Activity.Current;
        try
        {
            if (!source.HasListeners()) return null;
            _ = ActivityContext.TryParse(traceParent, null, isRemote: true, out var parent);
            var links = new List<ActivityLink>();
            foreach (var other in alsoOf)
                if (ActivityContext.TryParse(other, null, isRemote: true, out var context)) links.Add(new ActivityLink(context));
            return source.StartActivity(name, ActivityKind.Internal, parent, links: links.Count > 0 ? links : null) is { } activity
                ? new(activity, outer) : null;
        }
        catch (Exception)
        {
            CountFault();
            Activity.Current = outer;
            return null;
        }
    }

    /// <summary>Counts a fault that does not pass through <see cref="Observe{T}"/>.</summary>
    public static void CountFault() => Interlocked.Increment(ref faults);
}

/// <summary>Gauges of what a host holds. They end with it; on the process's own meter they would keep every ended host in memory.</summary>
public sealed class Gauges(IMeterFactory meters)
{
    /// <param name="read">Called when metrics are collected.</param>
    public void Add<T>(string name, Func<IEnumerable<Measurement<T>>> read, string? unit, string description)
        where T : struct => meters.Create(Telemetry.Name).CreateObservableGauge(name, () => Read(read), unit, description);

    /// <inheritdoc cref="Add{T}(string, Func{IEnumerable{Measurement{T}}}, string, string)"/>
    public void Add<T>(string name, Func<T> read, string? unit, string description)
        where T : struct => Add(name, IEnumerable<Measurement<T>> () => [new(read())], unit, description);

    private static IReadOnlyList<Measurement<T>> Read<T>(Func<IEnumerable<Measurement<T>>> read)
        where T : struct
    {
        try
        {
            return [.. read()];
        }
        catch (Exception)
        {
            Telemetry.CountFault();
            return [];
        }
    }
}

/// <summary>A counter that never throws; see <see cref="Telemetry"/>.</summary>
public sealed class GuardedCounter(Counter<long> counter)
{
    public bool Enabled => counter.Enabled;

    public void Add(long count, in TagList tags)
    {
        try
        {
            counter.Add(count, tags);
        }
        catch (Exception)
        {
            Telemetry.CountFault();
        }
    }
}

/// <summary>A histogram that never throws; see <see cref="Telemetry"/>.</summary>
public sealed class GuardedHistogram<T>(Histogram<T> histogram)
    where T : struct
{
    public bool Enabled => histogram.Enabled;

    public void Record(T value, in TagList tags)
    {
        try
        {
            histogram.Record(value, tags);
        }
        catch (Exception)
        {
            Telemetry.CountFault();
        }
    }
}

/// <summary>A span that never throws; see <see cref="Telemetry"/>.</summary>
public sealed class TraceSpan(Activity activity, Activity? outer) : IDisposable
{
    public TraceSpan Tag(string name, object? value)
    {
        Telemetry.Observe((activity, name, value), x => x.activity.SetTag(x.name, x.value));
        return this;
    }

    /// <param name="why">One word.</param>
    public void Fail(string why) => Telemetry.Observe((activity, why), x => x.activity.SetStatus(ActivityStatusCode.Error, x.why));

    public void Dispose()
    {
        try
        {
            activity.Dispose();
        }
        catch (Exception)
        {
            // If a listener throws, the span does not restore its parent.
            Telemetry.CountFault();
            Activity.Current = outer;
        }
    }
}
