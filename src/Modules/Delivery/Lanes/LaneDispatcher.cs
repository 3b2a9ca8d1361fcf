using Marten;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Notify.Contracts.Services;
using Notify.Delivery.Channels;
using Notify.Delivery.Notifications;
using Notify.Delivery.WeCom;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Http;
using Npgsql;

namespace Notify.Delivery.Lanes;

/// <summary>
/// Serves the lanes this node holds. New work goes straight to a lane that is held here and where nothing waits (<see cref="TakeAsync"/>, within the
/// transaction that requests it); all else waits in the store and is taken up from there, most urgent first. "Attempt started" is on record before a
/// request leaves; outcomes go to the <see cref="OutcomeWriter"/>. The store is the queue; memory only knows what is in flight.
/// </summary>
public sealed class LaneDispatcher(
    NpgsqlDataSource database, IDocumentStore store, IServiceProvider services, CurrentServices configuration, WeComDelivery weCom,
    OutcomeWriter outcomes, IConfiguration settings, TimeProvider time, ILogger<LaneDispatcher> logger) : BackgroundService
{
    /// <summary>A node that dies is replaced after this at the latest; it renews each <see cref="Renewal"/>.</summary>
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Renewal = TimeSpan.FromSeconds(2);

    /// <summary>How much a limited lane looks at when it may have to merge.</summary>
    private const int MergeLookahead = 500;

    private readonly SemaphoreSlim wake = new(0);
    private readonly Dictionary<string, Lane> lanes = new(StringComparer.Ordinal);
    private readonly PriorityQueue<DateTimeOffset, DateTimeOffset> dueTimes = new();
    private readonly Lock gate = new();
    private readonly HashSet<string> doubtful = new(StringComparer.Ordinal);
    private readonly int botLimit = settings.GetValue("Notify:WeCom:BotLimitPerMinute", 20);
    private DateTimeOffset nextClaim;
    private DateTimeOffset leaseEnds;
    private int sending;

    /// <summary>Unique to this process: a lease or an attempt of an earlier one is not its own.</summary>
    public string Node { get; } = $"{Environment.MachineName}/{Environment.ProcessId}/{Guid.NewGuid().ToString("N")[..6]}";

    /// <summary>
    /// Takes of this new work what its lanes can start at once; the caller puts "attempt started" on record with the request itself, and then calls
    /// <see cref="Launch"/>, or <see cref="PutBack"/> if that failed. The rest must wait in the store.
    /// </summary>
    public async Task<List<Flight>> TakeAsync(IReadOnlyList<Work> work, IReadOnlyDictionary<string, ServiceDescription> known, CancellationToken cancellation)
    {
        var flights = new List<Flight>();
        var now = time.GetUtcNow();
        foreach (var item in work)
        {
            if (!MayTake(item, 1, now)) continue;
            var (dispatch, refusal) = await PrepareAsync(item, known, cancellation);
            lock (gate)
            {
                var messages = Flight.MessagesOf(item, dispatch);
                if (dispatch is null || !MayTake(item, messages, now))
                {
                    if (lanes.TryGetValue(item.Lane, out var behind)) behind.HasBacklog = true;
                    continue;
                }

                var lane = lanes[item.Lane];
                lane.InFlight.Add(item.Id, item.Request.AlarmId);
                flights.Add(new Flight([item], dispatch, refusal, lane.Pace.Reserve(messages, now)));
            }
        }

        return flights;
    }

    /// <summary>Puts "attempt started" on record, and what counts towards the pace with it; part of the caller's transaction.</summary>
    public void Start(IReadOnlyList<Flight> flights, EventBatch events, IDocumentSession session)
    {
        foreach (var flight in flights.Where(x => x.Dispatch is not null))
        {
            foreach (var (i, work) in flight.Works.Index())
            {
                events.Append(
                    work.Id, work.Version + 1,
                    i == 0 ? new AttemptStarted(work.Attempts + 1, Node, flight.Dispatch!.Requests) : new AttemptStarted(work.Attempts + 1, Node, [], MergedInto: flight.Works[0].Id),
                    AuditContext.OfSystem(work.CorrelationId, work.CausationId));
            }
        }

        lock (gate)
        {
            foreach (var id in flights.Select(x => x.LaneId).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
                if (lanes.TryGetValue(id, out var lane) && lane.Pace.IsLimited) LaneTable.QueueSent(session, id, lane.Pace.Sent);
        }
    }

    /// <summary>They are on record: send them.</summary>
    public void Launch(IReadOnlyList<Flight> flights)
    {
        foreach (var flight in flights)
        {
            Interlocked.Increment(ref sending);
            _ = RunAsync(flight);
        }
    }

    /// <summary>
    /// The transaction that started them failed. It may be on disk all the same, when only its answer was lost: before their lanes go on, what was
    /// started there without an outcome is settled.
    /// </summary>
    public void PutBack(IReadOnlyList<Flight> flights)
    {
        lock (gate)
        {
            doubtful.UnionWith(flights.Select(x => x.LaneId));
            nextClaim = default;
        }

        foreach (var flight in flights) Land(flight, moreToCome: true);
    }

    /// <summary>There is new work on these lanes in the store.</summary>
    public void Wake(IReadOnlyList<string> withWork)
    {
        lock (gate)
        {
            foreach (var id in withWork)
            {
                if (lanes.TryGetValue(id, out var lane)) (lane.HasBacklog, lane.Arrivals) = (true, lane.Arrivals + 1);
                else nextClaim = default;
            }
        }

        Wake();
    }

    /// <summary>Whether this node serves the lane, so that it need not be announced.</summary>
    public bool Serves(string lane)
    {
        lock (gate) return lanes.ContainsKey(lane);
    }

    /// <summary>Messages a minute; 0: none.</summary>
    public int LimitOf(string laneId) => laneId.StartsWith("wecom/robot/", StringComparison.Ordinal) ? botLimit : 0;

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
            if (lane.ParkedUntil > now) freeAt = lane.ParkedUntil;
            else freeAt = lane.Pace.FreeAt(messages, now);
            if (freeAt is null) lane.Pace.Reserve(messages, now);
            return true;
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (time.GetUtcNow() >= nextClaim) await ClaimAsync(stoppingToken);
                if (await DispatchAsync(stoppingToken)) continue;
                await wake.WaitAsync(UntilNextLook(), stoppingToken);
                while (wake.CurrentCount > 0) await wake.WaitAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            catch (Exception e)
            {
                if (ProblemResponses.IsStoreDown(e)) logger.LogWarning("Delivery waits for the database: {Fault}", e.Message);
                else logger.LogError(e, "Delivery stumbled, and goes on");
                await Task.Delay(TimeSpan.FromMilliseconds(500), time, stoppingToken).ContinueWith(_ => { }, TaskScheduler.Default);
            }
        }
    }

    /// <summary>Lets what is under way end, then gives the lanes to whoever is next.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        while (Volatile.Read(ref sending) > 0 && !cancellationToken.IsCancellationRequested)
            await wake.WaitAsync(TimeSpan.FromMilliseconds(200), CancellationToken.None);
        try
        {
            await LaneTable.ReleaseAsync(database, Node, cancellationToken);
        }
        catch (Exception e) when (e is NpgsqlException or OperationCanceledException)
        {
            logger.LogInformation("The lanes could not be given back, and are free in {Seconds} s", Lease.TotalSeconds);
        }
    }

    public override void Dispose()
    {
        wake.Dispose();
        base.Dispose();
    }

    private void Wake()
    {
        if (wake.CurrentCount == 0) wake.Release();
    }

    private bool MayTake(Work work, int messages, DateTimeOffset now)
    {
        lock (gate)
        {
            // The lease is measured from before it was asked for, on our own clock: it is never thought longer than it is.
            return now < leaseEnds && lanes.TryGetValue(work.Lane, out var lane) && lane.Takes(work.Request.AlarmId, messages, now);
        }
    }

    private async Task ClaimAsync(CancellationToken cancellation)
    {
        var asked = time.GetUtcNow();
        var claimed = await LaneTable.ClaimAsync(database, Node, Lease, cancellation);
        var held = claimed.Select(x => x.Lane).ToHashSet(StringComparer.Ordinal);
        var news = claimed.Where(x => !lanes.ContainsKey(x.Lane)).ToList();
        string[] inDoubt;
        lock (gate) inDoubt = [.. doubtful];
        string[] ids = [.. news.Select(x => x.Lane), .. inDoubt];
        if (ids.Length > 0)
        {
            await SettleAbandonedAsync(ids, cancellation);
            lock (gate) doubtful.ExceptWith(inDoubt);
            foreach (var due in await Work.DueTimesAsync(database, ids, asked, cancellation)) LookAgainAt(due);
        }

        lock (gate)
        {
            foreach (var lost in lanes.Keys.Where(x => !held.Contains(x)).ToList()) lanes.Remove(lost);
            foreach (var (id, sent) in news)
            {
                var lane = lanes[id] = new Lane(id, LimitOf(id));
                lane.Pace.Restore(sent.Select(x => new DateTimeOffset(x)));
            }

            (nextClaim, leaseEnds) = (time.GetUtcNow() + Renewal, asked + Lease);
        }
    }

    /// <summary>Attempts that somebody started and nobody ended: their outcome is unknown, and recorded as such.</summary>
    private async Task SettleAbandonedAsync(string[] ids, CancellationToken cancellation)
    {
        string[] inFlight;
        lock (gate) inFlight = [.. lanes.Values.SelectMany(x => x.InFlight.Keys)];
        var abandoned = await Work.AbandonedAsync(database, ids, inFlight, cancellation);
        await Task.WhenAll(abandoned.Select(x => outcomes.WriteAsync(new AttemptResult(
            x with { Version = x.Version - 1 }, x.Attempts, Started: true,
            new SendOutcome(OutcomeClass.Unknown) { PlatformMessage = "The process that sent it ended before the answer was recorded." },
            x.RequestsDone, RepeatIsSafe: x.Lane.StartsWith("wecom/app/", StringComparison.Ordinal)))));
    }

    /// <returns>True when something was taken up, so that there may be more.</returns>
    private async Task<bool> DispatchAsync(CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        List<(string Lane, int Room)> looked;
        Dictionary<string, long> arrivals;
        string[] inFlight;
        lock (gate)
        {
            var open = lanes.Values.Where(x => x.HasBacklog && x.Room(now) > 0).ToList();
            looked = [.. open.Select(x => (x.Id, x.Pace.IsLimited ? MergeLookahead : x.Room(now)))];
            arrivals = open.ToDictionary(x => x.Id, x => x.Arrivals, StringComparer.Ordinal);
            inFlight = [.. lanes.Values.SelectMany(x => x.InFlight.Keys)];
        }

        if (looked.Count == 0) return false;
        var (picked, version) = await Work.PickAsync(database, looked, inFlight, now, cancellation);
        var flights = new List<Flight>();
        if (picked.Count > 0)
        {
            var known = await configuration.GetAsync(version, cancellation);
            foreach (var waiting in picked.GroupBy(x => x.Lane, StringComparer.Ordinal))
                flights.AddRange(await PlanAsync(lanes[waiting.Key], [.. waiting], known, now, cancellation));
        }

        if (flights.Count > 0)
        {
            try
            {
                await using var session = store.LightweightSession();
                var events = services.GetRequiredService<EventBatch>();
                Start(flights, events, session);
                events.QueueTo(session);
                await session.SaveChangesAsync(cancellation);
            }
            catch
            {
                PutBack(flights);
                throw;
            }

            Launch(flights);
        }

        var taken = flights.SelectMany(x => x.Works).CountBy(x => x.Lane, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
        await ForgetBacklogAsync(looked, picked, taken, arrivals, cancellation);
        return flights.Count > 0;
    }

    /// <summary>Which of the waiting leaves now: one by one while the pace allows it, merged when the lane has fallen behind.</summary>
    private async Task<List<Flight>> PlanAsync(
        Lane lane, List<Work> waiting, IReadOnlyDictionary<string, ServiceDescription> known, DateTimeOffset now, CancellationToken cancellation)
    {
        var flights = new List<Flight>();
        var alarms = new HashSet<string>(StringComparer.Ordinal);
        bool oneByOne;
        lock (gate)
        {
            oneByOne = lane.Pace.AllowsOneByOne(waiting.Count, now);
            if (!oneByOne && lane.Pace.NextMerged(now) > now) return flights;
        }

        if (!oneByOne && waiting.Where(x => x.RequestsDone == 0).GroupBy(ReceiversOf, StringComparer.Ordinal).First().ToList() is { Count: > 1 } together)
        {
            var (dispatch, count, refusal) = await weCom.PrepareMergedAsync(
                [.. together.Select(x => (x.Id, x.Request))], known.GetValueOrDefault(together[0].Request.Service.Id), cancellation);
            lock (gate) flights.Add(Up(lane, together[..count], dispatch, refusal, now));
            return flights;
        }

        foreach (var work in waiting)
        {
            if (!alarms.Add(work.Request.AlarmId)) continue; // the older one of the same alarm first
            var (dispatch, refusal) = await PrepareAsync(work, known, cancellation);
            lock (gate)
            {
                if (lane.Room(now) <= 0 || (lane.Pace.IsLimited && !lane.Pace.AllowsOneByOne(Flight.MessagesOf(work, dispatch), now) && flights.Count > 0)) break;
                flights.Add(Up(lane, [work], dispatch, refusal, now));
            }

            if (!oneByOne) break;
        }

        return flights;
    }

    /// <summary>What is merged goes to the same receivers, and repeats apart from what is live: the text says that they are repeats.</summary>
    private static string ReceiversOf(Work work) => string.Join('\n', work.Request.Receivers.Select(NotificationTable.KeyOf).Prepend(work.Request.ReplayId));

    private static Flight Up(Lane lane, IReadOnlyList<Work> works, Dispatch? dispatch, SendOutcome? refusal, DateTimeOffset now)
    {
        foreach (var work in works) lane.InFlight.Add(work.Id, work.Request.AlarmId);
        return new Flight(works, dispatch, refusal, lane.Pace.Reserve(Flight.MessagesOf(works[0], dispatch), now));
    }

    /// <summary>A lane where nothing waits any more takes new work directly again.</summary>
    private async Task ForgetBacklogAsync(
        List<(string Lane, int Room)> looked, List<Work> picked, Dictionary<string, int> taken, Dictionary<string, long> arrivals, CancellationToken cancellation)
    {
        var found = picked.CountBy(x => x.Lane, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
        string[] drained = [.. looked.Where(x => found.GetValueOrDefault(x.Lane) < x.Room && found.GetValueOrDefault(x.Lane) == taken.GetValueOrDefault(x.Lane)).Select(x => x.Lane)];
        if (drained.Length == 0) return;
        string[] inFlight;
        lock (gate) inFlight = [.. lanes.Values.SelectMany(x => x.InFlight.Keys)];
        var waiting = await Work.WaitingLanesAsync(database, drained, inFlight, cancellation);
        lock (gate)
        {
            foreach (var id in drained)
                if (lanes.TryGetValue(id, out var lane) && !waiting.Contains(id) && lane.Arrivals == arrivals[id]) lane.HasBacklog = false;
        }
    }

    private async ValueTask<(Dispatch? Dispatch, SendOutcome? Refusal)> PrepareAsync(
        Work work, IReadOnlyDictionary<string, ServiceDescription> known, CancellationToken cancellation)
    {
        try
        {
            return await weCom.PrepareAsync(work.Id, work.Request, known.GetValueOrDefault(work.Request.Service.Id), cancellation);
        }
        catch (InvalidOperationException e)
        {
            return (null, new SendOutcome(OutcomeClass.Configuration) { PlatformMessage = e.Message });
        }
    }

    private async Task RunAsync(Flight flight)
    {
        var again = false;
        try
        {
            var lane = LaneOf(flight);
            var (outcome, done) = flight.Dispatch is null ? (flight.Refusal!, flight.Works[0].RequestsDone) : await SendAsync(flight, lane);
            if (lane is not null && outcome.Class is OutcomeClass.Rate or OutcomeClass.Configuration)
            {
                lock (gate) lane!.ParkedUntil = time.GetUtcNow() + (outcome.RetryAfter ?? Pace.Window);
            }

            var results = flight.Works.Select(x => outcomes.WriteAsync(new AttemptResult(
                x, x.Attempts + 1, flight.Dispatch is not null, outcome, done, flight.Dispatch?.RepeatIsSafe ?? false)));
            foreach (var retryAt in await Task.WhenAll(results))
            {
                if (retryAt is not { } due) continue;
                again = true;
                LookAgainAt(due);
            }
        }
        catch (Exception e)
        {
            // Nothing is lost: the attempt is on record, and whoever serves the lane next finds it without an outcome.
            logger.LogError(e, "The outcome of {Notification} could not be recorded", flight.Works[0].Id);
        }
        finally
        {
            Interlocked.Decrement(ref sending);
            Land(flight, again);
        }
    }

    private void Land(Flight flight, bool moreToCome)
    {
        lock (gate)
        {
            if (lanes.TryGetValue(flight.LaneId, out var lane))
            {
                foreach (var work in flight.Works) lane.InFlight.Remove(work.Id);
                if (moreToCome) (lane.HasBacklog, lane.Arrivals) = (true, lane.Arrivals + 1);
            }
        }

        Wake();
    }

    private Lane? LaneOf(Flight flight)
    {
        lock (gate) return lanes.GetValueOrDefault(flight.LaneId);
    }

    private async Task<(SendOutcome Outcome, int RequestsDone)> SendAsync(Flight flight, Lane? lane)
    {
        if (lane is not null) await lane.Places.WaitAsync();
        try
        {
            SendOutcome? last = null;
            var failed = new List<ReceiverOutcome>();
            var done = flight.Works[0].RequestsDone;
            for (var i = done; i < flight.Dispatch!.Requests.Count; i++)
            {
                if (flight.Times.Count > 0 && flight.Times[i - done] - time.GetUtcNow() is { } wait && wait > TimeSpan.Zero) await Task.Delay(wait, time);
                last = await flight.Dispatch.SendAsync(i, CancellationToken.None);
                if (last.Class is not (OutcomeClass.Ok or OutcomeClass.Partial)) return (last, i);
                failed.AddRange(last.Receivers.Where(x => x.Outcome == ReceiverOutcome.Failed));
            }

            return (last! with { Receivers = [.. failed.DistinctBy(x => x.Account, StringComparer.OrdinalIgnoreCase)] }, flight.Dispatch.Requests.Count);
        }
        finally
        {
            lane?.Places.Release();
        }
    }

    private void LookAgainAt(DateTimeOffset due)
    {
        lock (gate) dueTimes.Enqueue(due, due);
    }

    /// <summary>How long there is nothing to do: until the next retry, the next room in a lane's pace, or the next renewal of the leases.</summary>
    private TimeSpan UntilNextLook()
    {
        lock (gate)
        {
            var now = time.GetUtcNow();
            var next = nextClaim;
            while (dueTimes.TryPeek(out var due, out _) && due <= now) dueTimes.Dequeue();
            if (dueTimes.TryPeek(out var later, out _)) next = Min(next, later);
            foreach (var lane in lanes.Values.Where(x => x.HasBacklog))
            {
                if (lane.ParkedUntil > now) next = Min(next, lane.ParkedUntil);
                else if (lane.Pace.IsLimited && lane.Pace.NextMerged(now) is var merged && merged > now) next = Min(next, merged);
            }

            return next > now ? next - now : TimeSpan.FromMilliseconds(1);
        }
    }

    private static DateTimeOffset Min(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;
}
