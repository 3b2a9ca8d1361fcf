using Microsoft.Extensions.Logging;
using Notify.Channels;
using Notify.Channels.Sending;
using Notify.Delivery.Lanes;
using Notify.Delivery.Notifications;
using Notify.Delivery.Outcomes;
using Notify.Kernel;

namespace Notify.Delivery.Flights;

/// <summary>Sends flights whose start is recorded, and has their outcomes recorded.</summary>
public sealed class FlightRunner(
    HeldLanes lanes, LaneIncidents incidents, OutcomeWriter outcomes, ChannelCatalog channels, LaneWaking waking, TimeProvider time,
    ILogger<FlightRunner> logger) : IDisposable
{
    private static readonly SendOutcome notSent = new(
        OutcomeClass.Retry)
    { PlatformMessage = "Not sent: this node was stopped before.", MostTries = int.MaxValue };

    private static readonly TimeSpan recordAgain = TimeSpan.FromMinutes(5);

    private readonly CancellationTokenSource turnedBack = new();
    private int underWay;

    public int UnderWay => Volatile.Read(ref underWay);

    /// <summary>Sends flights whose start is committed.</summary>
    public void Launch(IReadOnlyList<Flight> flights)
    {
        foreach (var flight in flights)
        {
            Interlocked.Increment(ref underWay);
            _ = RunAsync(flight);
        }
    }

    /// <summary>The transaction that started these flights failed. It may be committed nevertheless, if only the answer was lost: before their lanes
    /// continue, attempts recorded there without an outcome are settled.</summary>
    public void PutBack(IReadOnlyList<Flight> flights)
    {
        if (flights.Count == 0) return;
        lanes.Doubt(flights.Select(x => x.LaneId));
        foreach (var flight in flights) lanes.Land(flight.LaneId, flight.Works, moreToCome: true);
        waking.Signal.Set();
    }

    /// <summary>Stops requests that have not begun. They are recorded as not sent, and the node that serves the lane next sends them.</summary>
    public void TurnBack() => turnedBack.Cancel();

    public void Dispose() => turnedBack.Dispose();

    private async Task RunAsync(Flight flight)
    {
        var again = false;
        try
        {
            var lane = lanes.Find(flight.LaneId);
            var (outcome, done) = flight.Dispatch is null ? (flight.Unsendable!, flight.Works[0].RequestsDone) : await SendAsync(flight, lane);
            if (outcome.Class == OutcomeClass.Rate) outcome = outcome with { RetryAfter = Park(flight.LaneId, outcome) };
            await TellLaneAsync(flight, outcome);
            foreach (var retryAt in await Task.WhenAll(flight.ResultsOf(outcome, done).Select(RecordAsync)))
            {
                if (retryAt is not { } due) continue;
                again = true;
                lanes.LookAgainAt(due);
            }
        }
        catch (Exception e)
        {
            // Nothing is lost: the attempt is recorded, and the node that serves the lane next finds it without an outcome.
            logger.LogError(e, "Recording the outcome of {Notification} failed", flight.Works[0].Id);
        }
        finally
        {
            Interlocked.Decrement(ref underWay);
            lanes.Land(flight.LaneId, flight.Works, again);
            waking.Signal.Set();
        }
    }

    /// <summary>An outcome that cannot be recorded is kept and retried: the message is not sent again, and nothing waits for it. If this node stops,
    /// the next node that serves the lane finds the attempt without an outcome.</summary>
    private async Task<DateTimeOffset?> RecordAsync(AttemptResult result)
    {
        while (true)
        {
            try
            {
                return await outcomes.WriteAsync(result);
            }
            catch (Exception e) when (StoreFault.IsOfOne(e) && e is not ProblemException)
            {
                logger.LogError(e, "Recording the outcome of {Notification} failed; trying again in {Minutes} min", result.Work.Id,
                    recordAgain.TotalMinutes);
                await Task.Delay(recordAgain, time, turnedBack.Token);
            }
        }
    }

    private TimeSpan Park(string laneId, SendOutcome outcome)
    {
        var (wait, isNew) = lanes.Park(laneId, outcome);
        if (isNew) logger.LogWarning("{Lane} exceeded the platform's rate limit; waiting {Seconds} s: {Code} {Message}", laneId,
            (int)wait.TotalSeconds, outcome.PlatformCode, outcome.PlatformMessage);
        return wait;
    }

    /// <summary>Applies the outcome to the rest of the lane. This is recorded before the outcome itself, so that no incident is lost if the process
    /// is killed in between.</summary>
    private async Task TellLaneAsync(Flight flight, SendOutcome outcome)
    {
        try
        {
            switch (outcome.Class)
            {
                case OutcomeClass.Configuration when lanes.Block(flight.LaneId, outcome) is { } block:
                    var advice = AdviceOn(flight.LaneId, outcome);
                    if (!await incidents.BlockAsync(flight.Works[0], block, advice)) await incidents.PostponeAsync(flight.Works[0], block, advice);
                    // A message sent earlier may have succeeded meanwhile.
                    if (lanes.Recorded(flight.LaneId)) await incidents.MendAsync(flight.LaneId, LaneMended.ByProbe, flight.Works[0].CorrelationId);
                    break;
                case OutcomeClass.Ok or OutcomeClass.Partial or OutcomeClass.Accepted or OutcomeClass.Message or OutcomeClass.Receiver
                    when flight.Dispatch is not null && !outcome.IsRefusedQuery:
                    // Recorded before the lane continues: if that fails, the lane stays blocked and its next trial mends it.
                    if (lanes.IsBlocked(flight.LaneId)) await incidents.MendAsync(flight.LaneId, LaneMended.ByProbe, flight.Works[0].CorrelationId);
                    lanes.Mend(flight.LaneId);
                    break;
            }
        }
        catch (Exception e)
        {
            // The lane's state in memory is right; its next trial records it.
            logger.LogWarning(e, "Recording the state of lane {Lane} failed", flight.LaneId);
        }
    }

    /// <summary>What the operator can do, in both languages; null when the platform gave no known code.</summary>
    private string? AdviceOn(string lane, SendOutcome outcome) =>
        Explanations.OfCode(channels.OfLane(lane), outcome.PlatformCode)?.Advice is { } advice ? $"{advice.En} {advice.Zh}" : null;

    private async Task<(SendOutcome Outcome, int RequestsDone)> SendAsync(Flight flight, Lane? lane)
    {
        var first = Flight.FirstOf(flight.Works[0], flight.Dispatch!);
        var i = first;
        var verdicts = new Verdicts(flight.Dispatch!, flight.Works[0].Receivers);
        var hasPlace = false;
        try
        {
            if (lane is not null) await lane.Places.WaitAsync(turnedBack.Token);
            hasPlace = lane is not null;
            SendOutcome? last = null;
            for (; i < flight.Dispatch!.Requests.Count; i++)
            {
                if (!verdicts.MayReachSomebody(i)) continue;
                if (flight.TimeOf(i) - time.GetUtcNow() is { } wait && wait > TimeSpan.Zero) await Task.Delay(wait, time, turnedBack.Token);
                turnedBack.Token.ThrowIfCancellationRequested();
                using var span = Telemetry.Continue("deliver", flight.Works[0].TraceParent, flight.Works.Skip(1).Select(x => x.TraceParent));
                span?.Tag("notify.notification.id", flight.Works[0].Id).Tag("notify.lane", flight.LaneId)
                    .Tag("notify.notifications", flight.Works.Count);
                last = await flight.Dispatch.SendAsync(i, CancellationToken.None);
                if (last.Class is not OutcomeClass.Ok) span?.Fail(last.Class.ToString());
                if (!verdicts.GoesOnAfter(last)) return (verdicts.Sum(last, i), i);
            }

            var whole = verdicts.Sum(last!, i);
            return (whole, whole.Class == OutcomeClass.Receiver ? first : i);
        }
        catch (OperationCanceledException) when (turnedBack.IsCancellationRequested)
        {
            return (verdicts.Sum(notSent, i), i);
        }
        catch (Exception e)
        {
            // Whether the request was sent is unknown. Only the exception's type is recorded: its text might contain the address.
            logger.LogError(e, "Sending {Notification} failed", flight.Works[0].Id);
            var unknown = new SendOutcome(OutcomeClass.Unknown)
            {
                PlatformMessage = $"Notify failed while it was being sent: {e.GetType().Name}",
                MayHaveArrived = true,
            };
            return (verdicts.Sum(unknown, i), i);
        }
        finally
        {
            if (hasPlace) lane!.Places.Release();
        }
    }
}
