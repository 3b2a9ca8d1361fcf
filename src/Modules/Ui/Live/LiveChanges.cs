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

    /// <summary>How many are notified.</summary>
    public int Subscriptions
    {
        get
        {
            lock (gate) return subscriptions.Count;
        }
    }

    /// <param name="changed">Called about once a second at most, and not while an earlier call is running: then once more after it.</param>
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

    private sealed class Subscription : IDisposable
    {
        private readonly LiveChanges live;
        private readonly Func<Task> changed;
        private readonly OneAtATime calls;
        private volatile bool isOver;

        public Subscription(LiveChanges live, Func<Task> changed)
        {
            (this.live, this.changed) = (live, changed);
            calls = new(CallAsync);
        }

        public bool IsNew { get; private set; } = true;

        public void Tell()
        {
            IsNew = false;
            calls.Tell();
        }

        public void Dispose()
        {
            isOver = true;
            lock (live.gate) live.subscriptions.Remove(this);
        }

        private async Task CallAsync()
        {
            if (isOver) return;
            try
            {
                await changed();
            }
            catch (Exception e)
            {
                // A page that has gone, or fails, must not affect others.
                live.logger.LogDebug(e, "A page could not show what is new.");
            }
        }
    }
}
