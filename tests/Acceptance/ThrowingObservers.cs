using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Notify.Acceptance.Tests;

/// <summary>What .NET calls in a process before its own <c>Main</c> (<c>DOTNET_STARTUP_HOOKS</c>); it looks for it by this name, outside any
/// namespace.</summary>
#pragma warning disable CA1050, MA0047 // the runtime wants it so
public static class StartupHook
#pragma warning restore CA1050, MA0047
{
    public static void Initialize() => ThrowingObservers.Watch();
}

namespace Notify.Acceptance.Tests
{
    /// <summary>Hears of every measurement and span of Notify and every log line of the process, and throws each time.</summary>
    internal static class ThrowingObservers
    {
        /// <summary>Of libraries the measurements and spans are theirs: what listens to those is the collector's, and does not throw. Log lines are
        /// everyone's.</summary>
        private const string Watched = "Notify";

        private static readonly List<IDisposable> kept = [];

        public static void Watch()
        {
            var meters = new MeterListener
            {
                InstrumentPublished = (
                instrument, me) =>
                { if (instrument.Meter.Name == Watched) me.EnableMeasurementEvents(instrument); }
            };
            meters.SetMeasurementEventCallback<byte>(Throw);
            meters.SetMeasurementEventCallback<short>(Throw);
            meters.SetMeasurementEventCallback<int>(Throw);
            meters.SetMeasurementEventCallback<long>(Throw);
            meters.SetMeasurementEventCallback<float>(Throw);
            meters.SetMeasurementEventCallback<double>(Throw);
            meters.SetMeasurementEventCallback<decimal>(Throw);
            meters.Start();
            var spans = new ActivityListener
            {
                ShouldListenTo = source => source.Name == Watched,
                Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
                ActivityStarted = _ => throw new InvalidOperationException("An observer throws."),
                ActivityStopped = _ => throw new InvalidOperationException("An observer throws."),
            };
            ActivitySource.AddActivityListener(spans);
            kept.AddRange([meters, spans, DiagnosticListener.AllListeners.Subscribe(new Hosts())]);
        }

        private static void Throw<T>(Instrument instrument, T measurement, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state) =>
            throw new InvalidOperationException("An observer throws.");

        /// <summary>Every host tells of itself when it is built.</summary>
        private sealed class Hosts : IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>
        {
            public void OnNext(DiagnosticListener value)
            {
                if (value.Name == "Microsoft.Extensions.Hosting") kept.Add(value.Subscribe(this));
            }

            public void OnNext(KeyValuePair<string, object?> value)
            {
                if (value is { Key: "HostBuilt", Value: IHost host }) ((ILoggerFactory)host.Services.GetService(typeof(ILoggerFactory))!)
                    .AddProvider(new ThrowingLogger());
            }

            public void OnCompleted()
            {
            }

            public void OnError(Exception error)
            {
            }
        }

        private sealed class ThrowingLogger : ILoggerProvider, ILogger
        {
            public ILogger CreateLogger(string categoryName) => this;

            public IDisposable? BeginScope<TState>(TState state)
                where TState : notnull => throw new InvalidOperationException("An observer throws.");

            public bool IsEnabled(LogLevel logLevel) => true;

            public void Log<TState>(
                LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
                throw new InvalidOperationException("An observer throws.");

            public void Dispose()
            {
            }
        }
    }
}
