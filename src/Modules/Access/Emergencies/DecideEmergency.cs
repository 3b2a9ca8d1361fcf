using System.ComponentModel.DataAnnotations;
using Marten;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Notify.Access.People;
using Notify.Access.Policies;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Http;
using Notify.Kernel.Resources;
using Notify.Kernel.Secrets;
using Notify.Kernel.Signing;

namespace Notify.Access.Emergencies;

/// <summary>One person requests an emergency (<c>POST /emergency</c>), a second confirms it (<c>/emergency/{id}/confirm</c>), anybody permitted ends
/// it (<c>/end</c>), a third reviews it (<c>/review</c>).</summary>
public sealed class DecideEmergency(
    IDocumentStore store, EmergenciesOnRecord record, PolicyOnRecord policies, ISignatures signatures, MasterKey key, EmergencyWatch watch,
    PeopleCache people, EventBatches batches, TimeProvider time)
{
    /// <param name="Reason">Why the changes cannot wait for approval, 1 to 500 characters.</param>
    /// <param name="Minutes">From 1 to 240, from the confirmation.</param>
    /// <param name="Kinds">The kinds of changes that need no approval meanwhile; default: rules, services, messages and schedules, as far as the
    /// policy covers them.</param>
    /// <param name="Signature">The first person's signature.</param>
    public sealed record Request(
        [property: Required] string? Reason, [property: Required] int? Minutes, IReadOnlyList<string?>? Kinds = null,
        SignatureInput? Signature = null);

    /// <param name="Signature">The second person's signature.</param>
    public sealed record ConfirmRequest(SignatureInput? Signature = null);

    /// <param name="Reason">At most 500 characters; default: the reason given with the request (<c>X-Change-Reason</c>).</param>
    public sealed record EndRequest(string? Reason = null);

    /// <param name="Findings">The result of the review, 1 to 4,000 characters.</param>
    /// <param name="Signature">The third person's signature.</param>
    public sealed record ReviewRequest([property: Required] string? Findings, SignatureInput? Signature = null);

    /// <exception cref="ProblemException">400; 403: the signature is wrong, or a permission for one of the kinds is missing; 409: nothing needs
    /// approval, or there is an emergency already.</exception>
    public async Task<EmergencyView> RequestAsync(
        Request request, Func<Permission, bool> may, AuditContext audit, CancellationToken cancellation)
    {
        EmergencyRequested requested;
        await using (var session = store.QuerySession())
            requested = Emergency.Request(request.Reason, request.Minutes, request.Kinds, await policies.ReadAsync(session, cancellation));
        foreach (var needed in requested.Kinds.Select(NeededFor).Distinct())
            if (!may(needed)) throw EndpointPermissions.Refusal(needed);
        audit = audit with { Reason = requested.Reason };
        var id = Ids.New(Emergency.Noun, time.GetUtcNow());
        var signature = await signatures.SignAsync(
            request.Signature, id, OwnSignature.ContentOfNew(requested), Emergency.RequestedMeaning, audit, cancellation);
        return await AppendAsync(id, async (session, now) =>
        {
            if (await record.LastAsync(session, cancellation) is { } last && last.State(now) is EmergencyState.Requested or EmergencyState.Open)
                throw ProblemException.Conflict($"There is an emergency already: '{last.Id}'. It must end first.");
            return (0, requested with { Signature = signature });
        }, audit, cancellation);
    }

    /// <exception cref="ProblemException">403: the caller is the first person or lacks a permission, or the signature is wrong; 404; 409: it does not
    /// wait for confirmation.</exception>
    public async Task<EmergencyView> ConfirmAsync(
        string id, ConfirmRequest request, Func<Permission, bool> may, AuditContext audit, CancellationToken cancellation)
    {
        var emergency = await FindAsync(id, cancellation);
        // Confirming takes the permissions that approving each of the changes would take.
        foreach (var kind in emergency.Requested.Kinds.Select(ApprovalPolicy.KindOf)) kind.CheckDecides(may, people.IsSeparated);
        var opened = emergency.Confirm(await IsOneOfTheTwoAsync(emergency, audit, cancellation), time.GetUtcNow());
        var signature = await signatures.SignAsync(
            request.Signature, id, OwnSignature.ContentOfNew(opened), Emergency.ConfirmedMeaning, audit, cancellation);
        opened = opened with { Signature = signature };
        // The request must still be what the first person signed: an altered one cannot be confirmed. The recorded reason is the first person's.
        if (!(emergency with { Opened = opened, OpenedBy = audit.Actor }).IsSigned(key)) throw ProblemException.Conflict(
            "The request on record cannot be confirmed: somebody has changed it. Ask for another emergency.");
        return await AppendAsync(id, async (session, now) =>
        {
            var current = await record.FindAsync(session, id, cancellation) ?? throw ProblemException.NotFound(Emergency.Noun, id);
            current.Confirm(isFirst: false, now);
            return (current.Version, opened);
        }, audit, cancellation);
    }

    /// <exception cref="ProblemException">404; 409: it has ended.</exception>
    public async Task<EmergencyView> EndAsync(string id, EndRequest request, AuditContext audit, CancellationToken cancellation)
    {
        audit = audit.WithReason(request.Reason);
        return await AppendAsync(id, async (session, now) =>
        {
            var current = await record.FindAsync(session, id, cancellation) ?? throw ProblemException.NotFound(Emergency.Noun, id);
            return (current.Version, current.End(now));
        }, audit, cancellation);
    }

    /// <exception cref="ProblemException">400; 403: the caller is one of the two, or the signature is wrong; 404; 409: it is open, was never open, or
    /// is reviewed already.</exception>
    public async Task<EmergencyView> ReviewAsync(string id, ReviewRequest request, AuditContext audit, CancellationToken cancellation)
    {
        var emergency = await FindAsync(id, cancellation);
        var isOneOfTheTwo = await IsOneOfTheTwoAsync(emergency, audit, cancellation);
        await using var reading = store.QuerySession();
        var before = await EmergenciesOnRecord.ContentAsync(reading, id, emergency.Version, cancellation);
        var reviewed = emergency.Review(isOneOfTheTwo, request.Findings, before, time.GetUtcNow());
        var signature = await signatures.SignAsync(
            request.Signature, id, OwnSignature.ContentOfNew(reviewed), Emergency.ReviewedMeaning, audit, cancellation);
        return await AppendAsync(
            id, (_, _) => Task.FromResult<(long, object)>((emergency.Version, reviewed with { Signature = signature })), audit, cancellation);
    }

    /// <summary>The permission that asking for changes of a kind takes.</summary>
    public static Permission NeededFor(string kind) => ApprovalPolicy.KindOf(kind).Approving ?? Permission.ConfigurationChange;

    public static void Map(RouteGroupBuilder emergencies)
    {
        emergencies.MapPost("", async (HttpContext http, DecideEmergency decide, PublicAddress address) =>
        {
            var requested = await decide.RequestAsync(
                await http.Request.ReadAsync<Request>(), http.User.Has, http.Audit(), http.RequestAborted);
            return TypedResults.Created(address.PathTo($"api/v1/emergency/{requested.Id}"), requested);
        }).TakesSecrets().Idempotent().Requires(Permission.ConfigurationRead)
            .MayRequire(Permission.ConfigurationChange, "for rules, services, messages or schedules")
            .MayRequire(Permission.PeopleManage, "for people, groups, roles or API keys")
            .Document(
                "requestEmergency", "Ask for an emergency",
                "For what cannot wait for approvals: when a second person has confirmed it within 15 minutes, changes of the two are made at once, for at "
                + "most four hours. Both sign. Each change is listed for the review by a third person, and Notify raises an alarm while it is open.")
            .Takes<Request>("""{ "reason": "The gas line's rules notify nobody", "minutes": 60, "signature": { "password": "four unrelated words here" } }""")
            .Answers<EmergencyView>(StatusCodes.Status201Created, "It waits for a second person.").ProducesProblem(StatusCodes.Status409Conflict);

        emergencies.MapPost("/{id}/confirm", async (string id, HttpContext http, DecideEmergency decide) =>
            await decide.ConfirmAsync(id, await http.Request.ReadAsync<ConfirmRequest>(), http.User.Has, http.Audit(), http.RequestAborted))
            .TakesSecrets().Idempotent().Requires(Permission.ConfigurationApprove)
            .MayRequire(Permission.PeopleManage, "for people, groups, roles or API keys")
            .Document("confirmEmergency", "Confirm an emergency", "By a second person, who signs. From then on it is open.")
            .Takes<ConfirmRequest>("""{ "signature": { "password": "four unrelated words here", "meaning": "confirmed" } }""")
            .ProducesProblem(StatusCodes.Status409Conflict);

        emergencies.MapPost("/{id}/end", async (string id, HttpContext http, DecideEmergency decide) =>
            await decide.EndAsync(id, await http.Request.ReadOptionalAsync<EndRequest>() ?? new(), http.Audit(), http.RequestAborted))
            .Idempotent().Requires(Permission.ConfigurationApprove)
            .Document("endEmergency", "End an emergency", "Before its time: changes wait for approval again. Or withdraws one that nobody has confirmed.")
            .MayTake<EndRequest>("""{ "reason": "The rules are mended" }""").ProducesProblem(StatusCodes.Status409Conflict);

        emergencies.MapPost("/{id}/review", async (string id, HttpContext http, DecideEmergency decide) =>
            await decide.ReviewAsync(id, await http.Request.ReadAsync<ReviewRequest>(), http.Audit(), http.RequestAborted))
            .TakesSecrets().Idempotent().Requires(Permission.HistoryReview).KeepsToPaths()
            .Document(
                "reviewEmergency", "Review an emergency", "When it has ended, by a third person, who signs that they have read every change made in it.")
            .Takes<ReviewRequest>(
                """{ "findings": "Two rules were changed as the shift report says", "signature": { "password": "four unrelated words here" } }""")
            .ProducesProblem(StatusCodes.Status409Conflict);
    }

    private async Task<Emergency> FindAsync(string id, CancellationToken cancellation)
    {
        await using var session = store.QuerySession();
        return await record.FindAsync(session, id, cancellation) ?? throw ProblemException.NotFound(Emergency.Noun, id);
    }

    private async Task<bool> IsOneOfTheTwoAsync(Emergency emergency, AuditContext audit, CancellationToken cancellation)
    {
        await using var session = store.QuerySession();
        return await policies.AreOnePersonAsync(session, emergency.RequestedBy, audit.Actor, cancellation)
            || (emergency.OpenedBy is { } second && await policies.AreOnePersonAsync(session, second, audit.Actor, cancellation));
    }

    /// <summary>Serialised with changes of the configuration, so that none is made under an emergency that is just ending.</summary>
    /// <param name="decide">Returns the version before and the event.</param>
    private async Task<EmergencyView> AppendAsync(
        string id, Func<IQuerySession, DateTimeOffset, Task<(long Version, object Event)>> decide, AuditContext audit, CancellationToken cancellation)
    {
        await using (var session = store.LightweightSession())
        {
            await session.BeginTransactionAsync(cancellation);
            await ConfigurationStamp.AdvanceAsync(session, cancellation);
            var now = Instants.Cut(time.GetUtcNow());
            var (version, @event) = await decide(session, now);
            var events = batches.New();
            events.Append(id, version + 1, @event, audit);
            events.QueueTo(session, now);
            try
            {
                await session.SaveChangesAsync(cancellation);
            }
            catch (Exception e) when (WriteConflict.Is(e))
            {
                throw ProblemException.Conflict("Somebody else has just decided on this emergency.");
            }
        }

        watch.Wake();
        return EmergencyView.Of(await FindAsync(id, cancellation), time.GetUtcNow());
    }
}
