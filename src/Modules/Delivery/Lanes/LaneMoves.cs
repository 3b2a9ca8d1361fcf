using Marten;
using Notify.Contracts.Rules;
using Notify.Delivery.Notifications;
using Npgsql;

namespace Notify.Delivery.Lanes;

/// <summary>
/// Follows the configuration with what waits. When a robot's webhook is replaced, what was to go by the old one goes by the new one, at its pace. And since
/// somebody may just have mended what was wrong, blocked lanes are tried at once.
/// </summary>
public sealed class LaneMoves(NpgsqlDataSource database, IDocumentStore store, CurrentServices services, HeldLanes lanes, LaneIncidents incidents)
{
    private sealed record Route(string Lane, string ServiceId, string[] Receivers);

    public async Task FollowAsync(long version, CancellationToken cancellation)
    {
        var known = await services.GetAsync(version, cancellation);
        var inFlight = lanes.InFlight();
        var moved = new List<(Route Route, string To)>();
        foreach (var route in await ReadAsync(lanes.WithBacklog(), inFlight, cancellation))
        {
            var lane = CurrentServices.LaneOf(known.GetValueOrDefault(route.ServiceId), [.. route.Receivers.Select(NotificationTable.ReceiverOf)]);
            if (lane != route.Lane) moved.Add((route, lane));
        }

        if (moved.Count > 0)
        {
            await MoveAsync(moved, inFlight, cancellation);
            lanes.Queue(moved.Select(x => x.To));
            string[] left = [.. moved.Select(x => x.Route.Lane).Distinct(StringComparer.Ordinal)];
            var waiting = await Work.WaitingLanesAsync(database, left, inFlight, cancellation);
            foreach (var lane in left.Where(x => !waiting.Contains(x)))
                if (lanes.Mend(lane)) await incidents.MendAsync(lane, "configuration");
        }

        lanes.ProbeBlocked();
    }

    private async Task<List<Route>> ReadAsync(string[] ofLanes, string[] inFlight, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"select distinct lane, service_id, receivers from {NotificationTable.Name} where lane = any($1) and due_at is not null and not (id = any($2))");
        command.Parameters.AddWithValue(ofLanes);
        command.Parameters.AddWithValue(inFlight);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var routes = new List<Route>();
        while (await reader.ReadAsync(cancellation)) routes.Add(new Route(reader.GetString(0), reader.GetString(1), reader.GetFieldValue<string[]>(2)));
        return routes;
    }

    private async Task MoveAsync(List<(Route Route, string To)> moved, string[] inFlight, CancellationToken cancellation)
    {
        await using var session = store.LightweightSession();
        LaneTable.QueueInsert(session, [.. moved.Select(x => x.To).Distinct(StringComparer.Ordinal)]);
        foreach (var (route, to) in moved)
        {
            session.QueueSqlCommand(
                $"update {NotificationTable.Name} set lane = ? where lane = ? and service_id = ? and receivers = ? and due_at is not null and not (id = any(?))",
                to, route.Lane, route.ServiceId, route.Receivers, inFlight);
        }

        await session.SaveChangesAsync(cancellation);
    }
}
