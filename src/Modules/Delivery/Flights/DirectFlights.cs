using Marten;
using Notify.Channels;
using Notify.Delivery.Lanes;
using Notify.Kernel.Events;

namespace Notify.Delivery.Flights;

/// <summary>Sends new work that its lanes can start at once without a detour through the store: "attempt started" is recorded in the transaction that
/// requests it. Everything else waits in the store, from where <see cref="LaneDispatcher"/> takes it.</summary>
public sealed class DirectFlights(
    FlightPlanner planner, FlightRecorder recorder, FlightRunner runner, HeldLanes lanes, WaitingWork waiting, LaneWaking waking)
{
    /// <summary>To be called before a batch with these alarms reads the store; keep the result until its work is taken.</summary>
    public BatchWatch Watch(IEnumerable<string> alarmIds) => lanes.Watch(alarmIds);

    /// <summary>Those of these lanes that must be announced in the store; lanes that this node serves are known.</summary>
    public string[] NotServed(IEnumerable<string> laneIds) => [.. laneIds.Where(x => !lanes.Serves(x))];

    /// <summary>Takes the part of this new work that its lanes can start at once. The caller then calls <see cref="Record"/>, saves, and calls <see
    /// cref="Launch"/>, or <see cref="PutBack"/> if saving failed. The rest must wait in the store.</summary>
    /// <param name="watch">Created before the caller read the store.</param>
    public Task<List<Flight>> TakeAsync(
        IReadOnlyList<Work> work, Reachable known, BatchWatch watch, CancellationToken cancellation) =>
        planner.TakeAsync(work, known, watch, cancellation);

    /// <inheritdoc cref="FlightRecorder.Record"/>
    public void Record(IReadOnlyList<Flight> flights, EventBatch events, IDocumentSession session) => recorder.Record(flights, events, session);

    /// <summary>To be called when the transaction is committed: the flights are sent, and the rest waits for its lanes.</summary>
    public void Launch(IReadOnlyList<Flight> flights, IReadOnlyList<Work> rest, IReadOnlyList<string> used)
    {
        runner.Launch(flights);
        if (rest.Count == 0) return;
        waiting.Remember(rest);
        waking.Wake(used);
    }

    /// <inheritdoc cref="FlightRunner.PutBack"/>
    public void PutBack(IReadOnlyList<Flight> flights) => runner.PutBack(flights);
}
