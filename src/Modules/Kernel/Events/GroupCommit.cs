using System.Threading.Channels;

namespace Notify.Kernel.Events;

/// <summary>
/// Commits concurrent items together: while one transaction commits, the next batch gathers. One batch at a time, in order of arrival. After a batch
/// of several it waits for a moment, since the callers just answered come back: without that, callers in lockstep would split into two halves that
/// take turns, which doubles the number of transactions. A single item never waits.
/// </summary>
/// <param name="commit">
/// Commits a batch; returns one result for each item, in order. If it throws, nothing of the batch was stored, or a retry recognises what was: the
/// batch is retried in halves, and the exception goes to the callers whose items fail alone; if the store is unavailable, to all. If the number of
/// results is wrong, all fail.
/// </param>
/// <param name="weight">What an item counts towards <paramref name="maxWeight"/>, at which a batch is closed.</param>
/// <param name="capacity">How many items may wait. Beyond it <see cref="AddAsync"/> refuses with 503, which limits the memory.</param>
public sealed class GroupCommit<TItem, TResult>(
    Func<IReadOnlyList<TItem>, CancellationToken, Task<IReadOnlyList<TResult>>> commit,
    Func<TItem, int> weight,
    int maxWeight,
    int capacity,
    TimeProvider time) : IAsyncDisposable
{
    private readonly Channel<Waiting> waiting = Channel.CreateBounded<Waiting>(
        new BoundedChannelOptions(capacity) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });
    private readonly CancellationTokenSource stopping = new();
    private Task? pump;

    private static readonly TimeSpan longestLinger = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan longestSpread = TimeSpan.FromMilliseconds(30);
    private static readonly TimeSpan spreadOfOne = TimeSpan.FromMilliseconds(2);

    /// <summary>
    /// Set if no caller waits for the results, so that items in quick succession are gathered into fewer transactions: after a commit of n items the
    /// next starts 2n ms later at the earliest (at most 30 ms). Below 500 items a second this delays nothing.
    /// </summary>
    public bool NobodyWaits { get; init; }

    /// <summary>The writer's name in metrics; empty: not measured.</summary>
    public string Name { get; init; } = "";

    private readonly record struct Waiting(TItem Item, TaskCompletionSource<TResult> Done);

    public void Start() => pump ??= Task.Run(PumpAsync);

    /// <returns>Completes when the item's batch is committed.</returns>
    /// <exception cref="ProblemException">503: too many items are waiting, or the process is stopping.</exception>
    public Task<TResult> AddAsync(TItem item)
    {
        var done = new TaskCompletionSource<TResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!waiting.Writer.TryWrite(new Waiting(item, done)))
            throw ProblemException.Unavailable("Too many requests are waiting to be written. Try again shortly.", retryAfterSeconds: 1);
        return done.Task;
    }

    /// <summary>Commits the items already added, then ends.</summary>
    /// <param name="cancellation">Once cancelled, items that are not committed fail, since an unavailable store may stay unavailable.</param>
    public async Task StopAsync(CancellationToken cancellation)
    {
        waiting.Writer.TryComplete();
        await using var limit = cancellation.Register(stopping.Cancel);
        if (pump is not null) await pump;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(CancellationToken.None);
        stopping.Dispose();
    }

    private async Task PumpAsync()
    {
        var reader = waiting.Reader;
        var batch = new List<Waiting>();
        var (lastCount, lastWeight, lastStart, lastCommit) = (0, 0, time.GetTimestamp(), TimeSpan.Zero);
        while (await reader.WaitToReadAsync())
        {
            if (NobodyWaits)
            {
                var spread = Min(lastWeight * spreadOfOne, longestSpread) - time.GetElapsedTime(lastStart);
                if (spread > TimeSpan.Zero) await Task.Delay(spread);
            }
            else if (lastCount > 1 && reader.Count < lastCount)
            {
                await Task.Delay(Min(lastCommit / 2, longestLinger));
            }

            batch.Clear();
            var total = 0;
            while (total < maxWeight && reader.TryRead(out var next))
            {
                batch.Add(next);
                total += weight(next.Item);
            }

            var started = time.GetTimestamp();
            await CommitAsync(batch);
            if (Name.Length > 0) CommitMetrics.Record(Name, total, time.GetElapsedTime(started));
            (lastCount, lastWeight, lastStart, lastCommit) = (batch.Count, total, started, time.GetElapsedTime(started));
        }
    }

    /// <summary>
    /// A batch that cannot be committed is halved until the faulty item is alone, so that the others do not fail with it. If the store is
    /// unavailable, no item is at fault: then the part that was tried fails.
    /// </summary>
    private Task CommitAsync(List<Waiting> batch) => Halving.RunAsync(batch, CommitPartAsync, (one, e) => Fail([one], e), MayBeOfOne);

    private async Task CommitPartAsync(IReadOnlyList<Waiting> part)
    {
        IReadOnlyList<TResult> results;
        try
        {
            results = await commit([.. part.Select(x => x.Item)], stopping.Token);
        }
        catch (Exception e) when (!MayBeOfOne(e))
        {
            await Fail(part, e);
            return;
        }

        if (results.Count != part.Count) await Fail(
            part, new InvalidOperationException($"A commit of {part.Count} items returned {results.Count} results."));
        else for (var i = 0; i < part.Count; i++) part[i].Done.SetResult(results[i]);
    }

    private bool MayBeOfOne(Exception e) => StoreFault.IsOfOne(e) && !stopping.IsCancellationRequested;

    private static Task Fail(IReadOnlyList<Waiting> part, Exception e)
    {
        foreach (var item in part) item.Done.SetException(e);
        return Task.CompletedTask;
    }

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
