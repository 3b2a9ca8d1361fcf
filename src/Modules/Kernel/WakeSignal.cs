namespace Notify.Kernel;

/// <summary>Wakes one waiter. Several calls before it wakes count as one. Safe for any number of callers.</summary>
public sealed class WakeSignal : IDisposable
{
    private readonly SemaphoreSlim calls = new(0);

    public void Set()
    {
        if (calls.CurrentCount == 0) calls.Release();
    }

    /// <summary>Waits for a call or until the time has passed. For a single waiter.</summary>
    public async Task WaitAsync(TimeSpan longest, CancellationToken cancellation)
    {
        await calls.WaitAsync(longest, cancellation);
        while (calls.CurrentCount > 0) await calls.WaitAsync(cancellation);
    }

    public void Dispose() => calls.Dispose();
}
