using System.Text.Json.Serialization;
using Marten;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Notify.Access.Policies;
using Notify.Contracts.Rules;
using Notify.Kernel;
using Notify.Kernel.Http;
using Notify.Kernel.Resources;
using Notify.Kernel.Secrets;

namespace Notify.Access.Approvals;

/// <summary>A proposal as the API shows it.</summary>
/// <param name="Reason">The author's reason.</param>
/// <param name="Changes">The differences; secrets as fingerprints.</param>
/// <param name="Stale">Resources that were changed since. If there are any, the proposal can no longer be approved.</param>
/// <param name="WhatIf">What the change would have changed for the alarms of the last 30 days. Null in lists, for callers who are limited to paths,
/// and for changes of anything but rules, messages, schedules and services.</param>
/// <param name="Password">The one-time password, only in the answer to the approval of a new password.</param>
/// <param name="Subject">The text that an open erasure would erase; null for callers who may not erase.</param>
/// <param name="Own">Whether the caller is its author, or has a key that is, or is a key of the author's: they withdraw it, and do not decide about
/// it. Null in lists and when it is decided.</param>
public sealed record ProposalView(
    string Id, ProposalState State, string Kind, string Verb, ProposedResource Resource, DateTimeOffset ProposedAt, Actor ProposedBy, string? Reason,
    string? SourceIp, string CorrelationId, IReadOnlyList<FieldChange> Changes, IReadOnlyList<BaseVersion> BasedOn, IReadOnlyList<MovedVersion> Stale,
    IReadOnlyList<Signature> Signatures, DateTimeOffset? DecidedAt, Actor? DecidedBy, string? DecisionReason, long Version,
    ForeseenEffect? WhatIf, string? Subject = null, string? Password = null, bool? Own = null)
{
    /// <param name="moved">The resources that were changed since, if the proposal is open.</param>
    public static ProposalView Of(Proposal x, IReadOnlyList<MovedVersion> moved, bool isListed = false) => new(
        x.Id, x.State, x.Proposed.Kind, x.Proposed.Verb, new(x.Proposed.ResourceId, x.Proposed.Name), x.At, x.Author.Actor, x.Author.Reason,
        x.Author.SourceIp, x.Author.CorrelationId, x.Proposed.Changes, x.Proposed.BasedOn, x.State == ProposalState.Void ? x.Moved : moved,
        x.Signatures, x.EndedAt, x.EndedBy, x.EndReason, x.Version,
        // The what-if covers alarms on all paths.
        isListed || !PathLimit.Current.IsNone ? null : x.Proposed.WhatIf);
}

/// <summary><c>GET /proposals</c>, newest first, and <c>GET /proposals/{id}</c>.</summary>
public sealed class ReadProposals(IDocumentStore store, ApprovalsOnRecord record, PolicyOnRecord policies, SecretVault vault)
{
    /// <param name="Items">Newest first; only the kinds that the caller may read.</param>
    /// <param name="NextCursor">Null on the last page.</param>
    public sealed record Answer(
        IReadOnlyList<ProposalView> Items, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? NextCursor);

    /// <param name="state">Null: any.</param>
    /// <param name="cursor">Where the previous page ended.</param>
    /// <param name="limit">From 1 to 1,000.</param>
    public async Task<Answer> ListAsync(
        ProposalState? state, string? cursor, int limit, Func<Permission, bool> may, CancellationToken cancellation)
    {
        await using var session = store.QuerySession();
        var (found, next) = await record.NewestAsync(session, state, cursor, limit, cancellation);
        var open = found.Where(x => x.State == ProposalState.Open).SelectMany(x => x.Proposed.BasedOn).Select(x => x.Id);
        var versions = await ApprovalsOnRecord.VersionsAsync(session, open, cancellation);
        return new(
            [
                .. found.Where(x => x.IsSeen && MayRead(x, may))
                    .Select(x => ProposalView.Of(x, x.State == ProposalState.Open ? x.MovedIn(versions) : [], isListed: true)),
            ],
            next);
    }

    /// <exception cref="ProblemException">403: the caller may not read proposals of this kind; 404.</exception>
    public async Task<ProposalView> GetAsync(string id, Func<Permission, bool> may, Actor caller, CancellationToken cancellation)
    {
        await using var session = store.QuerySession();
        var proposal = await record.GetSeenAsync(session, id, cancellation);
        if (!MayRead(proposal, may)) throw EndpointPermissions.Refusal(ApprovalPolicy.KindOf(proposal.Proposed.Kind).Reading);
        if (proposal.State != ProposalState.Open) return ProposalView.Of(proposal, []);
        var versions = await ApprovalsOnRecord.VersionsAsync(session, proposal.Proposed.BasedOn.Select(x => x.Id), cancellation);
        var view = ProposalView.Of(proposal, proposal.MovedIn(versions)) with
        {
            Own = await policies.AreOnePersonAsync(session, proposal.Author.Actor, caller, cancellation),
        };
        return proposal.Proposed.Kind == ApprovalPolicy.Erasure && may(Permission.PersonalErase)
            ? view with { Subject = await SubjectAsync(proposal, cancellation) } : view;
    }

    public static void Map(RouteGroupBuilder proposals)
    {
        proposals.MapGet("", async (HttpContext http, ReadProposals read) =>
        {
            var query = http.Query();
            var (state, cursor, limit) = (query.OneOf<ProposalState>("state"), query.Text("cursor"), query.Number("limit", 100, 1, 1000));
            query.ThrowIfInvalid();
            return await read.ListAsync(state, cursor, limit, http.User.Has, http.RequestAborted);
        }).Query(QueryParameter.OneOf<ProposalState>("state"), QueryParameter.Cursor, QueryParameter.Limit).Requires(Permission.ConfigurationRead)
            .ShowsFingerprints()
            .Document("listProposals", "List proposals", "Changes that wait for a second person, or did, newest first.");

        proposals.MapGet("/{id}", async (string id, HttpContext http, ReadProposals read) =>
        {
            var proposal = await read.GetAsync(id, http.User.Has, http.Audit().Actor, http.RequestAborted);
            http.Response.Headers.ETag = $"\"{proposal.Version}\"";
            return proposal;
        }).ShowsFingerprints().Requires(Permission.ConfigurationRead).MayRequire(Permission.PeopleRead, "for a change of people")
            .MayRequire(Permission.HistoryRead, "for a legal hold, an erasure or a redelivery")
            .Document(
                "getProposal", "Read a proposal",
                "Who wants to change what and why, the difference, what it would have changed for the alarms of the last 30 days, the versions it is "
                + "based on, and what of them has moved on since.");
    }

    private async Task<string?> SubjectAsync(Proposal proposal, CancellationToken cancellation)
    {
        try
        {
            return proposal.Proposed is { ResourceId: { } id, NewSecrets: [var secret] }
                ? SealedText.Of(await vault.RevealForAsync(id, secret, cancellation)) : null;
        }
        catch (SecretUnreadableException)
        {
            return null; // Without the text, the erasure cannot be approved either.
        }
    }

    private static bool MayRead(Proposal proposal, Func<Permission, bool> may) =>
        proposal.Kinds.All(x => may(ApprovalPolicy.KindOf(x).Reading));
}
