using Marten;
using Notify.Channels;
using Notify.Delivery.Lanes;
using Notify.Kernel.Events;

namespace Notify.Delivery.Flights;

/// <summary>
/// New work that its lanes can start at once leaves past the store: "attempt started" is part of the transaction that requests it. All else waits in
/// the store and is taken up from there (<see cref="LaneDispatcher"/>).
/// </summary>
public sealed class DirectFlights(
    FlightPlanner planner, FlightRecorder recorder, FlightRunner runner, HeldLanes lanes, WaitingWork waiting, LaneWaking waking)
{
    /// <summary>A batch that tells of these alarms is about to read the store; held until its work is taken.</summary>
    public BatchWatch Watch(IEnumerable<string> alarmIds) => lanes.Watch(alarmIds);

    /// <summary>Of these lanes, those that the store must know of; those that this node serves are known.</summary>
    public string[] NotServed(IEnumerable<string> laneIds) => [.. laneIds.Where(x => !lanes.Serves(x))];

    /// <summary>
    /// Takes of this new work what its lanes can start at once; the caller calls <see cref="Record"/>, saves, and then calls <see cref="Launch"/>, or
    /// <see cref="PutBack"/> if that failed. The rest must wait in the store.
    /// </summary>
    /// <param name="watch">From before the caller read the store.</param>
    public Task<List<Flight>> TakeAsync(
        IReadOnlyList<Work> work, Reachable known, BatchWatch watch, CancellationToken cancellation) =>
        planner.TakeAsync(work, known, watch, cancellation);

    /// <inheritdoc cref="FlightRecorder.Record"/>
    public void Record(IReadOnlyList<Flight> flights, EventBatch events, IDocumentSession session) => recorder.Record(flights, events, session);

    /// <summary>The transaction is on disk: they leave, and the rest waits for its lanes.</summary>
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
