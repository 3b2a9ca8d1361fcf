using System.Text.Json.Serialization;
using Marten;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Notify.Access.Policies;
using Notify.Kernel;
using Notify.Kernel.Http;
using Notify.Kernel.Resources;
using Notify.Kernel.Signing;

namespace Notify.Access.Emergencies;

/// <summary>An emergency as the API shows it.</summary>
/// <param name="Kinds">The kinds of changes that need no approval while it is open.</param>
/// <param name="ConfirmBy">The end of the time for the confirmation.</param>
/// <param name="Until">When it ends at the latest; null: not confirmed.</param>
/// <param name="EndedWhy"><c>ended</c>: by somebody; <c>withdrawn</c>; <c>ranOut</c>: its time was up.</param>
/// <param name="Changes">The changes made under it; null in lists.</param>
/// <param name="Review">Null: not reviewed.</param>
public sealed record EmergencyView(
    string Id, EmergencyState State, string Reason, IReadOnlyList<string> Kinds, int Minutes, DateTimeOffset RequestedAt, Actor RequestedBy,
    DateTimeOffset ConfirmBy, DateTimeOffset? OpenedAt, Actor? ConfirmedBy, DateTimeOffset? Until, DateTimeOffset? EndedAt, Actor? EndedBy,
    string? EndedWhy, IReadOnlyList<EmergencyView.Change>? Changes, EmergencyView.ReviewView? Review, IReadOnlyList<OwnSignature> Signatures,
    long Version)
{
    /// <param name="Difference">What was changed; secrets as fingerprints.</param>
    public sealed record Change(
        DateTimeOffset At, Actor By, string? Reason, string Kind, string Verb, ProposedResource Resource, IReadOnlyList<FieldChange> Difference);

    /// <param name="Reviewed">SHA-256 over the events of the emergency that were reviewed.</param>
    public sealed record ReviewView(DateTimeOffset At, string By, string Findings, string Reviewed);

    public static EmergencyView Of(Emergency x, DateTimeOffset now, bool withChanges = true)
    {
        var state = x.State(now);
        return new(
            x.Id, state, x.Requested.Reason, x.Requested.Kinds, x.Requested.Minutes, x.RequestedAt, x.RequestedBy, x.RequestedAt + Emergency.Patience,
            x.OpenedAt, x.OpenedBy, x.Opened?.Until,
            // Its end is recorded a few seconds later.
            x.EndedAt ?? (state == EmergencyState.Ended ? x.Opened!.Until : null), x.EndedBy,
            x.Ended?.Why ?? (state == EmergencyState.Ended ? EmergencyEnded.RanOut : null),
            withChanges ? [.. x.Changes.Select(Of)] : null,
            x.Reviewed is { } review ? new(x.ReviewedAt!.Value, review.Signature?.Signer ?? "", review.Findings, review.Reviewed) : null,
            [.. x.Signatures], x.Version);
    }

    private static Change Of(Emergency.MadeChange x) => new(
        x.At, x.By, x.Reason, x.Changed.Kind, x.Changed.Verb, new(x.Changed.ResourceId, x.Changed.Name), x.Changed.Changes);
}

/// <summary><c>GET /emergency</c>, newest first, and <c>GET /emergency/{id}</c> with the changes made in it.</summary>
public sealed class ReadEmergencies(IDocumentStore store, EmergenciesOnRecord record, TimeProvider time)
{
    /// <param name="Items">Newest first, without their changes.</param>
    /// <param name="NextCursor">Null on the last page.</param>
    public sealed record Answer(
        IReadOnlyList<EmergencyView> Items, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? NextCursor);

    public async Task<Answer> ListAsync(string? cursor, int limit, CancellationToken cancellation)
    {
        await using var session = store.QuerySession();
        var (found, next) = await record.NewestAsync(session, cursor, limit, cancellation);
        var now = time.GetUtcNow();
        return new([.. found.Select(x => EmergencyView.Of(x, now, withChanges: false))], next);
    }

    /// <exception cref="ProblemException">403: it permits changes of people, and the caller may not read those; 404.</exception>
    public async Task<EmergencyView> GetAsync(string id, Func<Permission, bool> may, CancellationToken cancellation)
    {
        await using var session = store.QuerySession();
        var emergency = await record.FindAsync(session, id, cancellation) ?? throw ProblemException.NotFound(Emergency.Noun, id);
        foreach (var kind in emergency.Requested.Kinds.Select(ApprovalPolicy.KindOf))
            if (!may(kind.Reading)) throw EndpointPermissions.Refusal(kind.Reading);
        return EmergencyView.Of(emergency, time.GetUtcNow());
    }

    public static void Map(RouteGroupBuilder emergencies)
    {
        emergencies.MapGet("", async (HttpContext http, ReadEmergencies read) =>
        {
            var query = http.Query();
            var (cursor, limit) = (query.Text("cursor"), query.Number("limit", 100, 1, 1000));
            query.ThrowIfInvalid();
            return await read.ListAsync(cursor, limit, http.RequestAborted);
        }).Query(QueryParameter.Cursor, QueryParameter.Limit).Requires(Permission.ConfigurationRead)
            .Document("listEmergencies", "List emergencies", "Newest first: only the first can be open. Those with no review wait for one.");

        emergencies.MapGet("/{id}", async (string id, HttpContext http, ReadEmergencies read) =>
            await read.GetAsync(id, http.User.Has, http.RequestAborted))
            .ShowsFingerprints().Requires(Permission.ConfigurationRead).MayRequire(Permission.PeopleRead, "if it permits changes of people")
            .Document("getEmergency", "Read an emergency", "Who asked for it and who confirmed it, until when, and each change made in it.");
    }
}
