namespace Notify.Delivery.Lanes;

/// <summary>A lane as the node that serves it knows it.</summary>
internal sealed class Lane(string id, int limitPerMinute) : IDisposable
{
    /// <summary>Requests of one lane under way at once. A limited robot sends one after the other, in order.</summary>
    private const int Parallel = 32;

    /// <summary>Started and waiting for a place among <see cref="Parallel"/>: enough that the next commit is ready before the lane runs dry.</summary>
    private const int Started = 200;

    public string Id => id;
    public Pace Pace { get; } = new(limitPerMinute);
    public HashSet<string> InFlight { get; } = new(StringComparer.Ordinal);
    public SemaphoreSlim Places { get; } = new(limitPerMinute > 0 ? 1 : Parallel);

    /// <summary>The platform asked to wait until then.</summary>
    public DateTimeOffset ParkedUntil { get; set; }

    public int Room(DateTimeOffset now) =>
        ParkedUntil > now ? 0 : Math.Min(Started - InFlight.Count, Pace.Room(now));

    public void Dispose() => Places.Dispose();
}
