using System.Threading.Channels;

namespace Notify.Kernel.Events;

/// <summary>
/// Commits together what arrives together: while one transaction commits, the next batch gathers. One at a time, in order of arrival.
/// After a batch of several it lingers for a moment, since those it has just answered come back: without that, callers in lockstep split into two
/// halves that take turns, and the number of transactions doubles. A lone item never waits.
/// </summary>
/// <param name="commit">
/// Puts a batch on disk; returns one result for each item, in order. When it throws, nothing of the batch was kept, or what was is found on the next
/// try: it is tried again in halves, and its exception goes to the callers of what fails alone; to all when the store is unavailable. When it returns
/// another number of results, all are told so.
/// </param>
/// <param name="weight">What an item counts towards <paramref name="maxWeight"/>, at which a batch is closed.</param>
/// <param name="capacity">How many items may wait. Beyond it <see cref="AddAsync"/> refuses with 503, so that memory is bounded.</param>
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
    /// Nobody waits for the results, so what comes in quick succession is gathered into fewer transactions: after a commit of n the next one starts
    /// 2n ms later at the earliest (30 ms at most). Below 500 items a second that delays nothing.
    /// </summary>
    public bool NobodyWaits { get; init; }

    /// <summary>What is written, in metrics; empty: not measured.</summary>
    public string Name { get; init; } = "";

    private readonly record struct Waiting(TItem Item, TaskCompletionSource<TResult> Done);

    public void Start() => pump ??= Task.Run(PumpAsync);

    /// <returns>When the item's batch is on disk.</returns>
    /// <exception cref="ProblemException">503: too much is waiting, or the process is stopping.</exception>
    public Task<TResult> AddAsync(TItem item)
    {
        var done = new TaskCompletionSource<TResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!waiting.Writer.TryWrite(new Waiting(item, done)))
            throw ProblemException.Unavailable("Too many requests are waiting to be written. Try again shortly.", retryAfterSeconds: 1);
        return done.Task;
    }

    /// <summary>Finishes what was handed in, then ends.</summary>
    /// <param name="cancellation">From then on what is not on disk fails, since an unavailable store may stay away.</param>
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
    /// A batch that cannot be committed is halved until what is wrong with it is alone: the others must not suffer for it. An unavailable store is
    /// nobody's fault: then the part that was tried fails.
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
