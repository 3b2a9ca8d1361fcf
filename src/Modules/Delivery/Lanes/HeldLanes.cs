using Notify.Channels;
using Notify.Channels.Sending;

namespace Notify.Delivery.Lanes;

/// <summary>The lanes that this node serves, and what is under way on them. Safe for any number of threads. It exists in memory only; other nodes
/// cannot rely on it.</summary>
public sealed class HeldLanes(ChannelCatalog channels, TimeProvider time)
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, Lane> lanes = new(StringComparer.Ordinal);
    private readonly HashSet<string> doubtful = new(StringComparer.Ordinal);
    private readonly List<BatchWatch> watches = [];
    private readonly PriorityQueue<DateTimeOffset, DateTimeOffset> dueTimes = new();
    private readonly LaneLease lease = new(time);
    private readonly Dictionary<string, DateTimeOffset> resting = new(StringComparer.Ordinal);
    private static readonly TimeSpan rest = TimeSpan.FromSeconds(30);
    private bool reviewSoon;

    /// <summary>Leases are measured by it, since a clock may be set.</summary>
    internal TimeSpan Uptime => lease.Uptime;

    /// <summary>Of a lane that no channel has there is no limit, and nothing goes through it (<see cref="Lane.Fault"/>).</summary>
    public LaneLimits LimitsOf(string laneId)
    {
        try
        {
            return channels.LimitsOf(laneId);
        }
        catch (InvalidOperationException)
        {
            return LaneLimits.None;
        }
    }

    /// <summary>Notifications that cannot be sent anywhere have a lane of their own, which belongs to no channel.</summary>
    private Lane LaneOf(string id)
    {
        if (id.StartsWith(CurrentServices.Unreachable, StringComparison.Ordinal)) return new Lane(id, LaneLimits.None);
        try
        {
            return new Lane(id, channels.LimitsOf(id));
        }
        catch (InvalidOperationException e)
        {
            return new Lane(id, LaneLimits.None) { Fault = e };
        }
    }

    /// <summary>What may still be sent now on the lanes that have a limit.</summary>
    internal List<(string Lane, int Messages)> PaceLeft()
    {
        lock (gate)
        {
            var now = time.GetUtcNow();
            return [.. lanes.Values.Where(x => x.Pace.IsLimited).Select(x => (x.Id, x.Pace.Room(now)))];
        }
    }

    /// <summary>What is left of the day on the lanes that have a quota for it.</summary>
    internal List<(string Lane, int Persons)> DayLeft()
    {
        lock (gate)
        {
            var now = time.GetUtcNow();
            return [.. from lane in lanes.Values let left = lane.Pace.DayLeft(now) where left is not null select (lane.Id, left.Value)];
        }
    }

    internal int Count
    {
        get { lock (gate) return lanes.Count; }
    }

    /// <summary>Whether this node serves the lane, so that it need not be announced.</summary>
    public bool Serves(string laneId)
    {
        lock (gate) return lanes.ContainsKey(laneId);
    }

    public string[] InFlight()
    {
        lock (gate) return [.. lanes.Values.SelectMany(x => x.InFlight.Keys)];
    }

    /// <summary>Work that is under way, or that could not be taken up a moment ago and rests for a while so that it costs nothing.</summary>
    internal string[] InFlightOrResting(DateTimeOffset now)
    {
        lock (gate)
        {
            foreach (var (id, until) in resting.ToList())
                if (until <= now) resting.Remove(id);
            return [.. InFlight(), .. resting.Keys];
        }
    }

    internal void Rest(IEnumerable<string> ids)
    {
        lock (gate)
        {
            var until = time.GetUtcNow() + rest;
            foreach (var id in ids) resting[id] = until;
            dueTimes.Enqueue(until, until);
        }
    }

    /// <summary>A batch that tells of these alarms is about to read the store.</summary>
    public BatchWatch Watch(IEnumerable<string> alarmIds)
    {
        lock (gate)
        {
            watches.Add(new BatchWatch(alarmIds, Unwatch));
            return watches[^1];
        }
    }

    /// <summary>Whether new work can start at once. If not it has to wait in the store, and all that follows on its lane behind it.</summary>
    internal bool MayTake(Work work, Audience audience, BatchWatch watch, DateTimeOffset now)
    {
        lock (gate) return LaneFor(work, audience, messages: 1, watch, now) is not null;
    }

    /// <returns>When each of its messages may leave; null when it has to wait after all.</returns>
    internal IReadOnlyList<DateTimeOffset>? TryTake(Work work, Audience audience, int messages, BatchWatch watch, DateTimeOffset now)
    {
        lock (gate) return LaneFor(work, audience, messages, watch, now) is { } lane ? Start(lane, [work], audience, messages, now) : null;
    }

    /// <summary>Whether so many may leave one by one, and otherwise when a merged message may; the lane looks again then.</summary>
    internal (bool OneByOne, bool Merged) RoomFor(Lane lane, Audience audience, int messages, DateTimeOffset now)
    {
        lock (gate)
        {
            if (lane.Room(now) <= 0) return (false, false);
            if (lane.Pace.AllowsOneByOne(audience, messages, now)) return (true, true);
            var merged = lane.Pace.NextMerged(audience, now);
            if (merged > now) lane.LookAgainAt(merged);
            return (false, merged <= now);
        }
    }

    /// <summary>The alarms of which something is under way on the lane, be it on record yet or not.</summary>
    internal HashSet<string> AlarmsUnderWay(Lane lane)
    {
        lock (gate) return lane.InFlight.Values.ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>All these are under way from now on, in so many messages of the pace.</summary>
    /// <returns>When each of the messages may leave; empty: at once.</returns>
    internal IReadOnlyList<DateTimeOffset> Up(Lane lane, IReadOnlyList<Work> works, Audience audience, int messages, DateTimeOffset now)
    {
        lock (gate)
        {
            foreach (var watch in watches)
                foreach (var work in works) watch.Left(work.Request.AlarmId);
            return Start(lane, works, audience, messages, now);
        }
    }

    /// <summary>Up, if the lane has room; the first of a round may also take what is kept for merged messages.</summary>
    internal IReadOnlyList<DateTimeOffset>? TryUp(Lane lane, Work work, Audience audience, int messages, bool first, DateTimeOffset now)
    {
        lock (gate)
        {
            if (lane.Room(now) <= 0 || (!first && !lane.Pace.AllowsOneByOne(audience, messages, now))) return null;
            return Up(lane, [work], audience, messages, now);
        }
    }

    /// <summary>These are under way no longer.</summary>
    internal void Land(string laneId, IReadOnlyList<Work> works, bool moreToCome)
    {
        lock (gate)
        {
            if (!lanes.TryGetValue(laneId, out var lane)) return;
            foreach (var work in works) lane.InFlight.Remove(work.Id);
            if (moreToCome) lane.Queue();
        }
    }

    /// <summary>What was started on these lanes may be on record or not: they are looked through before they continue.</summary>
    internal void Doubt(IEnumerable<string> laneIds)
    {
        lock (gate)
        {
            doubtful.UnionWith(laneIds);
            lease.ClaimNow();
        }
    }

    /// <summary>There is new work on these lanes in the store.</summary>
    /// <returns>Those that this node does not serve. Nobody may, so that it tries to claim them, but not at every batch of somebody else's
    /// lane.</returns>
    internal List<string> Queue(IEnumerable<string> laneIds)
    {
        var others = new List<string>();
        lock (gate)
        {
            foreach (var id in laneIds)
            {
                if (lanes.TryGetValue(id, out var lane)) lane.Queue();
                else others.Add(id);
            }

            if (others.Count > 0) lease.ClaimSoon();
        }

        return others;
    }

    /// <summary>There are lanes to take, or to give away: this node claims, and looks whether it has its share.</summary>
    internal void ClaimSoon()
    {
        lock (gate)
        {
            lease.ClaimNow();
            reviewSoon = true;
        }
    }

    /// <returns>Whether <see cref="ClaimSoon"/> was called since this was last asked.</returns>
    internal bool TakeReviewSoon()
    {
        lock (gate)
        {
            var soon = reviewSoon;
            reviewSoon = false;
            return soon;
        }
    }

    /// <summary>Nothing is taken any more.</summary>
    internal void Close()
    {
        lock (gate) lease.End();
    }

    /// <summary>Lets go of so many lanes, when nothing is under way on them; the idle ones first.</summary>
    /// <returns>Those that may be given away now.</returns>
    internal string[] Leave(int count)
    {
        lock (gate)
        {
            foreach (var lane in lanes.Values) lane.IsLeaving = false;
            var leaving = lanes.Values.Where(x => !doubtful.Contains(x.Id)).OrderBy(x => x.InFlight.Count).Take(count).ToList();
            foreach (var lane in leaving) lane.IsLeaving = true;
            string[] free = [.. leaving.Where(x => x.InFlight.Count == 0).Select(x => x.Id)];
            foreach (var id in free) lanes.Remove(id);
            return free;
        }
    }

    /// <summary>A test is sent past the lane, but counts like everything else that the lane sends. It may pass where the lane is blocked: that is
    /// what it tests.</summary>
    /// <param name="freeAt">Null: it may leave now. Otherwise when there is room again.</param>
    /// <returns>False when this node does not serve the lane, and so cannot say.</returns>
    public bool TryReserve(string laneId, Audience audience, int messages, out DateTimeOffset? freeAt)
    {
        freeAt = null;
        lock (gate)
        {
            if (!lanes.TryGetValue(laneId, out var lane)) return false;
            var now = time.GetUtcNow();
            // In a long wait a test is how somebody finds out whether it could be over.
            freeAt = lane is { Block: null, RateRefusals: < 2 } && lane.ParkedUntil > now
                ? lane.ParkedUntil : lane.Pace.FreeAt(audience, messages, now);
            if (freeAt is null) lane.Pace.Reserve(audience, messages, now);
            return true;
        }
    }

    /// <inheritdoc cref="Lane.Park"/>
    internal (TimeSpan Wait, bool IsNew) Park(string laneId, SendOutcome outcome)
    {
        lock (gate)
        {
            return lanes.TryGetValue(laneId, out var lane)
                ? lane.Park(outcome, time.GetUtcNow()) : (RateWait.Of(outcome, grows: false, refusals: 1), false);
        }
    }

    /// <inheritdoc cref="Lane.EndWait"/>
    internal bool EndWait(string laneId)
    {
        lock (gate) return Find(laneId)?.EndWait(time.GetUtcNow()) == true;
    }

    /// <inheritdoc cref="Lane.BlockBy"/>
    internal LaneBlock? Block(string laneId, SendOutcome outcome)
    {
        lock (gate) return Find(laneId)?.BlockBy(outcome, time.GetUtcNow());
    }

    /// <summary>The block is in the store.</summary>
    /// <returns>True when the lane has been fixed since.</returns>
    internal bool Recorded(string laneId)
    {
        lock (gate)
        {
            if (!lanes.TryGetValue(laneId, out var lane)) return false;
            lane.Recorded(time.GetUtcNow());
            return lane.Block is null;
        }
    }

    internal bool IsBlocked(string laneId)
    {
        lock (gate) return lanes.TryGetValue(laneId, out var lane) && lane.Block is not null;
    }

    internal string[] Blocked()
    {
        lock (gate) return [.. lanes.Values.Where(x => x.Block is not null).Select(x => x.Id)];
    }

    /// <inheritdoc cref="Lane.Mend"/>
    internal void Mend(string laneId)
    {
        lock (gate) Find(laneId)?.Mend();
    }

    /// <summary>The blocked ones are tried at once: somebody changed the configuration.</summary>
    internal void ProbeBlocked()
    {
        lock (gate)
        {
            foreach (var lane in lanes.Values) lane.Probe();
        }
    }

    internal string[] WithBacklog()
    {
        lock (gate) return [.. lanes.Values.Where(x => x.HasBacklog).Select(x => x.Id)];
    }

    internal Lane? Find(string laneId)
    {
        lock (gate) return lanes.GetValueOrDefault(laneId);
    }

    internal bool MustClaim()
    {
        lock (gate) return lease.MustClaim;
    }

    /// <returns>Those of the claimed lanes that are new here, and those in doubt: attempts without an outcome are to be settled on both before
    /// <see cref="Hold"/>.</returns>
    internal (string[] News, string[] InDoubt) Examine(IEnumerable<string> claimed)
    {
        lock (gate) return ([.. claimed.Where(x => !lanes.ContainsKey(x))], [.. doubtful]);
    }

    /// <param name="asked">Before the store was asked for <paramref name="claimed"/>.</param>
    /// <param name="askedAt">The same, as <see cref="Uptime"/>.</param>
    /// <param name="sends">What counts on the lanes that are new here.</param>
    internal void Hold(
        IReadOnlyList<ClaimedLane> claimed, IReadOnlyList<CountedSend> sends, string[] settled, DateTimeOffset asked, TimeSpan askedAt,
        TimeSpan period, TimeSpan renewal)
    {
        lock (gate)
        {
            // What the lanes wait for is an instant; when the clock was set back, it comes no later for that.
            if (lease.SetBack() is var back && back > TimeSpan.Zero)
                foreach (var lane in lanes.Values) lane.SetBack(back);
            var held = claimed.Select(x => x.Id).ToHashSet(StringComparer.Ordinal);
            foreach (var lost in lanes.Keys.Where(x => !held.Contains(x)).ToList()) lanes.Remove(lost);
            var counted = sends.ToLookup(x => x.Lane, StringComparer.Ordinal);
            foreach (var row in claimed)
            {
                if (!lanes.TryGetValue(row.Id, out var lane))
                {
                    lane = lanes[row.Id] = LaneOf(row.Id);
                    foreach (var watch in watches) watch.Came(row.Id);
                    // What was counted by a clock that was ahead of ours counts as sent now.
                    foreach (var send in counted[row.Id]) lane.Pace.Restore(send.At > asked ? send with { At = asked } : send);
                    if (row.Block is not null) lane.BlockAsRecorded(row.Block, asked);
                }
                else if (row.Block is null && lane.Block is { RecordedAt: { } recorded } && recorded < asked)
                {
                    lane.Mend(); // a test send on another node
                }
            }

            doubtful.ExceptWith(settled);
            lease.Renewed(asked, askedAt, period, renewal);
        }
    }

    /// <summary>The lanes where something waits and may leave.</summary>
    internal List<LaneLook> Open(DateTimeOffset now)
    {
        lock (gate)
        {
            var looks = new List<LaneLook>();
            foreach (var lane in lanes.Values.Where(x => x.HasBacklog && x.Room(now) > 0))
            {
                lane.BeginLook();
                var full = lane.Pace.Full(now);
                foreach (var (_, until) in full) lane.LookAgainAt(until);
                if (lane.Limits.Members is null && full.Count > 0) continue;
                looks.Add(new LaneLook(lane.Id, lane.Lookahead(now), [.. full.Select(x => lane.Limits.KeyOf(x.Member)!)], lane.Arrivals));
            }

            return looks;
        }
    }

    /// <summary>Nothing waits there, as of when it had been given work so often: it takes new work directly again.</summary>
    internal void ForgetBacklog(string laneId, long arrivals)
    {
        lock (gate)
        {
            if (lanes.TryGetValue(laneId, out var lane) && lane.Arrivals == arrivals) lane.HasBacklog = false;
        }
    }

    internal void LookAgainAt(DateTimeOffset due)
    {
        lock (gate) dueTimes.Enqueue(due, due);
    }

    /// <summary>How long there is nothing to do: until the next retry, the next room in a lane's pace, or the next renewal of the leases.</summary>
    internal TimeSpan UntilNextLook()
    {
        lock (gate)
        {
            var now = time.GetUtcNow();
            var next = now + lease.UntilClaim;
            while (dueTimes.TryPeek(out var due, out _) && due <= now) dueTimes.Dequeue();
            if (dueTimes.TryPeek(out var later, out _)) next = Min(next, later);
            foreach (var lane in lanes.Values.Where(x => x.HasBacklog)) next = Min(next, lane.NextLook(now) ?? next);
            return next > now ? next - now : TimeSpan.FromMilliseconds(1);
        }
    }

    private static IReadOnlyList<DateTimeOffset> Start(Lane lane, IReadOnlyList<Work> works, Audience audience, int messages, DateTimeOffset now)
    {
        foreach (var work in works) lane.InFlight.Add(work.Id, work.Request.AlarmId);
        return lane.Pace.Reserve(audience, messages, now);
    }

    private void Unwatch(BatchWatch watch)
    {
        lock (gate) watches.Remove(watch);
    }

    private static DateTimeOffset Min(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;

    /// <summary>The work's lane if it can start there at once; otherwise the lane is marked as one where something waits.</summary>
    private Lane? LaneFor(Work work, Audience audience, int messages, BatchWatch watch, DateTimeOffset now)
    {
        if (!lanes.TryGetValue(work.Lane, out var lane)) return null;
        if (lease.Holds(now) && !watch.Missed(work) && lane.Takes(work.Request.AlarmId, audience, messages, now)) return lane;
        // What follows in the same batch must not go before it.
        lane.HasBacklog = true;
        return null;
    }
}
