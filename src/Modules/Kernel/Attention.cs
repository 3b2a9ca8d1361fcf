namespace Notify.Kernel;

/// <summary>
/// Since when a watch has been able to see what it watches: since its first look, or since it came back after an absence. Nobody is to blame for what
/// it could not have seen before.
/// </summary>
/// <param name="absence">Without a look for so long, Notify itself was away, or its database.</param>
public sealed class Attention(TimeProvider time, TimeSpan absence)
{
    private long? looked;

    public DateTimeOffset Since { get; private set; }

    /// <summary>Not before the first look. What is told at once, before the process has started, may have to wait for the whole of a short life: a
    /// watch only looks at first.</summary>
    public bool HasBegun => looked is not null;

    public void Look()
    {
        if (looked is not { } last || time.GetElapsedTime(last) > absence) Since = time.GetUtcNow();
        looked = time.GetTimestamp();
    }

    /// <summary>It worked since its last look; however long that took, it was no absence.</summary>
    public void Stay() => looked = time.GetTimestamp();
}
