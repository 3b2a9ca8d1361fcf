namespace Notify.Kernel;

/// <summary>Wakes the one that waits for it. All calls since it last woke are one. Safe for any number of callers.</summary>
public sealed class WakeSignal : IDisposable
{
    private readonly SemaphoreSlim calls = new(0);

    public void Set()
    {
        if (calls.CurrentCount == 0) calls.Release();
    }

    /// <summary>Until it is called, or so long has passed. For one waiter.</summary>
    public async Task WaitAsync(TimeSpan longest, CancellationToken cancellation)
    {
        await calls.WaitAsync(longest, cancellation);
        while (calls.CurrentCount > 0) await calls.WaitAsync(cancellation);
    }

    public void Dispose() => calls.Dispose();
}
