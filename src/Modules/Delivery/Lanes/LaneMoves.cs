using Marten;
using Notify.Channels;
using Notify.Channels.People;
using Notify.Contracts.Rules;
using Notify.Delivery.Notifications;
using Npgsql;

namespace Notify.Delivery.Lanes;

/// <summary>Adapts waiting notifications to the configuration. When a service's credentials are replaced, notifications that wait for the old ones
/// are sent with the new ones, at their pace. Since the change may have fixed a fault, blocked lanes are tried at once.</summary>
public sealed class LaneMoves(NpgsqlDataSource database, IDocumentStore store, CurrentServices services, ChannelCatalog channels, HeldLanes lanes,
    WaitingWork waiting, LaneIncidents incidents)
{
    private sealed record Route(string Lane, string ServiceId, string[] Receivers);

    /// <param name="changed">Whether the configuration has changed since this node last looked.</param>
    public async Task FollowAsync(long version, bool changed, CancellationToken cancellation)
    {
        var known = await services.GetAsync(version, cancellation);
        var inFlight = lanes.InFlight();
        var moved = new List<(Route Route, string To)>();
        foreach (var route in await ReadAsync(lanes.WithBacklog(), inFlight, cancellation))
        {
            var lane = CurrentServices.LaneOf(
                known.Find(route.ServiceId), PeopleKinds.ReceiversIn(route.Receivers, channels.Kinds));
            if (lane != route.Lane) moved.Add((route, lane));
        }

        if (moved.Count > 0)
        {
            await MoveAsync(moved, inFlight, cancellation);
            lanes.Queue(moved.Select(x => x.To));
        }

        // No trial can mend these lanes any more: their work was moved or cancelled, and no service uses them.
        var used = CurrentServices.LaneNames(known.Services);
        string[] left = [.. lanes.Blocked().Where(x => !used.Contains(x)).Concat(moved.Select(x => x.Route.Lane)).Distinct(StringComparer.Ordinal)];
        if (left.Length > 0)
        {
            var busy = await waiting.LanesWithWorkAsync(left, inFlight, cancellation);
            foreach (var lane in left.Where(x => !busy.Contains(x) && lanes.IsBlocked(x)))
            {
                await incidents.MendAsync(lane, LaneMended.ByConfiguration);
                lanes.Mend(lane);
            }
        }

        if (changed) lanes.ProbeBlocked();
    }

    private async Task<List<Route>> ReadAsync(string[] ofLanes, string[] inFlight, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"select distinct lane, service_id, receivers from {NotificationTable.Name} where lane = any($1) and due_at is not null and not (id = any($2))");
        command.Parameters.AddWithValue(ofLanes);
        command.Parameters.AddWithValue(inFlight);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var routes = new List<Route>();
        while (await reader.ReadAsync(cancellation)) routes.Add(
            new Route(reader.GetString(0), reader.GetString(1), reader.GetFieldValue<string[]>(2)));
        return routes;
    }

    private async Task MoveAsync(List<(Route Route, string To)> moved, string[] inFlight, CancellationToken cancellation)
    {
        await using var session = store.LightweightSession();
        string[] used = [.. moved.Select(x => x.To).Distinct(StringComparer.Ordinal)];
        LaneTable.QueueInsert(session, used);
        foreach (var (route, to) in moved)
            NotificationUpdates.QueueMove(session, route.Lane, route.ServiceId, route.Receivers, to, inFlight);
        NotificationUrgency.QueueRaiseOn(session, used);
        await session.SaveChangesAsync(cancellation);
    }
}
