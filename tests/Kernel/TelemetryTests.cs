using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;

namespace Notify.Kernel.Tests;

/// <summary>What observes never fails what it observes.</summary>
public sealed class TelemetryTests
{
    private const string Prefix = "notify.test.";

    [Fact]
    public void a_listener_that_throws_is_counted_and_nobody_s_fault()
    {
        var heard = 0;
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, me) =>
            {
                if (instrument.Name.StartsWith(Prefix, StringComparison.Ordinal)) me.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>(Throw);
        listener.SetMeasurementEventCallback<double>(Throw);
        listener.Start();
        var counter = Telemetry.Counter($"{Prefix}count", "{item}", "");
        var histogram = Telemetry.Histogram($"{Prefix}duration", "s", "", Telemetry.Durations);
        var before = Telemetry.Faults;

        counter.Add(1, new TagList { { "a", 1 } });
        histogram.Record(1.5, new TagList { { "a", 1 } });

        heard.Should().Be(2);
        Telemetry.Faults.Should().BeGreaterThanOrEqualTo(before + 2);

        void Throw<T>(Instrument instrument, T measurement, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
        {
            heard++;
            throw new InvalidOperationException("an observer");
        }
    }

    [Fact]
    public void a_figure_that_cannot_be_read_is_missing_and_the_others_are_there()
    {
        var read = new List<(string Name, long Value)>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, me) =>
            {
                if (instrument.Name.StartsWith(Prefix, StringComparison.Ordinal)) me.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => read.Add((instrument.Name, value)));
        listener.Start();
        using var host = new ServiceCollection().AddMetrics().AddSingleton<Gauges>().BuildServiceProvider();
        var gauges = host.GetRequiredService<Gauges>();
        gauges.Add<long>($"{Prefix}broken", long () => throw new InvalidOperationException("a figure"), null, "");
        gauges.Add($"{Prefix}half", () =>
            Enumerable.Range(0, 2).Select(i => new Measurement<long>(i == 0 ? 7 : throw new InvalidOperationException("a figure"))), null, "");
        gauges.Add($"{Prefix}whole", () => 7L, null, "");

        listener.RecordObservableInstruments();

        read.Should().Equal(($"{Prefix}whole", 7L));

        host.Dispose();
        listener.RecordObservableInstruments();
        read.Should().HaveCount(1, "a gauge ends with its host");
    }

    [Fact]
    public void a_span_whose_listener_throws_is_left_as_it_was_entered()
    {
        using var outer = new Activity("outer").Start();
        foreach (var (sample, start, stop) in new[] { (true, false, false), (false, true, false), (false, false, true) })
        {
            // Only for those of this test: listeners are the process's.
            var mine = Guid.NewGuid().ToString("N");
            using var listener = new ActivityListener
            {
                ShouldListenTo = source => source.Name == Telemetry.Name,
                Sample = (ref ActivityCreationOptions<ActivityContext> options) =>
                    options.Name != mine
                        ? ActivitySamplingResult.None : sample
                        ? throw new InvalidOperationException("a sampler") : ActivitySamplingResult.AllDataAndRecorded,
                ActivityStarted = activity => ThrowIf(start && activity.OperationName == mine),
                ActivityStopped = activity => ThrowIf(stop && activity.OperationName == mine),
            };
            ActivitySource.AddActivityListener(listener);
            var before = Telemetry.Faults;

            using (var span = Telemetry.Continue(mine, null, [])) span?.Tag("a", 1).Fail("why");

            Telemetry.Faults.Should().BeGreaterThan(before);
            Activity.Current.Should().BeSameAs(outer);
        }

        static void ThrowIf(bool now)
        {
            if (now) throw new InvalidOperationException("an observer");
        }
    }
}
