using System.Text.Json;
using System.Text.Json.Nodes;
using Marten;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Notify.Audit.Erasing;
using Notify.Audit.Proofs;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Events.Store;
using Notify.Kernel.Http;
using Notify.Kernel.Resources;
using Notify.Kernel.Secrets;
using Npgsql;

namespace Notify.Audit.Retention;

/// <param name="Resource">A stream's id, or a kind (<c>notification</c>); null: everything.</param>
public sealed record LegalHold(
    string Id, string Name, string? Resource, DateTimeOffset? From, DateTimeOffset? To, string Reason, DateTimeOffset PlacedAt);

/// <summary><c>/audit/holds</c>: data covered by a hold does not expire until the hold is released.</summary>
public sealed class LegalHolds(
    RetentionPolicy policy, NpgsqlDataSource database, MasterKey key, IDocumentStore store, EventBatches batches, IApprovals approvals,
    TimeProvider time) : IApprovedChanges
{
    private const string Kind = "hold";

    private readonly string[] expiring = [.. policy.Classes.Values.SelectMany(x => x)];

    /// <param name="Name">Like any name in the configuration.</param>
    /// <param name="Reason">From 1 to 500 characters.</param>
    /// <param name="Resource">A stream's id, or a kind (<c>notification</c>), which must exist; null: everything.</param>
    public sealed record Request(string Name, string Reason, string? Resource = null, DateTimeOffset? From = null, DateTimeOffset? To = null);

    public sealed record OpenHolds(IReadOnlyList<LegalHold> Items);

    IReadOnlyCollection<string> IApprovedChanges.Kinds => [Kind];

    Task IApprovedChanges.MakeAsync(ChangeToApprove change, AuditContext audit, CancellationToken cancellation) =>
        change.Id is { } id ? ReleaseAsync(id, audit, cancellation)
            : PlaceAsync(change.Input.Deserialize<Request>(NotifyJson.Options)!, audit, first: null, cancellation);

    public async Task<OpenHolds> ReadAsync(CancellationToken cancellation) => new((await OnRecordAsync(cancellation)).Open);

    /// <param name="first">Identifies a request that the caller may repeat: a repeat returns the hold that the first one placed.</param>
    /// <exception cref="ProblemException">400: the request is invalid.</exception>
    public async Task<LegalHold> PlaceAsync(Request request, AuditContext audit, FirstRequest? first, CancellationToken cancellation)
    {
        var made = first is null ? null : Ids.Of(Kind, first.Id);
        if (made is not null && (await OnRecordAsync(cancellation)).Placed.FirstOrDefault(x => x.Id == made) is { } already) return already;
        var errors = new Errors();
        if (Names.FaultOf(Names.Kept(request.Name)) is { } fault) errors.Add("name", fault);
        if (request.Reason.Trim().Length is 0 or > 500) errors.Add("reason", "Give a reason, of at most 500 characters.");
        if (request.Resource is { } resource && resource.Length is 0 or > 200) errors.Add("resource", "Give an id or a kind, or leave it out.");
        else if (request.Resource is { } named && !await ExistsAsync(named, cancellation))
            errors.Add("resource",
                $"Nothing has this id or kind, so the hold would keep nothing. Classes that can expire: {string.Join(", ", expiring)}.");
        if (request.From >= request.To) errors.Add("to", "The end must be after the beginning.");
        errors.ThrowIfAny();
        // As the store keeps it, so that a repeat answers the same.
        var now = Instants.Cut(time.GetUtcNow());
        var hold = new LegalHold(
            made ?? Ids.New(Kind, now), Names.Kept(request.Name), request.Resource, request.From, request.To, request.Reason.Trim(), now);
        var input = JsonSerializer.SerializeToNode(request, NotifyJson.Options)!.AsObject();
        await using var session = await BeginAsync(cancellation);
        audit = await approvals.PassAsync(
            session, new(Kind, "place", null, hold.Name, FieldChange.Between(new JsonObject(), input), [], input) { First = first }, audit,
            commit: null, cancellation);
        var events = batches.New();
        events.Append(hold.Id, 1, new HoldPlaced(hold.Name, hold.Resource, hold.From, hold.To, hold.Reason), audit);
        events.QueueTo(session, now);
        HoldTable.QueueInsert(session, hold);
        await session.SaveChangesAsync(cancellation);
        return hold;
    }

    /// <param name="audit">Must contain the reason.</param>
    /// <exception cref="ProblemException">400: there is no reason; 404: there is no such hold.</exception>
    public async Task ReleaseAsync(string id, AuditContext audit, CancellationToken cancellation)
    {
        var hold = (await OnRecordAsync(cancellation)).Open.FirstOrDefault(x => x.Id == id) ?? throw ProblemException.NotFound("legal hold", id);
        if (audit.Reason is null) throw ProblemException.Invalid("X-Change-Reason", "Releasing a hold requires a reason.");
        var version = await StoredEvents.LastVersionAsync(database, id, cancellation);
        await using var session = await BeginAsync(cancellation);
        audit = await approvals.PassAsync(
            session, new(Kind, "release", id, hold.Name, [new FieldChange("status", "placed", "released")], [new(id, version)], []), audit, commit: null,
            cancellation);
        var events = batches.New();
        // The record of a release that somebody else wrote does not count, but occupies a version.
        events.Append(id, version + 1,
            new HoldReleased(audit.Reason!, HoldsOnRecord.SealOf(key, id)), audit);
        events.QueueTo(session);
        HoldTable.QueueDelete(session, id);
        await session.SaveChangesAsync(cancellation);
    }

    public static void Map(RouteGroupBuilder audit)
    {
        audit.MapGet("/holds", (HttpContext http, LegalHolds holds) => holds.ReadAsync(http.RequestAborted)).Requires(Permission.HistoryRead)
            .Document("listHolds", "List legal holds", "What they cover does not expire.");

        audit.MapPost("/holds", async (HttpContext http, LegalHolds holds) =>
            Results.Json(
                await holds.PlaceAsync(await http.Request.ReadAsync<Request>("placedAt"), http.Audit(), http.FirstRequest(), http.RequestAborted),
                NotifyJson.Options,
                statusCode: 201)).Idempotent().Requires(Permission.RetentionManage).MayNeedApproval(Kind)
            .Document("placeHold", "Place a legal hold", "On a resource, a kind of resource or a period.")
            .Takes<Request>("""{ "name": "Case 4711", "reason": "Asked for by the authority", "resource": "notification" }""").Answers<LegalHold>(StatusCodes.Status201Created, "Created.");

        audit.MapDelete("/holds/{id}", async (string id, HttpContext http, LegalHolds holds) =>
        {
            await holds.ReleaseAsync(id, http.Audit(), http.RequestAborted);
            return Results.NoContent();
        }).Requires(Permission.RetentionManage).MayNeedApproval(Kind)
            .Document("releaseHold", "Release a legal hold", "Requires a reason in X-Change-Reason.")
            .Answers(StatusCodes.Status204NoContent, "Released.");
    }

    /// <summary>Waits for changes of the configuration, so that a hold is not decided under a policy that is being replaced; and until what is being
    /// archived just now is gone: a hold that was answered keeps all that it covers.</summary>
    private async Task<IDocumentSession> BeginAsync(CancellationToken cancellation)
    {
        var session = store.LightweightSession();
        try
        {
            await session.BeginTransactionAsync(cancellation);
            await ConfigurationStamp.AdvanceAsync(session, cancellation);
            await RedactedEvent.LockAsync((NpgsqlConnection)session.Connection!, cancellation);
            return session;
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }

    /// <summary>Whether the resource exists: a hold on a misspelt name would only seem to protect something.</summary>
    private async Task<bool> ExistsAsync(string resource, CancellationToken cancellation)
    {
        if (expiring.Contains(resource, StringComparer.Ordinal)) return true;
        return resource.Contains('-', StringComparison.Ordinal)
            ? await Streams.ExistsAsync(database, resource, cancellation)
            : await Streams.AnyOfKindAsync(database, resource, cancellation);
    }

    private async Task<HoldsOnRecord> OnRecordAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return await HoldsOnRecord.ReadAsync(connection, key, cancellation);
    }
}
