namespace Notify.Ui.Live;

/// <summary>Tells all relative times of all open pages, twice a minute, that they have become older.</summary>
public sealed class Ticks : IDisposable
{
    private static readonly TimeSpan interval = TimeSpan.FromSeconds(30);

    private readonly ITimer timer;

    public Ticks(TimeProvider time) => timer = time.CreateTimer(_ => Ticked?.Invoke(), null, interval, interval);

    /// <summary>Called on a thread of its own; what it calls must not throw.</summary>
    public event Action? Ticked;

    public void Dispose() => timer.Dispose();
}
