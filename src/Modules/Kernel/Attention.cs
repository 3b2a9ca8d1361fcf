namespace Notify.Kernel;

/// <summary>
/// Since when a watch has been able to observe: since its first look, or since it resumed after an absence. It must not report what it could not have
/// observed before.
/// </summary>
/// <param name="absence">After so long without a look, Notify or its database is assumed to have been down.</param>
public sealed class Attention(TimeProvider time, TimeSpan absence)
{
    private long? looked;

    public DateTimeOffset Since { get; private set; }

    /// <summary>False before the first look. The first messages of a process may be sent slowly, so a watch only looks the first
    /// time.</summary>
    public bool HasBegun => looked is not null;

    public void Look()
    {
        if (looked is not { } last || time.GetElapsedTime(last) > absence) Since = time.GetUtcNow();
        looked = time.GetTimestamp();
    }

    /// <summary>Counts the time since the last look as work, not as an absence.</summary>
    public void Stay() => looked = time.GetTimestamp();
}
