using Notify.Channels;
using Notify.Channels.Sending;
using Notify.Kernel;

namespace Notify.Delivery.Lanes;

/// <summary>The lanes that this node serves, and what is in flight on them. Thread-safe. It exists only in memory, so other nodes cannot rely on
/// it.</summary>
public sealed class HeldLanes(ChannelCatalog channels, TimeProvider time)
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, Lane> lanes = new(StringComparer.Ordinal);
    private readonly HashSet<string> doubtful = new(StringComparer.Ordinal);

    /// <summary>Of the lanes that are being taken up: what was counted on them since they were examined.</summary>
    private readonly Dictionary<string, List<(Audience Audience, int Messages)>> countedMeanwhile = new(StringComparer.Ordinal);

    private readonly List<BatchWatch> watches = [];
    private readonly PriorityQueue<DateTimeOffset, DateTimeOffset> dueTimes = new();
    private readonly LaneLease lease = new(time);
    private readonly Dictionary<string, DateTimeOffset> resting = new(StringComparer.Ordinal);
    private static readonly TimeSpan rest = TimeSpan.FromSeconds(30);
    private bool reviewSoon;

    /// <summary>Time since the process began; used for leases, since a clock may be set.</summary>
    internal TimeSpan Uptime => lease.Uptime;

    /// <summary>A lane that no channel knows has no limit; nothing can be sent on it (<see cref="Lane.Fault"/>).</summary>
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

    /// <summary>How many messages may be sent now on each lane with a limit.</summary>
    internal List<(string Lane, int Messages)> PaceLeft()
    {
        lock (gate)
        {
            var now = time.GetUtcNow();
            return [.. lanes.Values.Where(x => x.Pace.IsLimited).Select(x => (x.Id, x.Pace.Room(now)))];
        }
    }

    /// <summary>What is left of the daily quota on each lane that has one.</summary>
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

    /// <summary>Whether this node serves the lane, so that new work need not be announced in the store.</summary>
    public bool Serves(string laneId)
    {
        lock (gate) return lanes.ContainsKey(laneId);
    }

    public string[] InFlight()
    {
        lock (gate) return [.. lanes.Values.SelectMany(x => x.InFlight.Keys)];
    }

    /// <summary>Work in flight, and work that could not be started a moment ago and is skipped for a while.</summary>
    internal string[] InFlightOrResting(DateTimeOffset now)
    {
        lock (gate)
        {
            foreach (var (id, until) in resting.ToList())
                if (Instants.IsOver(until, rest, now)) resting.Remove(id);
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

    /// <summary>To be called before a batch with these alarms reads the store.</summary>
    public BatchWatch Watch(IEnumerable<string> alarmIds)
    {
        lock (gate)
        {
            watches.Add(new BatchWatch(alarmIds, Unwatch));
            return watches[^1];
        }
    }

    /// <summary>Whether new work can start at once. If not, it must wait in the store, and everything after it on its lane too.</summary>
    internal bool MayTake(Work work, Audience audience, BatchWatch watch, DateTimeOffset now)
    {
        lock (gate) return LaneFor(work, audience, messages: 1, watch, now) is not null;
    }

    /// <returns>When each of its messages may be sent; null when it must wait after all.</returns>
    internal IReadOnlyList<DateTimeOffset>? TryTake(Work work, Audience audience, int messages, BatchWatch watch, DateTimeOffset now)
    {
        lock (gate) return LaneFor(work, audience, messages, watch, now) is { } lane ? Start(lane, [work], audience, messages, now) : null;
    }

    /// <summary>Whether that many messages may be sent separately, and whether a merged one may; if neither, the lane looks again when one
    /// may.</summary>
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

    /// <summary>The alarms with work in flight on the lane, whether it is recorded yet or not.</summary>
    internal HashSet<string> AlarmsUnderWay(Lane lane)
    {
        lock (gate) return lane.InFlight.Values.ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>Puts work in flight, counted as that many messages.</summary>
    /// <returns>When each of the messages may be sent; empty: at once.</returns>
    internal IReadOnlyList<DateTimeOffset> Up(Lane lane, IReadOnlyList<Work> works, Audience audience, int messages, DateTimeOffset now)
    {
        lock (gate)
        {
            foreach (var watch in watches)
                foreach (var work in works) watch.Left(work.Request.AlarmId);
            return Start(lane, works, audience, messages, now);
        }
    }

    /// <summary><see cref="Up"/>, if the lane has room. The first of a round may also use what is reserved for merged messages.</summary>
    internal IReadOnlyList<DateTimeOffset>? TryUp(Lane lane, Work work, Audience audience, int messages, bool first, DateTimeOffset now)
    {
        lock (gate)
        {
            if (lane.Room(now) <= 0 || (!first && !lane.Pace.AllowsOneByOne(audience, messages, now))) return null;
            return Up(lane, [work], audience, messages, now);
        }
    }

    /// <summary>These are no longer in flight.</summary>
    internal void Land(string laneId, IReadOnlyList<Work> works, bool moreToCome)
    {
        lock (gate)
        {
            if (!lanes.TryGetValue(laneId, out var lane)) return;
            foreach (var work in works) lane.InFlight.Remove(work.Id);
            if (moreToCome) lane.Queue();
        }
    }

    /// <summary>Whether attempts on these lanes were recorded is unknown: they are examined before the lanes continue.</summary>
    internal void Doubt(IEnumerable<string> laneIds)
    {
        lock (gate)
        {
            doubtful.UnionWith(laneIds);
            lease.ClaimNow();
        }
    }

    /// <summary>There is new work on these lanes in the store.</summary>
    /// <returns>The lanes that this node does not serve. Possibly no node does, so this one tries to claim them soon, but not at every batch for
    /// another node's lane.</returns>
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

    /// <summary>There are lanes to take or to give away: this node claims, and checks whether it has its share.</summary>
    internal void ClaimSoon()
    {
        lock (gate)
        {
            lease.ClaimNow();
            reviewSoon = true;
        }
    }

    /// <returns>Whether <see cref="ClaimSoon"/> was called since the last call of this method.</returns>
    internal bool TakeReviewSoon()
    {
        lock (gate)
        {
            var soon = reviewSoon;
            reviewSoon = false;
            return soon;
        }
    }

    /// <summary>From now on no new work is taken.</summary>
    internal void Close()
    {
        lock (gate) lease.End();
    }

    /// <summary>Marks that many lanes to be given away, idle ones first; each is given away once nothing is in flight on it.</summary>
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

    /// <summary>A test bypasses the lane's queue, but counts towards its limits. It is also allowed while the lane is blocked: that is what it
    /// tests.</summary>
    /// <param name="inTurn">It may not use what is kept for alarms, nor end a long wait.</param>
    /// <param name="freeAt">Null: the test may be sent now. Otherwise when there is room again.</param>
    /// <returns>False when this node does not serve the lane, and therefore does not know.</returns>
    public bool TryReserve(string laneId, Audience audience, int messages, bool inTurn, out DateTimeOffset? freeAt)
    {
        freeAt = null;
        lock (gate)
        {
            if (!lanes.TryGetValue(laneId, out var lane)) return false;
            var now = time.GetUtcNow();
            // During a long wait a test is allowed, since it shows whether the wait could end.
            freeAt = lane.Block is null && (inTurn || lane.RateRefusals < 2) && lane.ParkedUntil > now
                ? lane.ParkedUntil : FreeAt(lane.Pace, audience, messages, inTurn, now);
            if (freeAt is null) lane.Pace.Reserve(audience, messages, now);
            return true;
        }
    }

    /// <summary>Counts a test that was recorded while this node did not serve its lane. It may have taken the lane up in the meantime, or be
    /// about to, without having read the record.</summary>
    public void CountRecorded(string laneId, Audience audience, int messages)
    {
        lock (gate)
        {
            if (countedMeanwhile.TryGetValue(laneId, out var counted)) counted.Add((audience, messages));
            else TryReserve(laneId, audience, messages, inTurn: false, out _);
        }
    }

    /// <summary>When a test may be sent; null: now.</summary>
    internal static DateTimeOffset? FreeAt(LanePace pace, Audience audience, int messages, bool inTurn, DateTimeOffset now)
    {
        if (!inTurn) return pace.FreeAt(audience, messages, now);
        if (pace.AllowsOneByOne(audience, messages, now)) return null;
        return pace.FreeAt(audience, messages, now) ?? now + Pace.Minute;
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

    /// <summary>The block is recorded in the store.</summary>
    /// <returns>True when the lane was mended meanwhile.</returns>
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

    /// <summary>Blocked lanes are tried at once, since the configuration was changed.</summary>
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

    /// <returns>Those of the claimed lanes that are new on this node, and those in doubt: attempts without an outcome must be settled on both before
    /// <see cref="Hold"/>.</returns>
    internal (string[] News, string[] InDoubt) Examine(IEnumerable<string> claimed)
    {
        lock (gate)
        {
            string[] news = [.. claimed.Where(x => !lanes.ContainsKey(x))];
            countedMeanwhile.Clear();
            foreach (var lane in news) countedMeanwhile[lane] = [];
            return (news, [.. doubtful]);
        }
    }

    /// <param name="asked">The time before the store was asked for <paramref name="claimed"/>.</param>
    /// <param name="askedAt">The same as an <see cref="Uptime"/>.</param>
    /// <param name="sends">The sends that count on the lanes that are new on this node.</param>
    internal void Hold(
        IReadOnlyList<ClaimedLane> claimed, IReadOnlyList<CountedSend> sends, string[] settled, DateTimeOffset asked, TimeSpan askedAt,
        TimeSpan period, TimeSpan renewal)
    {
        lock (gate)
        {
            // Lanes wait until instants on the clock; if it was set back, these are moved too, so that nothing waits longer.
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
                    // A send counted by a clock ahead of ours counts as sent now.
                    foreach (var send in counted[row.Id]) lane.Pace.Restore(send.At > asked ? send with { At = asked } : send);
                    foreach (var (audience, messages) in countedMeanwhile.GetValueOrDefault(row.Id, []))
                        lane.Pace.Reserve(audience, messages, time.GetUtcNow());
                    if (row.Block is not null) lane.BlockAsRecorded(row.Block, asked);
                }
                else if (row.Block is null && lane.Block is { RecordedAt: { } recorded } && recorded < asked)
                {
                    lane.Mend(); // a test send on another node
                }
            }

            countedMeanwhile.Clear();
            doubtful.ExceptWith(settled);
            lease.Renewed(asked, askedAt, period, renewal);
        }
    }

    /// <summary>The lanes on which something waits and may be sent.</summary>
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

    /// <summary>Nothing waits on the lane, unless it was given work since <paramref name="arrivals"/> was read: it takes new work directly
    /// again.</summary>
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

    /// <summary>How long nothing is due: until the next retry, the next room in a lane's pace, or the next renewal of the leases.</summary>
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

    /// <summary>The work's lane if the work can start at once; otherwise null, and the lane is marked as having a backlog.</summary>
    private Lane? LaneFor(Work work, Audience audience, int messages, BatchWatch watch, DateTimeOffset now)
    {
        if (!lanes.TryGetValue(work.Lane, out var lane)) return null;
        if (lease.Holds(now) && !watch.Missed(work) && lane.Takes(work.Request.AlarmId, audience, messages, now)) return lane;
        // Later work of the same batch must not be sent first.
        lane.HasBacklog = true;
        return null;
    }
}
