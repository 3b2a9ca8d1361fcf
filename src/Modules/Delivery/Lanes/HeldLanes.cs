using Microsoft.Extensions.Configuration;
using Notify.Delivery.Channels;

namespace Notify.Delivery.Lanes;

/// <summary>The lanes that this node serves, and what is under way on them. Safe for any number of threads; lives in memory only, and proves nothing to others.</summary>
public sealed class HeldLanes(IConfiguration settings, TimeProvider time)
{
    /// <summary>How much a limited lane looks at when it may have to merge.</summary>
    private const int MergeLookahead = 500;

    private static readonly TimeSpan soon = TimeSpan.FromMilliseconds(500);

    private readonly Lock gate = new();
    private readonly Dictionary<string, Lane> lanes = new(StringComparer.Ordinal);
    private readonly HashSet<string> doubtful = new(StringComparer.Ordinal);
    private readonly PriorityQueue<DateTimeOffset, DateTimeOffset> dueTimes = new();
    private readonly int botLimit = settings.GetValue("Notify:WeCom:BotLimitPerMinute", 20);
    private DateTimeOffset nextClaim;
    private DateTimeOffset lastClaim;
    private DateTimeOffset leaseEnds;

    /// <summary>What may still be sent now on the lanes that have a limit.</summary>
    internal List<(string Lane, int Messages)> PaceLeft()
    {
        lock (gate)
        {
            var now = time.GetUtcNow();
            return [.. lanes.Values.Where(x => x.Pace.IsLimited).Select(x => (x.Id, x.Pace.Room(now)))];
        }
    }

    internal int Count
    {
        get { lock (gate) return lanes.Count; }
    }

    /// <summary>Messages a minute; 0: none.</summary>
    public int LimitOf(string laneId) => laneId.StartsWith("wecom/robot/", StringComparison.Ordinal) ? botLimit : 0;

    /// <summary>Whether this node serves the lane, so that it need not be announced.</summary>
    public bool Serves(string laneId)
    {
        lock (gate) return lanes.ContainsKey(laneId);
    }

    public string[] InFlight()
    {
        lock (gate) return [.. lanes.Values.SelectMany(x => x.InFlight.Keys)];
    }

    /// <summary>Whether new work can start at once. If not it has to wait in the store, and all that follows on its lane behind it.</summary>
    internal bool MayTake(Work work, DateTimeOffset now)
    {
        lock (gate) return LaneFor(work, messages: 1, now) is not null;
    }

    /// <returns>Null when it has to wait after all.</returns>
    internal Flight? TryTake(Work work, Dispatch? dispatch, SendOutcome? refusal, DateTimeOffset now)
    {
        lock (gate)
        {
            var messages = Flight.MessagesOf(work, dispatch);
            if (dispatch is not null && LaneFor(work, messages, now) is { } lane) return Up(lane, [work], dispatch, refusal, now);
            if (lanes.TryGetValue(work.Lane, out var behind)) behind.HasBacklog = true;
            return null;
        }
    }

    /// <summary>Whether so many may leave one by one, and otherwise when a merged message may.</summary>
    internal (bool OneByOne, DateTimeOffset MergedAt) RoomFor(Lane lane, int messages, DateTimeOffset now)
    {
        lock (gate) return lane.Pace.AllowsOneByOne(messages, now) ? (true, now) : (false, lane.Pace.NextMerged(now));
    }

    /// <summary>One message that tells of all these.</summary>
    internal Flight Up(Lane lane, IReadOnlyList<Work> works, Dispatch? dispatch, SendOutcome? refusal, DateTimeOffset now)
    {
        lock (gate)
        {
            foreach (var work in works) lane.InFlight.Add(work.Id, work.Request.AlarmId);
            return new Flight(works, dispatch, refusal, lane.Pace.Reserve(Flight.MessagesOf(works[0], dispatch), now));
        }
    }

    /// <summary>Up, if the lane has room; with the first of a round it may also take what is kept for merged messages.</summary>
    internal Flight? TryUp(Lane lane, Work work, Dispatch? dispatch, SendOutcome? refusal, bool first, DateTimeOffset now)
    {
        lock (gate)
        {
            if (lane.Room(now) <= 0 || (!first && lane.Pace.IsLimited && !lane.Pace.AllowsOneByOne(Flight.MessagesOf(work, dispatch), now))) return null;
            return Up(lane, [work], dispatch, refusal, now);
        }
    }

    /// <returns>Whether this node serves the lane no longer.</returns>
    internal bool Land(Flight flight, bool moreToCome)
    {
        lock (gate)
        {
            if (!lanes.TryGetValue(flight.LaneId, out var lane)) return true;
            foreach (var work in flight.Works) lane.InFlight.Remove(work.Id);
            if (moreToCome) lane.Queue();
            return false;
        }
    }

    /// <summary>What was started on these lanes may be on record or not: they are looked through before they go on.</summary>
    internal void Doubt(IEnumerable<string> laneIds)
    {
        lock (gate)
        {
            doubtful.UnionWith(laneIds);
            nextClaim = default;
        }
    }

