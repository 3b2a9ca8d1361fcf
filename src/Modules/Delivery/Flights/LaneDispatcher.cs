using Notify.Delivery.Lanes;

namespace Notify.Delivery.Flights;

/// <summary>Takes waiting notifications from the store for the lanes that this node serves, the most urgent first, and starts those that may be sent.
/// The store is the queue; memory holds only what is in flight.</summary>
public sealed class LaneDispatcher(
    HeldLanes lanes, WaitingWork waiting, CurrentServices services, FlightPlanner planner, FlightStarts starts, TimeProvider time)
{
    /// <returns>How long nothing is due; zero when something was started, since there may be more.</returns>
    public async Task<TimeSpan> DispatchAsync(CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var looked = lanes.Open(now);
        if (looked.Count == 0) return lanes.UntilNextLook();
        var (found, version) = await waiting.PickAsync(looked, lanes.InFlightOrResting(now), now, cancellation);
        var overtaken = found.Where(x => x.IsOvertaken).ToList();
        var picked = overtaken.Count == 0 ? found : [.. found.Except(overtaken)];
        var flights = new List<Flight>();
        if (picked.Count > 0)
        {
            var known = await services.GetAsync(version, cancellation);
            foreach (var lane in picked.GroupBy(x => x.Lane, StringComparer.Ordinal))
                flights.AddRange(await planner.PlanAsync(lane.Key, [.. lane], known, now, cancellation));
        }

        var isBusy = flights.Count > 0 || overtaken.Count > 0;
        if (isBusy) await starts.StartAsync(flights, overtaken, cancellation);
        await ForgetBacklogAsync(looked, picked, flights, cancellation);
        return isBusy ? TimeSpan.Zero : lanes.UntilNextLook();
    }

    /// <summary>A lane on which nothing waits takes new work directly again.</summary>
    private async Task ForgetBacklogAsync(List<LaneLook> looked, List<Work> picked, List<Flight> flights, CancellationToken cancellation)
    {
        var found = picked.CountBy(x => x.Lane, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
        var taken = flights.SelectMany(x => x.Works).CountBy(x => x.Lane, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
        var drained = looked
            .Where(x => found.GetValueOrDefault(x.Lane) is var count && count < x.Most && count == taken.GetValueOrDefault(x.Lane)).ToList();
        if (drained.Count == 0) return;
        var busy = await waiting.LanesWithWorkAsync([.. drained.Select(x => x.Lane)], lanes.InFlight(), cancellation);
        foreach (var look in drained.Where(x => !busy.Contains(x.Lane))) lanes.ForgetBacklog(look.Lane, look.Arrivals);
    }
}
