using Notify.Channels.Sending;

namespace Notify.Delivery.Lanes;

/// <summary>A lane as the node that serves it knows it. Guarded by <see cref="HeldLanes"/>.</summary>
internal sealed class Lane(string id, LaneLimits limits) : IDisposable
{
    /// <summary>Requests of one lane under way at once. One in order sends one after the other, in order.</summary>
    private const int Parallel = 32;

    /// <summary>Started and not ended yet: enough that the lane does not run dry while a commit is under way.</summary>
    private const int MostInFlight = 512;

    /// <summary>How much a limited lane looks at when it may have to merge: more than one message of the longest kind can list.</summary>
    private const int MergeLookahead = 1000;

    private DateTimeOffset? lookAt;

    public string Id => id;

    public LaneLimits Limits => limits;

    /// <summary>Why nothing can go through it: no channel has such a lane. Null when one has.</summary>
    public Exception? Fault { get; init; }
    public LanePace Pace { get; } = new(limits);
    public SemaphoreSlim Places { get; } = new(limits.InOrder ? 1 : Parallel);

    /// <summary>Notification → its alarm.</summary>
    public Dictionary<string, string> InFlight { get; } = new(StringComparer.Ordinal);

    /// <summary>Work may wait in the store, so that new work must queue behind it.</summary>
    public bool HasBacklog { get; set; } = true;

    /// <summary>Counts the times work was put in the store for this lane: a look that began before the last of them proves nothing.</summary>
    public long Arrivals { get; private set; }

    /// <summary>The platform asked to wait until then, or the lane is blocked and tried again then.</summary>
    public DateTimeOffset ParkedUntil { get; private set; }

    /// <summary>How often in a row the platform said that it is too fast.</summary>
    public int RateRefusals { get; private set; }

    public LaneBlock? Block { get; private set; }

    /// <summary>Another node is to serve it: nothing is started any more, and when nothing is under way it is given away.</summary>
    public bool IsLeaving { get; set; }

    /// <summary>How many messages may be started now; a blocked lane tries one.</summary>
    public int Room(DateTimeOffset now) =>
        IsLeaving || ParkedUntil > now ? 0 : Block is not null ? Math.Max(0, 1 - InFlight.Count) : MostInFlight - InFlight.Count;

    /// <summary>How much of what waits is worth looking at.</summary>
    public int Lookahead(DateTimeOffset now) => Block is null && Pace.IsLimited ? MergeLookahead : Room(now);

    public bool Takes(string alarmId, Audience audience, int messages, DateTimeOffset now) =>
        !HasBacklog && Fault is null && Block is null && Room(now) > 0 && Pace.AllowsOneByOne(audience, messages, now)
            && !InFlight.ContainsValue(alarmId);

    /// <summary>Something was put in the store for it.</summary>
    public void Queue() => (HasBacklog, Arrivals) = (true, Arrivals + 1);

    /// <summary>The waiting work is being looked at now; what cannot leave reports again when it may.</summary>
    public void BeginLook() => lookAt = null;

    public void LookAgainAt(DateTimeOffset time) => lookAt = lookAt is { } sooner && sooner < time ? sooner : time;

    /// <summary>When something that waits may leave; null: now, or nobody knows.</summary>
    public DateTimeOffset? NextLook(DateTimeOffset now) => ParkedUntil > now ? ParkedUntil : lookAt > now ? lookAt : null;

    /// <summary>The platform said "too fast". What it says of others that were under way at the same time is the same refusal.</summary>
    /// <returns>How long the lane waits, and whether that is new.</returns>
    public (TimeSpan Wait, bool IsNew) Park(SendOutcome outcome, DateTimeOffset now)
    {
        if (ParkedUntil > now && Block is null) return (ParkedUntil - now, false);
        var wait = RateWait.Of(outcome, limits.WaitGrows, ++RateRefusals);
        ParkedUntil = now + wait;
        return (wait, true);
    }

    /// <summary>
    /// A test has passed in the long wait of a lane that was told several times in a row that it is too fast: the platform takes messages again. Only
    /// what began within the wait shows that, and that is tests alone.
    /// </summary>
    /// <returns>False when there is no such wait.</returns>
    public bool EndWait(DateTimeOffset now)
    {
        if (this is not { Block: null, RateRefusals: > 1 } || ParkedUntil <= now) return false;
        (RateRefusals, ParkedUntil) = (0, default);
        Queue();
        return true;
    }

    /// <summary>The platform refused what was sent because of a setting.</summary>
    /// <returns>The block, when the lane was open before or this was its latest trial; null when it is blocked already and this only confirms
    /// it.</returns>
    public LaneBlock? BlockBy(SendOutcome outcome, DateTimeOffset now)
    {
        if (Block is not null && ParkedUntil > now) return null;
        var block = Block is { } before
            ? LaneBlock.Of(outcome, before.Since) with { Probes = before.Probes + 1, RecordedAt = before.RecordedAt } : LaneBlock.Of(outcome, now);
        Block = block with { ProbeAt = now + ProbePolicy.Delay(limits.ProbeInterval, block.Probes, Random.Shared.NextDouble()) };
        (ParkedUntil, HasBacklog) = (Block.ProbeAt, true);
        return Block;
    }

    /// <summary>It is blocked, says the store.</summary>
    public void BlockAsRecorded(LaneBlock block, DateTimeOffset now) => (Block, ParkedUntil) = (block with { RecordedAt = now }, block.ProbeAt);

    /// <summary>The block is in the store.</summary>
    public void Recorded(DateTimeOffset now)
    {
        if (Block is { RecordedAt: null } block) Block = block with { RecordedAt = now };
    }

    /// <summary>If it is blocked, it is tried at once.</summary>
    public void Probe()
    {
        if (Block is not null) ParkedUntil = default;
    }

    /// <summary>Something was sent successfully, or may be now.</summary>
    public void Mend()
    {
        RateRefusals = 0;
        if (Block is null) return;
        (Block, ParkedUntil) = (null, default);
        Queue();
    }

    /// <summary>The clock was set back by so much.</summary>
    public void SetBack(TimeSpan by)
    {
        Pace.SetBack(by);
        if (ParkedUntil != default) ParkedUntil -= by;
        lookAt -= by;
    }

    public void Dispose() => Places.Dispose();

}
