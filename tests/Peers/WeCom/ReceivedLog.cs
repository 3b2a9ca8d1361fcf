namespace Notify.Peers.WeCom;

/// <summary>What came in: the last messages, exact counters, and a way to wait for what is still to come.</summary>
public sealed class ReceivedLog
{
    private static readonly TimeSpan patience = TimeSpan.FromMinutes(1);

    private readonly WeComOptions options;
    private readonly Lock gate = new();
    private readonly Queue<Received> kept = new();
    private readonly List<Waiter> waiters = [];
    private ReceivedCounters counters = new(0, 0, 0, 0, 0, 0, 0, 0);
    private long keptBytes;
    private long number;

    internal ReceivedLog(WeComOptions options) => this.options = options;

    /// <summary>Whether anybody looks at single messages; if not, their text and body need not be made.</summary>
    internal bool WantsMessages => options.KeepBodies || options.OnReceived is not null || HasWaiters;

    private bool HasWaiters
    {
        get
        {
            lock (gate)
                return waiters.Count > 0;
        }
    }

    internal int Clearings { get; private set; }

    public ReceivedCounters Counters
    {
        get
        {
            lock (gate)
                return counters;
        }
    }

    /// <summary>A copy of what is kept, oldest first.</summary>
    public IReadOnlyList<Received> All
    {
        get
        {
            lock (gate)
                return [.. kept];
        }
    }

    /// <summary>The kept ones that were shown.</summary>
    public IReadOnlyList<Received> Shown => [.. All.Where(message => message.Delivered)];

    /// <summary>The kept ones with a greater number, oldest first, at most the newest <paramref name="limit"/>.</summary>
    public IReadOnlyList<Received> Since(long since, int limit)
    {
        lock (gate)
        {
            var first = number - kept.Count;
            var skip = (int)Math.Max(Math.Max(since - first, 0), kept.Count - (long)limit);
            return skip >= kept.Count ? [] : [.. kept.Skip(skip)];
        }
    }

    /// <summary>
    /// The first <paramref name="count"/> messages that match, of those kept and those to come. Does not poll.
    /// Without kept bodies wait on the counters instead: a message under way may then have no text.
    /// </summary>
    /// <param name="predicate">Which messages count.</param>
    /// <param name="timeout">Real time, whatever the clock of the stand-in; a minute unless it is given.</param>
    /// <param name="count">How many of them.</param>
    /// <exception cref="TimeoutException">Too few came in time; the text lists the last ones that did come.</exception>
    public async Task<IReadOnlyList<Received>> WaitForAsync(Func<Received, bool> predicate, TimeSpan? timeout = null, int count = 1)
    {
        Waiter waiter;
        lock (gate)
        {
            waiter = new Waiter(predicate, null, count);
            foreach (var message in kept)
                waiter.See(message, counters);
            if (!waiter.Done.Task.IsCompleted)
                waiters.Add(waiter);
        }

        await FinishAsync(waiter, timeout, $"{count} matching");
        return waiter.Found;
    }

    /// <summary>Waits on the counters, which also works when no bodies are kept.</summary>
    /// <inheritdoc cref="WaitForAsync"/>
    public async Task<ReceivedCounters> WaitForCountersAsync(Func<ReceivedCounters, bool> predicate, TimeSpan? timeout = null)
    {
        Waiter waiter;
        lock (gate)
        {
            waiter = new Waiter(null, predicate, 0);
            waiter.See(null, counters);
            if (!waiter.Done.Task.IsCompleted)
                waiters.Add(waiter);
        }

        await FinishAsync(waiter, timeout, "the awaited counters");
        return Counters;
    }

    /// <summary>Forgets the messages and sets the counters to 0; numbers go on.</summary>
    public void Clear()
    {
        lock (gate)
        {
            kept.Clear();
            keptBytes = 0;
            Clearings++;
            counters = new(0, 0, 0, 0, 0, 0, 0, 0);
        }
    }

    internal void AddTokenCall()
    {
        lock (gate)
        {
            counters = counters with { TokenCalls = counters.TokenCalls + 1 };
            TellWaiters(null);
        }
    }

    internal void Add(Received message)
    {
        lock (gate)
        {
            message.Number = ++number;
            counters = counters with
            {
                Requests = counters.Requests + 1,
                Shown = counters.Shown + (message.Delivered ? 1 : 0),
                Rejected = counters.Rejected + (message.ErrCode is null or 0 ? 0 : 1),
                Faulted = counters.Faulted + (message.Fault is null ? 0 : 1),
                Duplicates = counters.Duplicates + (message.Duplicate ? 1 : 0),
                MembersShown = counters.MembersShown + message.ShownTo.Count,
                MembersDropped = counters.MembersDropped + message.DroppedFor.Count,
            };
            if (options.KeepBodies)
                Keep(message);
            TellWaiters(message);
        }

        options.OnReceived?.Invoke(message);
    }

    private void Keep(Received message)
    {
        kept.Enqueue(message);
        keptBytes += SizeOf(message);
        while (kept.Count > options.KeepMessages || (keptBytes > options.KeepBytes && kept.Count > 1))
            keptBytes -= SizeOf(kept.Dequeue());
    }

    private static long SizeOf(Received message) => message.BodyBytes.Length + 2L * message.Text.Length;

    private void TellWaiters(Received? message)
    {
        for (var i = waiters.Count - 1; i >= 0; i--)
        {
            waiters[i].See(message, counters);
            if (waiters[i].Done.Task.IsCompleted)
                waiters.RemoveAt(i);
        }
    }

    private async Task FinishAsync(Waiter waiter, TimeSpan? atMost, string what)
    {
        var timeout = atMost ?? patience;
        try
        {
            await waiter.Done.Task.WaitAsync(timeout);
        }
        catch (TimeoutException late)
        {
            lock (gate)
            {
                waiters.Remove(waiter);
                if (waiter.Done.Task.IsCompletedSuccessfully)
                    return;
                throw new TimeoutException(
                    $"Waited {timeout} for {what}, found {waiter.Found.Count}. {counters}. The last received:\n"
                    + string.Join('\n', kept.TakeLast(20)),
                    late);
            }
        }
    }

    private sealed class Waiter(Func<Received, bool>? message, Func<ReceivedCounters, bool>? counters, int count)
    {
        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public List<Received> Found { get; } = [];

        public void See(Received? received, ReceivedCounters totals)
        {
            if (Done.Task.IsCompleted)
                return;
            try
            {
                if (message is not null && received is not null && message(received))
                    Found.Add(received);
                if (counters is null ? Found.Count >= count : counters(totals))
                    Done.TrySetResult();
            }
            catch (Exception failure)
            {
                // The test's own predicate failed; it must learn so instead of waiting for the timeout.
                Done.TrySetException(failure);
            }
        }
    }
}
