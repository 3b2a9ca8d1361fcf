using Notify.Delivery.Lanes;
using Notify.Delivery.Notifications;
using Notify.Kernel;

namespace Notify.Delivery;

/// <summary>Waiting and failed notifications, for <c>/metrics</c>.</summary>
internal static class DeliveryFigures
{
    /// <summary>How many lanes are shown, those in trouble first; <c>GET /lanes</c> has all.</summary>
    private const int MostLanes = 50;

    public static readonly StoreFigures OfLanes = new(
        $"""
        select l.id, count(n.id) as depth, coalesce(extract(epoch from now() - min(n.requested_at)), 0)::float8 as age, (l.blocked_at is not null)::int as blocked
        from {LaneTable.Name} l left join {NotificationTable.Name} n on n.lane = l.id and n.due_at is not null
        group by l.id order by blocked desc, age desc, l.id collate "C" limit {MostLanes}
        """,
        "lane",
        new("notify.lane.depth", "{notification}", "Notifications waiting on a lane for their turn, pace or a retry."),
        new("notify.lane.age", "s", "Age of the oldest notification that waits on a lane."),
        new("notify.lane.blocked", null, "1: nothing can be delivered because of a setting; waiting notifications are held."));

    public static readonly StoreFigures OfFailures = new(
        $"select count(*) from {NotificationTable.Name} where status in ('Failed', 'PartlyDelivered') and resent_as is null and ended_at > now() - interval '7 days'", null,
        new StoreFigure("notify.failed", "{notification}",
        "Notifications in the failed list of the last 7 days, without those held by blocked lanes."));
}
