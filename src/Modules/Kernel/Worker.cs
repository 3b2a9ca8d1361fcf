using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Notify.Kernel;

/// <summary>
/// Processes work from the store for as long as the process runs: immediately while there is more, otherwise when woken or after an interval. No
/// exception ends it; while the database is unavailable it waits.
/// </summary>
/// <param name="name">The name of the work in the log: <c>Replays</c>.</param>
/// <param name="signal">Wakes it, if shared with others; null: only <see cref="Wake"/> does.</param>
/// <param name="startsAfter">How long it waits before its first turn, unless woken. A worker that sends messages waits until the process has
/// started: messages sent earlier may stay unhandled in a process that soon ends.</param>
public abstract class Worker(string name, ILogger logger, WakeSignal? signal = null, TimeSpan startsAfter = default) : BackgroundService
{
    private static readonly TimeSpan pause = TimeSpan.FromMilliseconds(500);
    private readonly WakeSignal signal = signal ?? new();

    protected ILogger Logger => logger;

    protected string WorkName => name;

    /// <summary>Tells it that there is new work.</summary>
    public void Wake() => signal.Set();

    /// <returns>How long to wait, unless woken; zero: there may be more work.</returns>
    protected abstract Task<TimeSpan> WorkAsync(CancellationToken cancellation);

    protected sealed override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var rest = startsAfter;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (rest > TimeSpan.Zero) await signal.WaitAsync(rest, stoppingToken);
                rest = TimeSpan.Zero;
                rest = await WorkAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                if (StoreFault.Passes(e)) logger.LogWarning(e, "{Work}: waiting for the database", name);
                else if (WriteConflict.Is(e)) logger.LogDebug("{Work}: a concurrent write was faster; retrying: {Fault}", name, e.Message);
                else logger.LogError(e, "{Work} failed; continuing", name);
                await Task.Delay(pause, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    public override void Dispose()
    {
        signal.Dispose();
        base.Dispose();
        GC.SuppressFinalize(this);
    }
}
