using Marten;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Notify.Contracts.Services;
using Notify.Delivery.Channels;
using Notify.Delivery.Lanes;
using Notify.Delivery.Notifications;
using Notify.Delivery.Outcomes;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Http;
using Npgsql;

namespace Notify.Delivery.Flights;

/// <summary>
/// Serves the lanes this node holds. New work goes straight to a lane that is held here and where nothing waits (<see cref="TakeAsync"/>, within the
/// transaction that requests it); all else waits in the store and is taken up from there, most urgent first. "Attempt started" is on record before a
/// request leaves; outcomes go to the <see cref="OutcomeWriter"/>. The store is the queue; memory only knows what is in flight.
/// </summary>
public sealed class LaneDispatcher(
    NpgsqlDataSource database, IDocumentStore store, IServiceProvider services, CurrentServices configuration, HeldLanes lanes, WaitingWork waiting, FlightPlanner planner,
    FlightRunner runner, LaneMoves moves, OutcomeWriter outcomes, TimeProvider time, ILogger<LaneDispatcher> logger) : BackgroundService
{
    /// <summary>A node that dies is replaced after this at the latest; it renews each <see cref="Renewal"/>.</summary>
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(7);
    private static readonly TimeSpan Renewal = TimeSpan.FromSeconds(2);

    /// <summary>How often a node looks whether it serves too many lanes, and whether there is work it was not told of.</summary>
    private static readonly TimeSpan Review = TimeSpan.FromSeconds(6);

    /// <summary>How long a stop waits for what has not begun to leave; behind a slow platform hundreds may wait. What has begun may take as long as its request may.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Tidying = TimeSpan.FromMinutes(10);

    private readonly SemaphoreSlim wake = new(0);
    private long configurationVersion = -1;
    private TimeSpan nextTidying;
    private TimeSpan nextReview;
    private volatile bool reviewSoon;

    /// <summary>Unique to this process: a lease or an attempt of an earlier one is not its own.</summary>
    public string Node { get; } = $"{Environment.MachineName}/{Environment.ProcessId}/{Guid.NewGuid().ToString("N")[..6]}";

    /// <summary>
    /// Takes of this new work what its lanes can start at once; the caller puts "attempt started" on record with the request itself, and then calls
    /// <see cref="Launch"/>, or <see cref="PutBack"/> if that failed. The rest must wait in the store.
    /// </summary>
    /// <param name="watch">From before the caller read the store.</param>
    public Task<List<Flight>> TakeAsync(
        IReadOnlyList<Work> work, IReadOnlyDictionary<string, ServiceDescription> known, BatchWatch watch, CancellationToken cancellation) =>
        planner.TakeAsync(work, known, watch, cancellation);

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

        CountedSends.QueueInsert(session, [.. flights.SelectMany(x => x.Counted)]);
    }

    /// <summary>They are on record: send them.</summary>
    public void Launch(IReadOnlyList<Flight> flights) => runner.Launch(flights, Wake);

    /// <summary>
    /// The transaction that started them failed. It may be on disk all the same, when only its answer was lost: before their lanes go on, what was
    /// started there without an outcome is settled.
    /// </summary>
    public void PutBack(IReadOnlyList<Flight> flights)
    {
        lanes.Doubt(flights.Select(x => x.LaneId));
        foreach (var flight in flights) lanes.Land(flight, moreToCome: true);
        Wake();
    }

    /// <summary>There is new work on these lanes in the store; the nodes that serve them are told.</summary>
    public void Wake(IReadOnlyList<string> withWork)
    {
        var others = lanes.Queue(withWork);
        Wake();
        if (others.Count > 0) _ = TellAsync(others);
    }

    /// <summary>A test has passed through the lane: if it waits because the platform had found it too fast again and again, it goes on, whichever node serves it.</summary>
    public Task EndWaitAsync(string lane) => lanes.Serves(lane) ? GoOnAsync(lane) : TellAsync([LaneNodes.Passed + lane]);

    /// <summary>Another node says that there is work on these lanes, or that a test has passed; nothing: that there are lanes to take, or anything else to look at.</summary>
    public void Hear(string[] signals)
    {
        var passed = signals.Where(x => x.StartsWith(LaneNodes.Passed, StringComparison.Ordinal)).ToList();
        foreach (var signal in passed) _ = GoOnAsync(signal[LaneNodes.Passed.Length..]);
        if (passed.Count > 0) return;
        if (signals.Length > 0) lanes.Queue(signals);
        else
        {
            reviewSoon = true;
            lanes.ClaimSoon();
        }

        Wake();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        DeliveryMetrics.Observe(lanes);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (lanes.MustClaim())
                {
                    await ClaimAsync(stoppingToken);
                    if (reviewSoon || lanes.Uptime >= nextReview) await ReviewAsync(stoppingToken);
                }

                if (await DispatchAsync(stoppingToken)) continue;
                await wake.WaitAsync(lanes.UntilNextLook(), stoppingToken);
                while (wake.CurrentCount > 0) await wake.WaitAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            catch (Exception e) when (WriteConflict.Is(e))
            {
                // Somebody cancelled one of them at this moment; the others are picked again.
                logger.LogDebug("What was to leave was changed meanwhile: {Fault}", e.Message);
            }
            catch (Exception e)
            {
                if (ProblemResponses.IsStoreDown(e)) logger.LogWarning(e, "Delivery waits for the database");
                else logger.LogError(e, "Delivery stumbled, and goes on");
                await Task.Delay(TimeSpan.FromMilliseconds(500), time, stoppingToken).ContinueWith(_ => { }, TaskScheduler.Default);
            }
        }
    }

    /// <summary>Lets what is under way end, then gives the lanes to whoever is next.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        lanes.Close();
        try
        {
            var (began, renewed) = (lanes.Uptime, lanes.Uptime);
            while (runner.UnderWay > 0 && !cancellationToken.IsCancellationRequested)
            {
                await wake.WaitAsync(TimeSpan.FromMilliseconds(200), CancellationToken.None);
                if (lanes.Uptime - began >= Grace) runner.TurnBack();
                if (lanes.Uptime - renewed < Renewal) continue;
                // A slow platform may take longer than a lease lasts; whoever took the lane over would take what is under way for lost.
                await LaneTable.RenewAsync(database, Node, Lease, cancellationToken);
                renewed = lanes.Uptime;
            }

            await LaneTable.ReleaseAllAsync(database, Node, cancellationToken);
            await LaneNodes.TellAsync(database, [], cancellationToken);
        }
        catch (Exception e) when (e is NpgsqlException or OperationCanceledException)
        {
            logger.LogWarning(
                "The lanes could not be given back, and are free in {Seconds} s. Of {Count} messages that are under way the outcome will be recorded as unknown", Lease.TotalSeconds, runner.UnderWay);
        }
        finally
        {
            runner.TurnBack();
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

    private async Task ClaimAsync(CancellationToken cancellation)
    {
        var (asked, askedAt) = (time.GetUtcNow(), lanes.Uptime);
        var (claimed, version) = await LaneTable.ClaimAsync(database, Node, Lease, cancellation);
        var (news, inDoubt) = lanes.Examine(claimed.Select(x => x.Id));
        string[] ids = [.. news, .. inDoubt];
        IReadOnlyList<CountedSend> sends = [];
        if (ids.Length > 0)
        {
            await SettleAbandonedAsync(ids, cancellation);
            foreach (var due in await Work.DueTimesAsync(database, ids, asked, cancellation)) lanes.LookAgainAt(due);
            if (news.Length > 0) sends = await CountedSends.ReadAsync(database, news, asked - news.Max(x => lanes.LimitsOf(x).Memory), cancellation);
        }

        lanes.Hold(claimed, sends, settled: inDoubt, asked, askedAt, Lease, Renewal);
        if (askedAt >= nextTidying)
        {
            nextTidying = askedAt + Tidying;
            await CountedSends.ForgetAsync(database, asked - LaneLimits.LongestMemory, cancellation);
            await NotificationSpans.ForgetAsync(database, cancellation);
        }

        // Whoever served a new lane before may have gone before it followed the last change.
        if (claimed.Count == 0 || (version == configurationVersion && news.Length == 0)) return;
        await moves.FollowAsync(version, changed: version != configurationVersion, cancellation);
        configurationVersion = version;
    }

    private async Task ReviewAsync(CancellationToken cancellation)
    {
        reviewSoon = false;
        var review = await LaneNodes.ReviewAsync(database, Node, Lease, cancellation);
        lanes.Queue(review.WithWork);
        var left = lanes.Leave(review.Surplus);
        if (left.Length > 0)
        {
            await LaneTable.ReleaseAsync(database, Node, left, cancellation);
            await LaneNodes.TellAsync(database, [], cancellation);
        }

        nextReview = lanes.Uptime + (left.Length < review.Surplus ? Renewal : Review);
    }

    private async Task GoOnAsync(string lane)
    {
        if (!lanes.EndWait(lane)) return;
        logger.LogInformation("{Lane} waits no longer: a test has passed", lane);
        try
        {
            // What was refused was to be tried again when the wait would have ended.
            await waiting.DueNowAsync(lane, time.GetUtcNow(), CancellationToken.None);
        }
        catch (Exception e)
        {
            logger.LogWarning(e, "What was refused on {Lane} is tried again when it was to be", lane);
        }

        Wake();
    }

    private async Task TellAsync(List<string> others)
    {
        try
        {
            await LaneNodes.TellAsync(database, others, CancellationToken.None);
        }
        catch (Exception e) when (ProblemResponses.IsStoreDown(e))
        {
            // Who serves them looks by itself in a few seconds.
        }
    }

    /// <summary>Attempts that somebody started and nobody ended: their outcome is unknown, and recorded as such.</summary>
    private async Task SettleAbandonedAsync(string[] ids, CancellationToken cancellation)
    {
        var abandoned = await Work.AbandonedAsync(database, ids, lanes.InFlight(), cancellation);
        await Task.WhenAll(abandoned.Select(SettleAsync));
    }

    private async Task SettleAsync(Work work)
    {
        try
        {
            await outcomes.WriteAsync(new AttemptResult(
                work with { Version = work.Version - 1 }, work.Attempts, Started: true,
                new SendOutcome(OutcomeClass.Unknown) { PlatformMessage = "The process that sent it ended before the answer was recorded." },
                work.RequestsDone, RepeatIsSafe: work.Lane.StartsWith("wecom/app/", StringComparison.Ordinal)));
        }
        catch (Exception e) when (StoreFault.IsOfOne(e) && e is not ProblemException)
        {
            // Its lane goes on without it.
            logger.LogError(e, "What became of {Notification} could not be recorded", work.Id);
            lanes.Rest([work.Id]);
        }
    }

    /// <returns>True when something was taken up, so that there may be more.</returns>
    private async Task<bool> DispatchAsync(CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var looked = lanes.Open(now);
        if (looked.Count == 0) return false;
        var (found, version) = await waiting.PickAsync(looked, lanes.InFlightOrResting(now), now, cancellation);
        // What somebody sends again on purpose is sent.
        var overtaken = found.Where(x => x.Overtaken && x.Request.ReplayOf is null).ToList();
        var picked = overtaken.Count == 0 ? found : [.. found.Except(overtaken)];
        var flights = new List<Flight>();
        if (picked.Count > 0)
        {
            var known = await configuration.GetAsync(version, cancellation);
            foreach (var lane in picked.GroupBy(x => x.Lane, StringComparer.Ordinal))
                flights.AddRange(await planner.PlanAsync(lane.Key, [.. lane], known, now, cancellation));
        }

        if (flights.Count > 0 || overtaken.Count > 0) await StartAsync(flights, overtaken, cancellation);
        await ForgetBacklogAsync(looked, picked, flights, cancellation);
        return flights.Count > 0 || overtaken.Count > 0;
    }

    private async Task StartAsync(List<Flight> flights, List<Work> overtaken, CancellationToken cancellation)
    {
        try
        {
            await using var session = store.LightweightSession();
            var events = services.GetRequiredService<EventBatch>();
            Start(flights, events, session);
            Supersede(overtaken, events, session);
            events.QueueTo(session);
            await session.SaveChangesAsync(cancellation);
        }
        catch (Exception e) when (StoreFault.IsOfOne(e))
        {
            await StartApartAsync(flights, overtaken, e, cancellation);
            return;
        }
        catch
        {
            PutBack(flights);
            throw;
        }

        waiting.Forget(flights.SelectMany(x => x.Works));
        planner.Forget(flights.SelectMany(x => x.Works));
        Launch(flights);
    }

    /// <summary>What could not be put on record together is halved until what is at fault is alone: it fails, or is looked at again later, and the others leave.</summary>
    private async Task StartApartAsync(List<Flight> flights, List<Work> overtaken, Exception e, CancellationToken cancellation)
    {
        if (flights.Count + overtaken.Count > 1)
        {
            var (half, rest) = flights.Count > 0 && overtaken.Count > 0 ? (flights.Count, 0) : (flights.Count / 2, overtaken.Count / 2);
            var later = flights[half..];
            try
            {
                await StartAsync(flights[..half], overtaken[..rest], cancellation);
            }
            catch
            {
                // The store has gone away meanwhile: what was not even tried must not stay under way here.
                PutBack(later);
                throw;
            }

            await StartAsync(later, overtaken[rest..], cancellation);
            return;
        }

        if (flights is [{ Works.Count: 1 } one] && !WriteConflict.Is(e))
        {
            logger.LogError(e, "It could not be recorded that {Notification} is to be sent", one.Works[0].Id);
            Launch([one with { Dispatch = null, Refusal = SendOutcome.Of(e, FailureStage.Recording) }]);
            return;
        }

        // Somebody cancelled or changed one of them at this moment; it is looked at again, but not at once.
        logger.LogWarning("What was to leave could not be recorded, and is looked at again: {Fault}", FaultText.Of(e));
        if (flights is [{ Works: { Count: > 1 } works }]) planner.Part(works);
        else lanes.Rest([.. flights.SelectMany(x => x.Works).Concat(overtaken).Select(x => x.Id)]);
        PutBack(flights);
    }

    /// <summary>Another node put it on record after something later of its alarm had left, or at the same time (docs/decisions/0013).</summary>
    private void Supersede(List<Work> overtaken, EventBatch events, IDocumentSession session)
    {
        foreach (var work in overtaken)
            events.Append(work.Id, work.Version + 1, new NotificationSuppressed(NotificationTable.Superseded), AuditContext.OfSystem(work.CorrelationId, work.CausationId));
        NotificationTable.QueueUpdate(session, overtaken.ConvertAll(x => new NotificationTable.Change(
            x.Id, NotificationStatus.Suppressed, x.Version + 1, x.Attempts, x.Tries, x.RequestsDone, null, time.GetUtcNow(), NotificationTable.Superseded)));
    }

    /// <summary>A lane where nothing waits any more takes new work directly again.</summary>
    private async Task ForgetBacklogAsync(List<LaneLook> looked, List<Work> picked, List<Flight> flights, CancellationToken cancellation)
    {
        var found = picked.CountBy(x => x.Lane, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
        var taken = flights.SelectMany(x => x.Works).CountBy(x => x.Lane, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
        var drained = looked.Where(x => found.GetValueOrDefault(x.Lane) < x.Most && found.GetValueOrDefault(x.Lane) == taken.GetValueOrDefault(x.Lane)).ToList();
        if (drained.Count == 0) return;
        var busy = await Work.WaitingLanesAsync(database, [.. drained.Select(x => x.Lane)], lanes.InFlight(), cancellation);
        foreach (var look in drained.Where(x => !busy.Contains(x.Lane))) lanes.ForgetBacklog(look.Lane, look.Arrivals);
    }
}
