using Microsoft.Extensions.Logging;
using Notify.Kernel.Events;

namespace Notify.Ui.Live;

/// <summary>
/// Notifies open pages of new events. While no page is open, the store is not queried; otherwise each node queries it once a second, however many
/// pages are open.
/// </summary>
public sealed class LiveChanges(EventReader events, TimeProvider time, ILogger<LiveChanges> logger) : IDisposable
{
    private static readonly TimeSpan interval = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource stopping = new();
    private readonly Lock gate = new();
    private readonly HashSet<Subscription> subscriptions = [];
    private readonly ILogger logger = logger;
    private bool running;

    /// <param name="changed">Called at most once a second, and not while an earlier call is running.</param>
    public IDisposable Subscribe(Func<Task> changed)
    {
        var subscription = new Subscription(this, changed);
        lock (gate)
        {
            subscriptions.Add(subscription);
            if (running) return subscription;
            running = true;
        }

        _ = Task.Run(RunAsync);
        return subscription;
    }

    public void Dispose()
    {
        stopping.Cancel();
        stopping.Dispose();
    }

    private async Task RunAsync()
    {
        long? seen = null;
        var again = false;
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(interval, time, stopping.Token);
                lock (gate)
                {
                    if (subscriptions.Count == 0)
                    {
                        running = false;
                        return;
                    }
                }

                var last = await events.LastSequenceAsync(stopping.Token);
                // Notified again a second later, since an event with a lower number may be committed after one with a higher.
                var tell = seen != last || again;
                again = seen is not null && seen != last;
                Tell(tell && seen is not null);
                seen = last;
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // The store is unavailable, which open pages show when they query it.
                logger.LogDebug(e, "Open pages could not be told what is new.");
            }
        }
    }

    /// <param name="all">If false, only new subscriptions are notified: a change between their reading and subscribing may have been included in the
    /// number seen before.</param>
    private void Tell(bool all)
    {
        List<Subscription> told;
        lock (gate) told = [.. subscriptions.Where(x => all || x.IsNew)];
        foreach (var subscription in told) subscription.Tell();
    }

    private sealed class Subscription(LiveChanges live, Func<Task> changed) : IDisposable
    {
        private int busy;

        public bool IsNew { get; private set; } = true;

        public void Tell()
        {
            IsNew = false;
            if (Interlocked.Exchange(ref busy, 1) == 1) return;
            _ = RunAsync();
        }

        public void Dispose()
        {
            lock (live.gate) live.subscriptions.Remove(this);
        }

        private async Task RunAsync()
        {
            try
            {
                await changed();
            }
            catch (Exception e)
            {
                // A page that has gone, or fails, must not affect others.
                live.logger.LogDebug(e, "A page could not show what is new.");
            }
            finally
            {
                Interlocked.Exchange(ref busy, 0);
            }
        }
    }
}
