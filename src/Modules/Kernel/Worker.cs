using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Notify.Kernel.Events;
using Notify.Kernel.Http;

namespace Notify.Kernel;

/// <summary>
/// Works off what waits in the store for as long as the process runs: again at once while there is more, else when it is woken or some time has passed.
/// No fault ends it, and while the database is away it waits for it.
/// </summary>
/// <param name="name">What it works on, for the log: <c>Replays</c>.</param>
/// <param name="signal">By which it is woken, where others wake it too; null: only by <see cref="Wake"/>.</param>
public abstract class Worker(string name, ILogger logger, WakeSignal? signal = null) : BackgroundService
{
    private static readonly TimeSpan pause = TimeSpan.FromMilliseconds(500);
    private readonly WakeSignal signal = signal ?? new();

    protected ILogger Logger => logger;

    /// <summary>There is something new to do.</summary>
    public void Wake() => signal.Set();

    /// <returns>How long there is nothing to do, unless it is woken; zero: there may be more.</returns>
    protected abstract Task<TimeSpan> WorkAsync(CancellationToken cancellation);

    protected sealed override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var rest = await WorkAsync(stoppingToken);
                if (rest > TimeSpan.Zero) await signal.WaitAsync(rest, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                if (ProblemResponses.IsStoreDown(e)) logger.LogWarning(e, "{Work}: waiting for the database", name);
                else if (WriteConflict.Is(e)) logger.LogDebug("{Work}: a concurrent write was faster; trying again: {Fault}", name, e.Message);
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
