using Microsoft.Extensions.Logging;
using Notify.Channels.Sending;
using Notify.Delivery.Lanes;
using Notify.Delivery.Notifications;
using Notify.Kernel;
using Notify.Kernel.Events;

namespace Notify.Delivery.Flights;

/// <summary>Starts planned flights: records all of them in one transaction, then sends them.</summary>
public sealed class FlightStarts(
    FlightRecorder recorder, FlightRunner runner, FlightPlanner planner, WaitingWork waiting, HeldLanes lanes, ILogger<FlightStarts> logger)
{
    /// <summary>Exactly one is set: a flight to send, or a notification that is not sent because a later one was already sent to its
    /// receivers.</summary>
    private readonly record struct Planned(Flight? Flight, Work? Overtaken);

    /// <summary>A batch that cannot be recorded is halved until the faulty item is alone. That item fails or is retried later, and the others are
    /// sent.</summary>
    public async Task StartAsync(IReadOnlyList<Flight> flights, IReadOnlyList<Work> overtaken, CancellationToken cancellation)
    {
        var open = new HashSet<Flight>(flights, ReferenceEqualityComparer.Instance);
        List<Planned> planned = [.. flights.Select(x => new Planned(x, null)), .. overtaken.Select(x => new Planned(null, x))];
        try
        {
            await Halving.RunAsync(planned, StartAsync, FailAsync);
        }
        catch
        {
            // The database is unavailable: neither the failed part nor the rest may count as in flight on this node.
            runner.PutBack([.. open]);
            throw;
        }

        async Task StartAsync(IReadOnlyList<Planned> part)
        {
            List<Flight> leaving = [.. part.Select(x => x.Flight).OfType<Flight>()];
            await recorder.SaveAsync(leaving, [.. part.Select(x => x.Overtaken).OfType<Work>()], cancellation);
            waiting.Forget(leaving.SelectMany(x => x.Works));
            planner.Forget(leaving.SelectMany(x => x.Works));
            open.ExceptWith(leaving);
            runner.Launch(leaving);
        }

        Task FailAsync(Planned planned, Exception e)
        {
            Fail(planned, e);
            if (planned.Flight is { } flight) open.Remove(flight);
            return Task.CompletedTask;
        }
    }

    private void Fail(Planned planned, Exception e)
    {
        if (planned.Flight is { Works: [var one] } alone && !WriteConflict.Is(e))
        {
            logger.LogError(e, "Recording the start of the attempt for {Notification} failed", one.Id);
            runner.Launch([alone with { Dispatch = null, Unsendable = SendOutcome.Of(e, FailureStage.Recording) }]);
            return;
        }

        // Somebody cancelled or changed one of them at this moment; it is read again, but not at once.
        logger.LogWarning("Recording the start of attempts failed; reading the lanes again: {Fault}", FaultText.Of(e));
        if (planned.Flight is { Works: { Count: > 1 } works }) planner.Part(works);
        else lanes.Rest([(planned.Overtaken ?? planned.Flight!.Works[0]).Id]);
        if (planned.Flight is { } flight) runner.PutBack([flight]);
    }
}
