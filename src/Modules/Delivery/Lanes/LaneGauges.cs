using System.Diagnostics.Metrics;
using Notify.Kernel;

namespace Notify.Delivery.Lanes;

/// <summary>Gauges of how much the platforms would accept now on the lanes that this node serves.</summary>
internal static class LaneGauges
{
    /// <summary>Only the lanes with least left are shown; thousands would dominate the metrics.</summary>
    private const int MostLanes = 50;

    public static void Add(Gauges gauges, HeldLanes lanes)
    {
        gauges.Add("notify.lane.held", () => lanes.Count, "{lane}", "Lanes served by this node.");
        gauges.Add(
            "notify.lane.pace.left", () =>
            Least(lanes.PaceLeft()), "{message}", "Messages that the platform would accept now on a lane with a limit.");
        gauges.Add(
            "notify.lane.day.left", () => Least(lanes.DayLeft()), "{send}", "Messages left of a lane's daily quota, counted per recipient.");
    }

    private static IEnumerable<Measurement<int>> Least(IEnumerable<(string Lane, int Left)> lanes) =>
        lanes.OrderBy(x => x.Left).Take(MostLanes).Select(x => new Measurement<int>(x.Left, new KeyValuePair<string, object?>("lane", x.Lane)));
}
