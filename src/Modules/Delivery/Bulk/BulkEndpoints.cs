using System.ComponentModel.DataAnnotations;
using Marten;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Primitives;
using Notify.Delivery.Changes;
using Notify.Delivery.Notifications;
using Notify.Delivery.Reading;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Http;
using Npgsql;

namespace Notify.Delivery.Bulk;

/// <summary>
/// <c>POST /notifications/bulk</c>: the same for thousands, chosen by their ids or by a filter, with progress. It is answered when it is on disk, and done
/// whatever becomes of the process.
/// </summary>
public static class BulkEndpoints
{
    private const int MostIds = 100_000;

    private sealed record Request([property: Required] NotificationVerb? Verb, string? Reason, IReadOnlyList<string?>? Ids, IReadOnlyDictionary<string, string>? Filter);

    public static void Map(RouteGroupBuilder group)
    {
        group.MapPost("/bulk", async (HttpContext http, NpgsqlDataSource database, IDocumentStore store, EventBatches batches, BulkWorker worker, PublicAddress address, TimeProvider time) =>
        {
            var request = await http.Request.ReadAsync<Request>();
            if (request.Verb is not { } verb) throw ProblemException.Invalid("verb", "Give resend, dismiss or cancel.");
            var reason = ChangeNotifications.ReasonFor(verb, request.Reason);
            if (request.Ids is null == request.Filter is null) throw ProblemException.Invalid("ids", "Give either ids or a filter.");
            var ids = request.Filter is { } filter ? await ChooseAsync(verb, filter, database, time, http.RequestAborted) : IdsOf(request);
            var (now, audit) = (time.GetUtcNow(), http.Audit());
            var id = Ids.New("bulk", now);
            await using var session = store.LightweightSession();
            var events = batches.New();
            events.Append(id, 1, new BulkRequested(verb, reason, request.Filter, ids.Count), audit);
            events.QueueTo(session);
            BulkTable.QueueInsert(session, new OpenBulk(id, verb, reason, audit), ids, now);
            await session.SaveChangesAsync(http.RequestAborted);
            worker.Wake();
            return Results.Accepted(address.PathTo($"api/v1/notifications/bulk/{id}"), await BulkTable.ReadAsync(database, id, http.RequestAborted));
        }).Idempotent().Requires(Permission.NotificationsResend)
            .Document(
                "changeNotifications", "Resend, dismiss or cancel many",
                "By ids or by a filter. Runs after the answer and survives a restart.")
            .Takes<Request>("""{ "verb": "resend", "reason": "The robot was removed", "filter": { "serviceId": "service-…", "from": "2026-01-31T00:00:00Z" } }""")
            .Answers<BulkView>(StatusCodes.Status202Accepted, "Accepted.").GivesHeader("Location", "Where its progress can be read.");

        group.MapGet("/bulk/{id}", async (string id, HttpContext http, NpgsqlDataSource database) =>
            await BulkTable.ReadAsync(database, id, http.RequestAborted) ?? throw ProblemException.NotFound("bulk operation", id)).Requires(Permission.NotificationsRead)
            .Document("getBulkOperation", "Progress of a bulk operation", "With the number of each outcome so far.");

        group.MapGet("/bulk/{id}/items", async (string id, HttpContext http, NpgsqlDataSource database) =>
        {
            var query = http.Query();
            var (after, limit) = (query.Cursor() ?? 0, query.Number("limit", 100, 1, 1000));
            query.ThrowIfInvalid();
            _ = await BulkTable.ReadAsync(database, id, http.RequestAborted) ?? throw ProblemException.NotFound("bulk operation", id);
            var items = await BulkTable.ReadItemsAsync(database, id, (int)after, limit + 1, http.RequestAborted);
            return new CursorPage<NotificationChanged>([.. items.Take(limit).Select(x => x.Item)], items.Count > limit ? QueryReader.CursorOf(items[limit - 1].Position) : null);
        }).Query(QueryParameter.Cursor, QueryParameter.Limit).Requires(Permission.NotificationsRead)
            .Document("listBulkItems", "Items of a bulk operation", "What became of each notification, in order, paged.");
    }

    private static List<string> IdsOf(Request request) =>
        request.Ids is { Count: > 0 and <= MostIds } ids && !ids.Any(string.IsNullOrEmpty)
            ? [.. ids.Select(x => x!).Distinct(StringComparer.Ordinal)]
            : throw ProblemException.Invalid("ids", $"Give 1 to {MostIds} ids.");

    /// <summary>What is on the failed list, or for a cancellation what waits; oldest first, so that what is sent again keeps its order.</summary>
    private static async Task<List<string>> ChooseAsync(
        NotificationVerb verb, IReadOnlyDictionary<string, string> given, NpgsqlDataSource database, TimeProvider time, CancellationToken cancellation)
    {
        var query = new QueryReader(new QueryCollection(given.ToDictionary(x => x.Key, x => new StringValues(x.Value), StringComparer.Ordinal)), path: "filter");
        foreach (var name in given.Keys.Where(x => !filters.Contains(x))) query.Fault(name, Misspelling.Of("filter", name, filters));
        var filter = verb == NotificationVerb.Cancel ? await NotificationFilter.OfRequestedAsync(query, database, cancellation) : await FailedNotifications.FilterOfAsync(query, database, time, cancellation);
        filter.Where(verb == NotificationVerb.Cancel ? "n.due_at is not null" : "n.due_at is null");
        query.ThrowIfInvalid();
        await using var command = database.CreateCommand($"select n.id from {NotificationTable.Name} n where {filter} order by n.position limit {MostIds}");
        foreach (var value in filter.Values) command.Parameters.AddWithValue(value);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var ids = new List<string>();
        while (await reader.ReadAsync(cancellation)) ids.Add(reader.GetString(0));
        return ids;
    }

    private static readonly string[] filters = ["status", "serviceId", "ruleId", "alarmId", "receiver", "from", "to", "search"];
}