    /// <summary>There is new work on these lanes in the store.</summary>
    /// <returns>Those that this node does not serve. Nobody may, so that it tries to claim them, but not at every batch of somebody else's lane.</returns>
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

            if (others.Count > 0 && lastClaim + soon < nextClaim) nextClaim = lastClaim + soon;
        }

        return others;
    }

    internal void ClaimSoon()
    {
        lock (gate) nextClaim = default;
    }

    /// <summary>Nothing is taken any more.</summary>
    internal void Close()
    {
        lock (gate) leaseEnds = default;
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

    /// <summary>A test is sent past the lane, but counts like everything else that the lane sends.</summary>
    /// <param name="freeAt">Null: it may leave now. Otherwise when there is room again.</param>
    /// <returns>False when this node does not serve the lane, and so cannot say.</returns>
    public bool TryReserve(string laneId, int messages, out DateTimeOffset? freeAt)
    {
        freeAt = null;
        lock (gate)
        {
            if (!lanes.TryGetValue(laneId, out var lane)) return false;
            var now = time.GetUtcNow();
            freeAt = lane.ParkedUntil > now ? lane.ParkedUntil : lane.Pace.FreeAt(messages, now);
            if (freeAt is null) lane.Pace.Reserve(messages, now);
            return true;
        }
    }

    internal void Park(string laneId, DateTimeOffset until)
    {
        lock (gate)
        {
            if (lanes.TryGetValue(laneId, out var lane)) lane.ParkedUntil = until;
        }
    }

    internal Lane? Find(string laneId)
    {
        lock (gate) return lanes.GetValueOrDefault(laneId);
    }

    /// <summary>What counts towards the pace of those lanes that have one.</summary>
    internal List<(string Lane, DateTimeOffset[] Sent)> Paces(IEnumerable<string> laneIds)
    {
        lock (gate)
        {
            return [.. laneIds.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)
                .Select(x => lanes.GetValueOrDefault(x)).OfType<Lane>().Where(x => x.Pace.IsLimited).Select(x => (x.Id, x.Pace.Sent.ToArray()))];
        }
    }

    internal bool MustClaim(DateTimeOffset now)
    {
        lock (gate) return now >= nextClaim;
    }

    /// <returns>Those of the claimed lanes that are new here, and those in doubt: attempts without an outcome are to be settled on both before <see cref="Hold"/>.</returns>
    internal (string[] News, string[] InDoubt) Examine(IEnumerable<string> claimed)
    {
        lock (gate) return ([.. claimed.Where(x => !lanes.ContainsKey(x))], [.. doubtful]);
    }

    internal void Hold(IReadOnlyList<(string Lane, DateTime[] Sent)> claimed, string[] settled, DateTimeOffset leaseEnds, DateTimeOffset nextClaim)
    {
        lock (gate)
        {
            var held = claimed.Select(x => x.Lane).ToHashSet(StringComparer.Ordinal);
            foreach (var lost in lanes.Keys.Where(x => !held.Contains(x)).ToList()) lanes.Remove(lost);
            foreach (var (id, sent) in claimed.Where(x => !lanes.ContainsKey(x.Lane)))
            {
                var lane = lanes[id] = new Lane(id, LimitOf(id));
                lane.Pace.Restore(sent.Select(x => new DateTimeOffset(x)));
            }

            doubtful.ExceptWith(settled);
            (this.leaseEnds, this.nextClaim, lastClaim) = (leaseEnds, nextClaim, time.GetUtcNow());
        }
    }

    /// <summary>The lanes where something waits and may leave, how much of it to look at, and how often each had been given work when this was asked.</summary>
    internal List<(string Lane, int Room, long Arrivals)> Open(DateTimeOffset now)
    {
        lock (gate)
        {
            return [.. lanes.Values.Where(x => x.HasBacklog && x.Room(now) > 0)
                .Select(x => (x.Id, x.Pace.IsLimited ? MergeLookahead : x.Room(now), x.Arrivals))];
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
            var next = nextClaim;
            while (dueTimes.TryPeek(out var due, out _) && due <= now) dueTimes.Dequeue();
            if (dueTimes.TryPeek(out var later, out _)) next = Min(next, later);
            foreach (var lane in lanes.Values.Where(x => x.HasBacklog)) next = Min(next, lane.NextLook(now) ?? next);
            return next > now ? next - now : TimeSpan.FromMilliseconds(1);
        }
    }

    private static DateTimeOffset Min(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;

    /// <summary>The work's lane if it can start there at once; otherwise the lane is marked as one where something waits.</summary>
    private Lane? LaneFor(Work work, int messages, DateTimeOffset now)
    {
        if (!lanes.TryGetValue(work.Lane, out var lane)) return null;
        // The lease is measured from before it was asked for, on our own clock: it is never thought longer than it is.
        if (now < leaseEnds && lane.Takes(work.Request.AlarmId, messages, now)) return lane;
        // What follows in the same batch must not go before it.
        lane.HasBacklog = true;
        return null;
    }
}
