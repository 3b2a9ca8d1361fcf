using Marten;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Notify.Contracts.Rules;
using Notify.Delivery.Lanes;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Http;
using Npgsql;

namespace Notify.Delivery.Notifications;

/// <summary>What could not be delivered: to look at, to send again, to dismiss. Nothing is erased by it.</summary>
public static class FailedNotifications
{
    private const string Open = "n.status in ('Failed', 'PartlyDelivered') and n.resent_as is null";
    private static readonly TimeSpan DefaultSpan = TimeSpan.FromDays(7);
    private static readonly TimeSpan LongestSpan = TimeSpan.FromDays(366);

    private sealed record Request(IReadOnlyList<string?>? Ids, string? Reason);

    /// <param name="Outcome"><c>resent</c> (then <paramref name="NotificationId"/> is the new one), <c>dismissed</c>, <c>notFound</c> or <c>notFailed</c>.</param>
    private sealed record Result(string Id, string Outcome, string? NotificationId = null);

    public static void Map(RouteGroupBuilder group)
    {
        group.MapGet("/failed", async (HttpContext http, NpgsqlDataSource database, EventReader events, TimeProvider time) =>
        {
            var query = new QueryReader(http.Request.Query);
            var (filter, limit) = (await FilterOfAsync(query, database, time, http.RequestAborted), query.Number("limit", 100, 1, 1000));
            filter.Where("n.position < ", query.Cursor());
            query.ThrowIfInvalid();
            return await ReadNotifications.PageAsync(database, events, filter, "n.position", limit, http.RequestAborted);
        });

        group.MapGet("/failed/count", async (HttpContext http, NpgsqlDataSource database, TimeProvider time) =>
        {
            var query = new QueryReader(http.Request.Query);
            var filter = await FilterOfAsync(query, database, time, http.RequestAborted);
            query.ThrowIfInvalid();
            await using var command = database.CreateCommand($"select count(*) from {NotificationTable.Name} n where {filter}");
            foreach (var value in filter.Values) command.Parameters.AddWithValue(value);
            return new { Count = (long)(await command.ExecuteScalarAsync(http.RequestAborted))! };
        });

        group.MapPost("/dismiss", async (HttpContext http, IDocumentStore store, EventReader events, EventBatch batch) =>
        {
            var request = await http.Request.ReadAsync<Request>();
            var reason = request.Reason?.Trim() ?? "";
            if (reason.Length is 0 or > 500) throw ProblemException.Invalid("reason", "A reason is required, of at most 500 characters.");
            return await ChangeAsync(http, store, events, batch, IdsOf(request), (notification, session) =>
            {
                batch.Append(notification.Id, notification.Version + 1, new NotificationDismissed(reason), http.Audit() with { CorrelationId = notification.CorrelationId });
                session.QueueSqlCommand(
                    $"update {NotificationTable.Name} set status = 'Dismissed', version = ?, reason = ? where id = ?", notification.Version + 1, reason, notification.Id);
                return new Result(notification.Id, "dismissed");
            });
        });

        group.MapPost("/resend", async (
            HttpContext http, IDocumentStore store, EventReader events, EventBatch batch, CurrentServices services, LaneDispatcher lanes, TimeProvider time) =>
        {
            var ids = IdsOf(await http.Request.ReadAsync<Request>());
            var known = await services.GetAsync(http.RequestAborted);
            var now = time.GetUtcNow();
            var rows = new List<NotificationTable.NewRow>();
            var answer = await ChangeAsync(http, store, events, batch, ids, (original, session) =>
            {
                Receiver[] missed = [.. original.Receivers.Where(x => x.Outcome != "delivered").Select(x => new Receiver(x.Kind, x.Alias, x.Account))];
                var again = original.Request with
                {
                    ReplayOf = original.Id,
                    Receivers = missed,
                    Lane = CurrentServices.LaneOf(known.GetValueOrDefault(original.Request.Service.Id), missed),
                };
                var id = Kernel.Ids.New("notification", now);
                var audit = http.Audit() with { CorrelationId = original.CorrelationId };
                var resent = batch.Append(original.Id, original.Version + 1, new NotificationResent(id), audit);
                batch.Append(id, 1, again, audit with { CausationId = resent.ToString() });
                session.QueueSqlCommand($"update {NotificationTable.Name} set version = ?, resent_as = ? where id = ?", original.Version + 1, id, original.Id);
                rows.Add(new(id, again, null));
                return new Result(original.Id, "resent", id);
            }, session =>
            {
                if (rows.Count == 0) return;
                NotificationTable.QueueInsert(session, rows, now);
                LaneTable.QueueInsert(session, [.. rows.Select(x => x.Request.Lane).Distinct(StringComparer.Ordinal)]);
            });
            lanes.Wake([.. rows.Select(x => x.Request.Lane).Distinct(StringComparer.Ordinal)]);
            return answer;
        });
    }

