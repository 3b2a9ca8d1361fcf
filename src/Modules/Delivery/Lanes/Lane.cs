using Notify.Channels.Sending;

namespace Notify.Delivery.Lanes;

/// <summary>A lane on the node that serves it. Guarded by <see cref="HeldLanes"/>.</summary>
internal sealed class Lane(string id, LaneLimits limits) : IDisposable
{
    /// <summary>Parallel requests on one lane; an ordered lane sends one at a time.</summary>
    private const int Parallel = 32;

    /// <summary>Work that is started and has not ended; enough that the lane does not run dry during a commit.</summary>
    private const int MostInFlight = 512;

    /// <summary>How much waiting work a limited lane reads when it may have to merge: more than one message of the longest kind can list.</summary>
    private const int MergeLookahead = 1000;

    private DateTimeOffset? lookAt;

    public string Id => id;

    public LaneLimits Limits => limits;

    /// <summary>Why nothing can be sent on the lane: no channel knows it. Null when one does.</summary>
    public Exception? Fault { get; init; }
    public LanePace Pace { get; } = new(limits);
    public SemaphoreSlim Places { get; } = new(limits.InOrder ? 1 : Parallel);

    /// <summary>The ids of notifications in flight, with the id of their alarm.</summary>
    public Dictionary<string, string> InFlight { get; } = new(StringComparer.Ordinal);

    /// <summary>Work may be waiting in the store, so new work must queue behind it.</summary>
    public bool HasBacklog { get; set; } = true;

    /// <summary>Counts how often work for this lane was put into the store: a look that began before the last time proves nothing.</summary>
    public long Arrivals { get; private set; }

    /// <summary>The platform asked to wait until then; or the lane is blocked, and is tried again then.</summary>
    public DateTimeOffset ParkedUntil { get; private set; }

    /// <summary>How many times in a row the platform refused because of its rate limit.</summary>
    public int RateRefusals { get; private set; }

    public LaneBlock? Block { get; private set; }

    /// <summary>Another node is to serve the lane: nothing new is started, and it is given away when nothing is in flight.</summary>
    public bool IsLeaving { get; set; }

    /// <summary>How many messages may be started now; a blocked lane tries only one.</summary>
    public int Room(DateTimeOffset now) =>
        IsLeaving || ParkedUntil > now ? 0 : Block is not null ? Math.Max(0, 1 - InFlight.Count) : MostInFlight - InFlight.Count;

    /// <summary>How many waiting notifications are worth reading.</summary>
    public int Lookahead(DateTimeOffset now) => Block is null && Pace.IsLimited ? MergeLookahead : Room(now);

    public bool Takes(string alarmId, Audience audience, int messages, DateTimeOffset now) =>
        !HasBacklog && Fault is null && Block is null && Room(now) > 0 && Pace.AllowsOneByOne(audience, messages, now)
            && !InFlight.ContainsValue(alarmId);

    /// <summary>Work for the lane was put into the store.</summary>
    public void Queue() => (HasBacklog, Arrivals) = (true, Arrivals + 1);

    /// <summary>The waiting work is being read now; what cannot be sent sets the next look by <see cref="LookAgainAt"/>.</summary>
    public void BeginLook() => lookAt = null;

    public void LookAgainAt(DateTimeOffset time) => lookAt = lookAt is { } sooner && sooner < time ? sooner : time;

    /// <summary>When something that waits may be sent; null: now, or unknown.</summary>
    public DateTimeOffset? NextLook(DateTimeOffset now) => ParkedUntil > now ? ParkedUntil : lookAt > now ? lookAt : null;

    /// <summary>The platform refused because of its rate limit. Refusals of other requests that were in flight at the same time count as the
    /// same.</summary>
    /// <returns>How long the lane waits, and whether this wait is new.</returns>
    public (TimeSpan Wait, bool IsNew) Park(SendOutcome outcome, DateTimeOffset now)
    {
        if (ParkedUntil > now && Block is null) return (ParkedUntil - now, false);
        var wait = RateWait.Of(outcome, limits.WaitGrows, ++RateRefusals);
        ParkedUntil = now + wait;
        return (wait, true);
    }

    /// <summary>A test succeeded during the long wait of a lane that was refused several times in a row: the platform accepts messages again. Only a
    /// request that began during the wait proves that, and only tests do.</summary>
    /// <returns>False when there is no such wait.</returns>
    public bool EndWait(DateTimeOffset now)
    {
        if (this is not { Block: null, RateRefusals: > 1 } || ParkedUntil <= now) return false;
        (RateRefusals, ParkedUntil) = (0, default);
        Queue();
        return true;
    }

    /// <summary>The platform refused a message because of a setting.</summary>
    /// <returns>The block, if the lane was open or this was its latest trial; null if it was blocked already and this only confirms it.</returns>
    public LaneBlock? BlockBy(SendOutcome outcome, DateTimeOffset now)
    {
        if (Block is not null && ParkedUntil > now) return null;
        var block = Block is { } before
            ? LaneBlock.Of(outcome, before.Since) with { Probes = before.Probes + 1, RecordedAt = before.RecordedAt } : LaneBlock.Of(outcome, now);
        Block = block with { ProbeAt = now + ProbePolicy.Delay(limits.ProbeInterval, block.Probes, Random.Shared.NextDouble()) };
        (ParkedUntil, HasBacklog) = (Block.ProbeAt, true);
        return Block;
    }

    /// <summary>The lane is blocked according to the store.</summary>
    public void BlockAsRecorded(LaneBlock block, DateTimeOffset now) => (Block, ParkedUntil) = (block with { RecordedAt = now }, block.ProbeAt);

    /// <summary>The block is recorded in the store.</summary>
    public void Recorded(DateTimeOffset now)
    {
        if (Block is { RecordedAt: null } block) Block = block with { RecordedAt = now };
    }

    /// <summary>A blocked lane is tried at once.</summary>
    public void Probe()
    {
        if (Block is not null) ParkedUntil = default;
    }

    /// <summary>A message was sent successfully, or sending may succeed now: the lane continues.</summary>
    public void Mend()
    {
        RateRefusals = 0;
        if (Block is null) return;
        (Block, ParkedUntil) = (null, default);
        Queue();
    }

    /// <summary>The clock was set back by this much.</summary>
    public void SetBack(TimeSpan by)
    {
        Pace.SetBack(by);
        if (ParkedUntil != default) ParkedUntil -= by;
        lookAt -= by;
    }

    public void Dispose() => Places.Dispose();

}
