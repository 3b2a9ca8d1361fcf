using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Notify.Channels;
using Notify.Channels.Texts;
using Notify.Delivery.Lanes;
using Notify.Delivery.Notifications;
using Notify.Kernel;
using Notify.Kernel.Http;
using Npgsql;

namespace Notify.Delivery.Reading;

/// <summary>A lane: the unit to which the platform applies its limits.</summary>
/// <param name="Id">The channel's type, and the platform's name for it.</param>
/// <param name="Node">The node that serves it; null: none at present.</param>
/// <param name="Name">Its name for people: the services that use it now, each with the receiver; empty when no service uses it.</param>
/// <param name="Services">The ids of services whose notifications wait on it.</param>
/// <param name="Through">The services that use it now.</param>
/// <param name="Blocked">Why nothing can be sent; null: the lane is open.</param>
/// <param name="PaceLeft">How many messages the platform would accept now; null: there is no limit, or another node serves the lane.</param>
/// <param name="DayLeft">What is left of the daily quota, counted per recipient; null: there is none, or another node serves the lane.</param>
public sealed record LaneView(
    string Id, string Name, string? Node, long Waiting, DateTimeOffset? OldestRequestedAt, IReadOnlyList<string> Services,
    IReadOnlyList<LaneView.Service> Through, HeldView? Blocked, Explained? Explanation, int? PaceLeft, int? DayLeft)
{
    public sealed record Service(string Id, string Name);
}

/// <summary><c>GET /lanes</c>: how much waits on each lane, and why. It does not tell of which alarms, so callers need no access to their paths.
/// Blocked lanes come first, then those with most waiting.</summary>
public sealed class ReadLanes(NpgsqlDataSource database, CurrentServices services, ChannelCatalog channels, HeldLanes held)
{
    public sealed record Answer(IReadOnlyList<LaneView> Items);

    /// <returns>The first 1,000 lanes.</returns>
    public async Task<Answer> RunAsync(CancellationToken cancellation)
    {
        var current = (await services.GetAsync(cancellation)).Services;
        var names = CurrentServices.LaneNames(current);
        var through = (
            from service in current from lane in service.Routes.Lanes select (lane.Lane, Service: new LaneView.Service(service.Id, service.Name)))
            .Distinct().ToLookup(x => x.Lane, x => x.Service, StringComparer.Ordinal);
        var (pace, day) = (held.PaceLeft().ToDictionary(StringComparer.Ordinal), held.DayLeft().ToDictionary(StringComparer.Ordinal));
        var blocked = await LaneTable.BlockedAsync(database, cancellation);
        await using var command = database.CreateCommand(
            $"""
            select l.id, case when l.lease_until > now() then l.node end, count(n.id), min(n.requested_at), coalesce(array_agg(distinct n.service_id) filter (where n.id is not null), array[]::text[])
            from {LaneTable.Name} l left join {NotificationTable.Name} n on n.lane = l.id and n.due_at is not null
            group by l.id order by l.blocked_at is null, count(n.id) desc, l.id limit 1000
            """);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var lanes = new List<LaneView>();
        while (await reader.ReadAsync(cancellation))
        {
            var id = reader.GetString(0);
            var block = blocked.GetValueOrDefault(id);
            lanes.Add(new LaneView(
                id, string.Join(", ", names[id]), reader.IsDBNull(1) ? null : reader.GetString(1), reader.GetInt64(2),
                reader.IsDBNull(3) ? null : reader.GetFieldValue<DateTimeOffset>(3), reader.GetFieldValue<string[]>(4), [.. through[id]],
                block is null ? null : HeldView.Of(block), Explanations.OfCode(channels.OfLane(id), block?.PlatformCode),
                pace.TryGetValue(id, out var messages) ? messages : null, day.TryGetValue(id, out var persons) ? persons : null));
        }

        return new Answer(lanes);
    }

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/v1/lanes", (HttpContext http, ReadLanes read) => read.RunAsync(http.RequestAborted)).WithTags("notifications")
            .Requires(Permission.NotificationsRead).KeepsToPaths()
        .Document(
            "listLanes", "List lanes",
            "Each lane in use: how many notifications wait and since when, how many the platform would accept now, and whether it is blocked, why, and the remedy.");
}
