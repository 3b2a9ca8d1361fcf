namespace Notify.Kernel.Resources;

/// <summary>Serialises the changes of configuration within this process.</summary>
public sealed class ChangeTurns : IDisposable
{
    private readonly SemaphoreSlim free = new(1, 1);

    /// <summary>Waits for a turn, which ends when the result is disposed of.</summary>
    public async Task<IDisposable> TakeAsync(CancellationToken cancellation)
    {
        await free.WaitAsync(cancellation);
        return new Turn(free);
    }

    public void Dispose() => free.Dispose();

    private sealed class Turn(SemaphoreSlim free) : IDisposable
    {
        public void Dispose() => free.Release();
    }
}
