namespace Notify.Delivery.Lanes;

/// <summary>A lane as the node that serves it knows it. Guarded by <see cref="HeldLanes"/>.</summary>
internal sealed class Lane(string id, int limitPerMinute) : IDisposable
{
    /// <summary>Requests of one lane under way at once. A limited robot sends one after the other, in order.</summary>
    private const int Parallel = 32;

    /// <summary>Started and not ended yet: enough that the lane does not run dry while a commit is under way.</summary>
    private const int MostInFlight = 256;

    public string Id => id;
    public Pace Pace { get; } = new(limitPerMinute);
    public SemaphoreSlim Places { get; } = new(limitPerMinute > 0 ? 1 : Parallel);

    /// <summary>Notification → its alarm.</summary>
    public Dictionary<string, string> InFlight { get; } = new(StringComparer.Ordinal);

    /// <summary>Work may wait in the store, so that new work must queue behind it.</summary>
    public bool HasBacklog { get; set; } = true;

    /// <summary>Counts the times work was put in the store for this lane: a look that began before the last of them proves nothing.</summary>
    public long Arrivals { get; private set; }

    /// <summary>The platform asked to wait until then.</summary>
    public DateTimeOffset ParkedUntil { get; set; }

    /// <summary>Another node is to serve it: nothing is started any more, and when nothing is under way it is given away.</summary>
    public bool IsLeaving { get; set; }

    /// <summary>How many messages may be started now.</summary>
    public int Room(DateTimeOffset now) => IsLeaving || ParkedUntil > now ? 0 : Math.Min(MostInFlight - InFlight.Count, Pace.Room(now));

    public bool Takes(string alarmId, int messages, DateTimeOffset now) =>
        !HasBacklog && !IsLeaving && ParkedUntil <= now && InFlight.Count < MostInFlight && Pace.AllowsOneByOne(messages, now) && !InFlight.ContainsValue(alarmId);

    /// <summary>Something was put in the store for it.</summary>
    public void Queue() => (HasBacklog, Arrivals) = (true, Arrivals + 1);

    /// <summary>When something that waits may leave; null: now, or nobody knows.</summary>
    public DateTimeOffset? NextLook(DateTimeOffset now) =>
        ParkedUntil > now ? ParkedUntil : Pace.IsLimited && Pace.NextMerged(now) is var merged && merged > now ? merged : null;

    public void Dispose() => Places.Dispose();
}
