using Microsoft.Extensions.Logging.Abstractions;
using Notify.Kernel;

namespace Notify.Host.Operating;

/// <summary>
/// Keeps faults of logging away from the code that logs. A logger runs its providers and formatters within that code, and throws what they throw: a
/// full disk, a lost collector or an odd text would fail the operation. Here, for every logger of the process, a line that cannot be written is
/// dropped and counted.
/// </summary>
internal sealed class GuardedLogging(LoggerFactory inner) : ILoggerFactory
{
    public static void AddTo(IServiceCollection services)
    {
        services.AddSingleton<LoggerFactory>();
        services.AddSingleton<ILoggerFactory, GuardedLogging>();
    }

    public ILogger CreateLogger(string categoryName) =>
        Try(() => new GuardedLogger(inner.CreateLogger(categoryName)), NullLogger.Instance as ILogger);

    public void AddProvider(ILoggerProvider provider) => inner.AddProvider(provider);

    /// <summary>The container disposes of the inner factory, which it created.</summary>
    public void Dispose()
    {
    }

    private static T Try<T>(Func<T> what, T otherwise)
    {
        try
        {
            return what();
        }
        catch (Exception)
        {
            Telemetry.CountFault();
            return otherwise;
        }
    }

    private sealed class GuardedLogger(ILogger inner) : ILogger
    {
        public bool IsEnabled(LogLevel logLevel)
        {
            try
            {
                return inner.IsEnabled(logLevel);
            }
            catch (Exception)
            {
                Telemetry.CountFault();
                return false;
            }
        }

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            try
            {
                inner.Log(logLevel, eventId, state, exception, formatter);
            }
            catch (Exception)
            {
                Telemetry.CountFault();
            }
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => Try(() => inner.BeginScope(state) is { } scope ? new GuardedScope(scope) : null, null);
    }

    private sealed class GuardedScope(IDisposable inner) : IDisposable
    {
        public void Dispose() => Telemetry.Observe(inner, x => x.Dispose());
    }
}
