using System.ComponentModel.DataAnnotations;
using Marten;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Primitives;
using Notify.Channels;
using Notify.Delivery.Changes;
using Notify.Delivery.Notifications;
using Notify.Delivery.Reading;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Http;
using Npgsql;
using Wolverine;

namespace Notify.Delivery.Bulk;

/// <summary><c>POST /notifications/bulk</c>: changes thousands of notifications, chosen by id or by a filter, with progress. The answer is sent when
/// the request is committed; the operation then completes even if the process ends.</summary>
public sealed class BulkOperations(
    NpgsqlDataSource database, IDocumentStore store, EventBatches batches, BulkWorker worker, ChannelCatalog channels, IMessageBus bus,
    NotificationChange change, TimeProvider time)
{
    private const int MostIds = 100_000;
    private static readonly string[] filters = ["status", "serviceId", "ruleId", "alarmId", "receiver", "from", "to", "search"];

    /// <summary>Exactly one of <paramref name="Ids"/> and <paramref name="Filter"/> is required.</summary>
    /// <param name="Reason">1 to 500 characters; optional for a resend.</param>
    /// <param name="Ids">1 to 100,000.</param>
    /// <param name="Filter">The parameters of the failed list; for a cancellation they select among waiting notifications.</param>
    public sealed record Request(
        [property: Required] NotificationVerb? Verb, string? Reason = null, IReadOnlyList<string?>? Ids = null,
        IReadOnlyDictionary<string, string>? Filter = null);

    /// <returns>The operation, once its request is committed.</returns>
    /// <exception cref="ProblemException">400: the request is invalid.</exception>
    public async Task<BulkView> BeginAsync(Request request, AuditContext audit, CancellationToken cancellation)
    {
        if (request.Verb is not { } verb) throw ProblemException.Invalid("verb", "Give resend, dismiss or cancel.");
        var reason = ChangeNotifications.ReasonFor(verb, request.Reason);
        if (request.Ids is null == request.Filter is null) throw ProblemException.Invalid("ids", "Give either ids or a filter.");
        var ids = request.Filter is { } filter ? await ChooseAsync(verb, filter, cancellation)
            : await change.AllowedAsync(IdsOf(request), cancellation);
        var now = time.GetUtcNow();
        var id = Ids.New("bulk", now);
        await using var session = store.LightweightSession();
        var events = batches.New();
        var requested = new BulkRequested(verb, reason, request.Filter, ids.Count);
        object[] facts = [requested, .. BulkChosen.Of(ids)];
        for (var i = 0; i < facts.Length; i++) events.Append(id, i + 1, facts[i], audit);
        events.QueueTo(session, now);
        BulkTable.QueueInsert(session, id, requested, ids, now);
        await session.SaveChangesAsync(cancellation);
        worker.Wake();
        return await GetAsync(id, cancellation);
    }

    /// <exception cref="ProblemException">404: the operation does not exist.</exception>
    public async Task<BulkView> GetAsync(string id, CancellationToken cancellation) =>
        await BulkTable.ReadAsync(database, id, cancellation) ?? throw ProblemException.NotFound("bulk operation", id);

    /// <param name="after">The position after which the page begins (<see cref="CursorPage{T}.Next"/>); null: the first page.</param>
    /// <param name="limit">1 to 1,000.</param>
    /// <exception cref="ProblemException">404: the operation does not exist.</exception>
    public async Task<CursorPage<NotificationChanged>> ItemsAsync(string id, long? after, int limit, CancellationToken cancellation)
    {
        _ = await GetAsync(id, cancellation);
        var items = await BulkTable.ReadItemsAsync(database, id, (int)(after ?? 0), limit + 1, cancellation);
        return new([.. items.Take(limit).Select(x => x.Item)], items.Count > limit ? items[limit - 1].Position : null);
    }

    public static void Map(RouteGroupBuilder group)
    {
        group.MapPost("/bulk", async (HttpContext http, BulkOperations bulk, PublicAddress address) =>
        {
            var begun = await bulk.BeginAsync(await http.Request.ReadAsync<Request>(), http.Audit(), http.RequestAborted);
            return Results.Accepted(address.PathTo($"api/v1/notifications/bulk/{begun.Id}"), begun);
        }).Idempotent().Requires(Permission.NotificationsResend).KeepsToPaths()
            .Document(
                "changeNotifications", "Resend, dismiss or cancel many",
                "By ids or by a filter. Runs after the answer and survives a restart.")
            .Takes<Request>("""{ "verb": "resend", "reason": "The robot was removed", "filter": { "serviceId": "service-…", "from": "2026-01-31T00:00:00Z" } }""")
            .Answers<BulkView>(StatusCodes.Status202Accepted, "Accepted.").GivesHeader("Location", "Where its progress can be read.");

        group.MapGet("/bulk/{id}", (string id, HttpContext http, BulkOperations bulk) => bulk.GetAsync(id, http.RequestAborted))
            .Requires(Permission.NotificationsRead).KeepsToPaths()
            .Document("getBulkOperation", "Progress of a bulk operation", "With the number of each outcome so far.");

        group.MapGet("/bulk/{id}/items", async (string id, HttpContext http, BulkOperations bulk) =>
        {
            var query = http.Query();
            var (after, limit) = (query.Cursor(), query.Number("limit", 100, 1, 1000));
            query.ThrowIfInvalid();
            return await bulk.ItemsAsync(id, after, limit, http.RequestAborted);
        }).Query(QueryParameter.Cursor, QueryParameter.Limit).Requires(Permission.NotificationsRead).KeepsToPaths()
            .Document("listBulkItems", "Items of a bulk operation", "The outcome of each notification, in order, paged.");
    }

    private static List<string> IdsOf(Request request) =>
        request.Ids is { Count: > 0 and <= MostIds } ids && !ids.Any(string.IsNullOrEmpty)
            ? [.. ids.Select(x => x!).Distinct(StringComparer.Ordinal)]
            : throw ProblemException.Invalid("ids", $"Give 1 to {MostIds} ids.");

    /// <summary>The ids from the failed list, or for a cancellation from the waiting notifications. Oldest first, so that resent ones keep their
    /// order.</summary>
    private async Task<List<string>> ChooseAsync(NotificationVerb verb, IReadOnlyDictionary<string, string> given, CancellationToken cancellation)
    {
        const string path = "filter";
        var query = new QueryReader(x => given.TryGetValue(x, out var value) ? value : StringValues.Empty, path: path);
        foreach (var name in given.Keys.Where(x => !filters.Contains(x))) query.Fault(name, Misspelling.Of("filter", name, filters));
        var wanted = NotificationQuery.Read(query) with { Search = query.Text("search") };
        query.ThrowIfInvalid();
        var filter = verb == NotificationVerb.Cancel
            ? await NotificationFilter.OfRequestedAsync(wanted, channels, database, cancellation)
            : await FailedNotifications.FilterOfAsync(wanted, channels, database, time, cancellation, path);
        filter.Where(verb == NotificationVerb.Cancel ? "n.due_at is not null" : "n.due_at is null");
        await using var command = database.CreateCommand(
            $"select n.id from {NotificationTable.Name} n where {filter} order by n.position limit {MostIds}");
        foreach (var value in filter.Values) command.Parameters.AddWithValue(value);
        var ids = await command.ReadTextsAsync(cancellation);
        if (verb != NotificationVerb.Cancel)
            ids.AddRange((await FailedNotifications.PutAsideAsync(wanted, channels, bus, database, time, cancellation)).Select(x => x.Id));
        return ids;
    }
}