    /// <summary>What has failed, and what waits for a lane that is blocked: somebody has to do something about either.</summary>
    private static async Task<ReadNotifications.Filter> FilterOfAsync(QueryReader query, NpgsqlDataSource database, TimeProvider time, CancellationToken cancellation)
    {
        var to = query.Instant("to") ?? time.GetUtcNow();
        var from = query.Instant("from") ?? to - DefaultSpan;
        if (to < from) query.Fault("to", "The end lies before the beginning.");
        if (to - from > LongestSpan) query.Fault("from", "At most one year.");
        var filter = new ReadNotifications.Filter();
        var blocked = await LaneTable.BlockedAsync(database, cancellation);
        if (blocked.Count == 0) filter.Where($"{Open} and n.ended_at between {filter.Add(from)} and {filter.Add(to)}");
        else
        {
            var (first, last) = (filter.Add(from), filter.Add(to));
            filter.Where(
                $"(({Open} and n.ended_at between {first} and {last}) or (n.due_at is not null and n.lane = any({filter.Add(blocked.Keys.ToArray())}) and n.requested_at between {first} and {last}))");
        }

        if (query.Text("search") is { } search)
        {
            filter.Where(
                $"exists (select 1 from {Database.Schema}.mt_events e where e.stream_id = n.id and e.version = 1 and strpos(lower(concat_ws(' ', n.reason, e.data->'rule'->>'name', e.data->'content'->>'text')), lower(",
                search, ")) > 0)");
        }

        return filter;
    }

    private static string[] IdsOf(Request request)
    {
        if (request.Ids is not { Count: > 0 and <= 1000 } ids || ids.Any(string.IsNullOrEmpty)) throw ProblemException.Invalid("ids", "Give 1 to 1000 ids.");
        return [.. ids.Select(x => x!).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>One transaction for all; one that another request changes at the same moment makes it fail as a whole, with 409.</summary>
    private static async Task<object> ChangeAsync(
        HttpContext http, IDocumentStore store, EventReader events, EventBatch batch, string[] ids,
        Func<Notification, IDocumentSession, Result> change, Action<IDocumentSession>? finish = null)
    {
        var loaded = await ReadNotifications.LoadAsync(events, [.. ids.Where(x => x.StartsWith("notification-", StringComparison.Ordinal))], http.RequestAborted);
        await using var session = store.LightweightSession();
        var results = ids.Select(id =>
            !loaded.TryGetValue(id, out var notification) ? new Result(id, "notFound")
            : notification.Status is not (NotificationStatus.Failed or NotificationStatus.PartlyDelivered) || notification.ResentAs is not null ? new Result(id, "notFailed")
            : change(notification, session)).ToList();
        finish?.Invoke(session);
        batch.QueueTo(session);
        try
        {
            await session.SaveChangesAsync(http.RequestAborted);
        }
        catch (Exception e) when (WriteConflict.Is(e))
        {
            throw ProblemException.Conflict("One of these notifications was changed at the same moment. Read them again.");
        }

        return new { Items = results };
    }
}
