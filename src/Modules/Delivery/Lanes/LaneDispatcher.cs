using Marten;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Notify.Delivery.Channels;
using Notify.Delivery.Notifications;
using Notify.Delivery.WeCom;
using Notify.Kernel;
using Notify.Kernel.Events;
using Npgsql;

namespace Notify.Delivery.Lanes;

/// <summary>
/// Serves the lanes this node holds: takes what is due from the store, puts "attempt started" on record for all of it in one transaction, sends, and
/// hands the outcomes to the <see cref="OutcomeWriter"/>. The store is the queue; memory only knows what is in flight.
/// </summary>
public sealed class LaneDispatcher(
    NpgsqlDataSource database, IDocumentStore store, IServiceProvider services, CurrentServices configuration, WeComDelivery weCom,
    OutcomeWriter outcomes, IConfiguration settings, TimeProvider time, ILogger<LaneDispatcher> logger) : BackgroundService
{
    /// <summary>A node that dies is replaced after this at the latest; it renews each <see cref="Renewal"/>.</summary>
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Renewal = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim wake = new(0);
    private readonly Dictionary<string, Lane> lanes = new(StringComparer.Ordinal);
    private readonly Lock gate = new();
    private readonly int botLimit = settings.GetValue("Notify:WeCom:BotLimitPerMinute", 20);
    private DateTimeOffset nextClaim;
    private int sending;

    /// <summary>Unique to this process: a lease or an attempt of an earlier one is not its own.</summary>
    public string Node { get; } = $"{Environment.MachineName}/{Environment.ProcessId}/{Guid.NewGuid().ToString("N")[..6]}";

    /// <summary>There is new work on these lanes.</summary>
    public void Wake(IReadOnlyList<string> withWork)
    {
        lock (gate)
        {
            if (withWork.Any(x => !lanes.ContainsKey(x))) nextClaim = default;
        }

        Wake();
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
                await wake.WaitAsync(await NextLookAsync(stoppingToken), stoppingToken);
                while (wake.CurrentCount > 0) await wake.WaitAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            catch (Exception e)
            {
                if (Kernel.Http.ProblemResponses.IsStoreDown(e)) logger.LogWarning("Delivery waits for the database: {Fault}", e.Message);
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

    private void Wake()
    {
        if (wake.CurrentCount == 0) wake.Release();
    }

    private async Task ClaimAsync(CancellationToken cancellation)
    {
        var claimed = await LaneTable.ClaimAsync(database, Node, Lease, cancellation);
        var held = claimed.Select(x => x.Lane).ToHashSet(StringComparer.Ordinal);
        var news = claimed.Where(x => !lanes.ContainsKey(x.Lane)).ToList();
        if (news.Count > 0)
        {
            var abandoned = await Work.AbandonedAsync(database, [.. news.Select(x => x.Lane)], cancellation);
            await Task.WhenAll(abandoned.Select(x => outcomes.WriteAsync(new AttemptResult(
                x with { Version = x.Version - 1 }, x.Attempts, Started: true,
                new SendOutcome(OutcomeClass.Unknown) { PlatformMessage = "The process that sent it ended before the answer." },
                x.RequestsDone, RepeatIsSafe: x.Lane.StartsWith("wecom/app/", StringComparison.Ordinal)))));
        }

        lock (gate)
        {
            foreach (var lost in lanes.Keys.Where(x => !held.Contains(x)).ToList()) lanes.Remove(lost);
            foreach (var (id, sent) in news)
            {
                var lane = lanes[id] = new Lane(id, LimitOf(id));
                lane.Pace.Restore(sent.Select(x => new DateTimeOffset(x)));
            }

            nextClaim = time.GetUtcNow() + Renewal;
        }
    }

    /// <returns>True when something was taken up, so that there may be more.</returns>
    private async Task<bool> DispatchAsync(CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        List<(string Lane, int Room)> rooms;
        string[] inFlight;
        lock (gate)
        {
            rooms = [.. lanes.Values.Select(x => (x.Id, x.Room(now))).Where(x => x.Item2 > 0)];
            inFlight = [.. lanes.Values.SelectMany(x => x.InFlight)];
        }

        if (rooms.Count == 0) return false;
        var picked = await Work.PickAsync(database, rooms, inFlight, now, cancellation);
        if (picked.Count == 0) return false;

        var known = await configuration.GetAsync(cancellation);
        var ready = new List<(Work Work, Lane Lane, Dispatch? Dispatch, SendOutcome? Refusal, IReadOnlyList<DateTimeOffset> Times)>(picked.Count);
        foreach (var work in picked)
        {
            var lane = lanes[work.Lane];
            var (dispatch, refusal) = await PrepareAsync(work, known, cancellation);
            var messages = dispatch is null ? 0 : dispatch.Requests.Count - work.RequestsDone;
            if (!lane.Pace.Allows(messages, now)) continue;
            ready.Add((work, lane, dispatch, refusal, lane.Pace.Reserve(messages, now)));
        }

        if (ready.Count == 0) return false;
        await StartAsync([.. ready.Where(x => x.Dispatch is not null).Select(x => (x.Work, x.Lane, x.Dispatch!))], cancellation);
        foreach (var (work, lane, dispatch, refusal, times) in ready)
        {
            lock (gate) lane.InFlight.Add(work.Id);
            Interlocked.Increment(ref sending);
            _ = RunAsync(work, lane, dispatch, refusal, times);
        }

        return true;
    }

    private async ValueTask<(Dispatch?, SendOutcome?)> PrepareAsync(
        Work work, IReadOnlyDictionary<string, Contracts.Services.ServiceDescription> known, CancellationToken cancellation)
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

    /// <summary>"Attempt started" is on disk before the first request leaves; and what counts towards the pace with it.</summary>
    private async Task StartAsync(IReadOnlyList<(Work Work, Lane Lane, Dispatch Dispatch)> ready, CancellationToken cancellation)
    {
        if (ready.Count == 0) return;
        await using var session = store.LightweightSession();
        var events = services.GetRequiredService<EventBatch>();
        foreach (var (work, _, dispatch) in ready)
        {
            events.Append(work.Id, work.Version + 1, new AttemptStarted(work.Attempts + 1, Node, dispatch.Requests), AuditContext.OfSystem(work.CorrelationId, work.CausationId));
        }

        events.QueueTo(session);
        foreach (var lane in ready.Select(x => x.Lane).Where(x => x.Pace.IsLimited).DistinctBy(x => x.Id).OrderBy(x => x.Id, StringComparer.Ordinal))
            LaneTable.QueueSent(session, lane.Id, lane.Pace.Sent);
        await session.SaveChangesAsync(cancellation);
    }

    private async Task RunAsync(Work work, Lane lane, Dispatch? dispatch, SendOutcome? refusal, IReadOnlyList<DateTimeOffset> times)
    {
        try
        {
            var (outcome, done) = dispatch is null ? (refusal!, work.RequestsDone) : await SendAsync(work, lane, dispatch, times);
            if (outcome.Class == OutcomeClass.Rate) lane.ParkedUntil = time.GetUtcNow() + (outcome.RetryAfter ?? Pace.Window);
            await outcomes.WriteAsync(new AttemptResult(work, work.Attempts + 1, dispatch is not null, outcome, done, dispatch?.RepeatIsSafe ?? false));
        }
        catch (Exception e)
        {
            // Nothing is lost: the attempt is on record, and whoever serves the lane next finds it without an outcome.
            logger.LogError(e, "The outcome of {Notification} could not be recorded", work.Id);
        }
        finally
        {
            lock (gate) lane.InFlight.Remove(work.Id);
            Interlocked.Decrement(ref sending);
            Wake();
        }
    }

    private async Task<(SendOutcome Outcome, int RequestsDone)> SendAsync(Work work, Lane lane, Dispatch dispatch, IReadOnlyList<DateTimeOffset> times)
    {
        await lane.Places.WaitAsync();
        try
        {
            SendOutcome? last = null;
            var failed = new List<ReceiverOutcome>();
            for (var i = work.RequestsDone; i < dispatch.Requests.Count; i++)
            {
                if (times.Count > 0 && times[i - work.RequestsDone] - time.GetUtcNow() is { } wait && wait > TimeSpan.Zero) await Task.Delay(wait, time);
                last = await dispatch.SendAsync(i, CancellationToken.None);
                if (last.Class is not (OutcomeClass.Ok or OutcomeClass.Partial)) return (last, i);
                failed.AddRange(last.Receivers.Where(x => x.Outcome == ReceiverOutcome.Failed));
            }

            return (last! with { Receivers = [.. failed.DistinctBy(x => x.Account, StringComparer.OrdinalIgnoreCase)] }, dispatch.Requests.Count);
        }
        finally
        {
            lane.Places.Release();
        }
    }

    /// <summary>How long there is nothing to do: until the next retry, the next room in a lane's pace, or the next renewal of the leases.</summary>
    private async Task<TimeSpan> NextLookAsync(CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var next = nextClaim;
        lock (gate)
        {
            foreach (var lane in lanes.Values)
            {
                if (lane.ParkedUntil > now) next = Min(next, lane.ParkedUntil);
                else if (lane.Pace.NextRoom(now) is { } room) next = Min(next, room);
            }
        }

        await using var command = database.CreateCommand($"select min(due_at) from {NotificationTable.Name} where due_at > $1 and lane = any($2)");
        command.Parameters.AddWithValue(now);
        command.Parameters.AddWithValue(lanes.Keys.ToArray());
        if (await command.ExecuteScalarAsync(cancellation) is DateTime due) next = Min(next, new DateTimeOffset(due, TimeSpan.Zero));
        return next > now ? next - now : TimeSpan.FromMilliseconds(1);
    }

    private static DateTimeOffset Min(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;

    public override void Dispose()
    {
        wake.Dispose();
        base.Dispose();
    }
}
