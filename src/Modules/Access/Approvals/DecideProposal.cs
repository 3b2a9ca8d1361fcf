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

namespace Notify.Access.Approvals;

/// <summary><c>POST /proposals/{id}/approve</c>, <c>/reject</c> and <c>/withdraw</c>.</summary>
public sealed class DecideProposal(
    IDocumentStore store, ApprovalsOnRecord record, PolicyOnRecord policies, IEnumerable<IApprovedChanges> makers, Signing signing,
    PeopleCache people, EventBatches batches)
{
    /// <param name="Reason">At most 500 characters; default: the reason given with the request (<c>X-Change-Reason</c>).</param>
    /// <param name="Signature">Needed if the policy requires one, otherwise optional.</param>
    public sealed record Request(string? Reason = null, SignatureInput? Signature = null);

    /// <param name="Signature">The author's.</param>
    public sealed record SignRequest(SignatureInput? Signature = null);

    /// <summary>Makes the change in its author's name and records the approval, in one transaction.</summary>
    /// <param name="may">Tells whether the approver has a permission.</param>
    /// <exception cref="ProblemException">403: the caller is the author, or lacks the permission for its kind; 404; 409: it is decided already, it is
    /// void (which is recorded), or what it refers to no longer fits.</exception>
    public async Task<ProposalView> ApproveAsync(
        string id, Request request, Func<Permission, bool> may, AuditContext audit, CancellationToken cancellation)
    {
        audit = audit.WithReason(request.Reason);
        var proposal = await FindAsync(id, cancellation);
        proposal.CheckOpen();
        CheckPermission(proposal, may);
        var isAuthor = await IsAuthorAsync(proposal, audit, cancellation);
        // Before the check whether it is outdated, which records something.
        proposal.Approve(isAuthor, proposal.Change);
        await VoidIfMovedAsync(proposal, audit, cancellation);

        var (signature, policy) = await SignAsync(proposal, request.Signature, audit, cancellation);
        var recorded = false;
        var approval = new GivenApproval(id, audit, policy, (session, made) =>
        {
            var events = batches.New();
            events.Append(id, proposal.Version + 1, proposal.Approve(isAuthor, made, signature), audit);
            events.QueueTo(session);
            recorded = true;
        });
        var maker = makers.First(x => x.Kinds.Contains(proposal.Proposed.Kind, StringComparer.OrdinalIgnoreCase));
        try
        {
            await maker.MakeAsync(proposal.Change, proposal.Author with { Approval = approval }, cancellation);
        }
        catch (ProblemException e) when (e.Status is 404 or 412)
        {
            // Something that it is based on was changed meanwhile.
            await VoidIfMovedAsync(await FindAsync(id, cancellation), audit, cancellation);
            throw;
        }
        catch (NothingToChangeException e)
        {
            await EndAsync(proposal, proposal.VoidSince(e.Found), audit, cancellation);
            throw ProblemException.Conflict(
                "This proposal is void: the configuration already is as it proposes, so approving it would change nothing. Nothing was changed.");
        }
        catch (Exception e) when (WriteConflict.Is(e))
        {
            throw DecidedMeanwhile();
        }

        return recorded ? (await ViewAsync(id, cancellation)) with { Password = approval.Password }
            : throw new InvalidOperationException($"The approved change {id} did not pass the gate for approvals.");
    }

    /// <summary>Adds the author's signature, if the policy requires both.</summary>
    /// <exception cref="ProblemException">400; 403: the caller is not the author, or the signature is wrong; 404; 409: it is decided or signed
    /// already.</exception>
    public async Task<ProposalView> SignAsync(string id, SignRequest request, AuditContext audit, CancellationToken cancellation)
    {
        var proposal = await FindAsync(id, cancellation);
        proposal.CheckMaySign(await IsAuthorAsync(proposal, audit, cancellation));
        await using var session = store.QuerySession();
        var content = await ApprovalsOnRecord.ContentAsync(session, id, cancellation);
        var signature = await signing.SignProposalAsync(request.Signature, id, content, SignedContent.Proposed, audit, cancellation);
        await AppendAsync(proposal, new ProposalSigned(signature), [], audit, cancellation);
        return await ViewAsync(id, cancellation);
    }

    /// <exception cref="ProblemException">403: the caller is the author, or lacks the permission for its kind; 404; 409: it is decided
    /// already.</exception>
    public async Task<ProposalView> RejectAsync(
        string id, Request request, Func<Permission, bool> may, AuditContext audit, CancellationToken cancellation)
    {
        audit = audit.WithReason(request.Reason);
        var proposal = await FindAsync(id, cancellation);
        proposal.CheckOpen();
        CheckPermission(proposal, may);
        await EndAsync(proposal, proposal.Reject(await IsAuthorAsync(proposal, audit, cancellation)), audit, cancellation);
        return await ViewAsync(id, cancellation);
    }

    /// <exception cref="ProblemException">403: the caller is not the author; 404; 409: it is decided already.</exception>
    public async Task<ProposalView> WithdrawAsync(string id, Request request, AuditContext audit, CancellationToken cancellation)
    {
        audit = audit.WithReason(request.Reason);
        var proposal = await FindAsync(id, cancellation);
        await EndAsync(proposal, proposal.Withdraw(await IsAuthorAsync(proposal, audit, cancellation)), audit, cancellation);
        return await ViewAsync(id, cancellation);
    }

    public static void Map(RouteGroupBuilder proposals)
    {
        proposals.MapPost("/{id}/approve", async (string id, HttpContext http, DecideProposal decide) =>
            await decide.ApproveAsync(id, await http.Request.ReadOptionalAsync<Request>() ?? new(), http.User.Has, http.Audit(), http.RequestAborted))
            .TakesSecrets().Idempotent().Requires(Permission.ConfigurationApprove)
            .MayRequire(Permission.PeopleManage, "for a change of people or of the policy")
            .MayRequire(Permission.RetentionManage, "for a legal hold").MayRequire(Permission.PersonalErase, "for an erasure")
            .MayRequire(Permission.ReplaysRedeliver, "for a redelivery")
            .Document(
                "approveProposal", "Approve a proposal",
                "Makes the change, in its author's name and with the approver on record. Not by its author, nor with a key of the author's. "
                + "When what it is based on has changed it becomes void, and the answer is 409. "
                + "Of a person's password, the answer has the one that was made, and is the only one that has it.")
            .MayTake<Request>("""{ "reason": "Checked against the shift plan", "signature": { "password": "four unrelated words here", "meaning": "approved" } }""");

        proposals.MapPost("/{id}/sign", async (string id, HttpContext http, DecideProposal decide) =>
            await decide.SignAsync(id, await http.Request.ReadAsync<SignRequest>(), http.Audit(), http.RequestAborted))
            .TakesSecrets().Idempotent().Requires(Permission.ConfigurationRead)
            .Document("signProposal", "Sign a proposal", "By its author, where the policy wants both signatures: it is approved only after that.")
            .Takes<SignRequest>("""{ "signature": { "password": "four unrelated words here", "meaning": "proposed" } }""");

        proposals.MapPost("/{id}/reject", async (string id, HttpContext http, DecideProposal decide) =>
            await decide.RejectAsync(id, await http.Request.ReadOptionalAsync<Request>() ?? new(), http.User.Has, http.Audit(), http.RequestAborted))
            .Idempotent().Requires(Permission.ConfigurationApprove)
            .Document("rejectProposal", "Reject a proposal", "Not by its author. It cannot be approved any more.")
            .MayTake<Request>("""{ "reason": "The night shift has nobody on call" }""");

        proposals.MapPost("/{id}/withdraw", async (string id, HttpContext http, DecideProposal decide) =>
            await decide.WithdrawAsync(id, await http.Request.ReadOptionalAsync<Request>() ?? new(), http.Audit(), http.RequestAborted))
            .Idempotent().Requires(Permission.ConfigurationRead)
            .Document("withdrawProposal", "Withdraw a proposal", "By its author only.")
            .MayTake<Request>("""{ "reason": "Not needed any more" }""");
    }

    private void CheckPermission(Proposal proposal, Func<Permission, bool> may)
    {
        foreach (var kind in proposal.Kinds.Select(ApprovalPolicy.KindOf)) kind.CheckDecides(may, people.IsSeparated);
    }

    private async Task<Proposal> FindAsync(string id, CancellationToken cancellation)
    {
        await using var session = store.QuerySession();
        return await record.GetSeenAsync(session, id, cancellation);
    }

    private async Task<ProposalView> ViewAsync(string id, CancellationToken cancellation) => ProposalView.Of(await FindAsync(id, cancellation), []);

    private async Task<bool> IsAuthorAsync(Proposal proposal, AuditContext audit, CancellationToken cancellation)
    {
        await using var session = store.QuerySession();
        return await policies.AreOnePersonAsync(session, proposal.Author.Actor, audit.Actor, cancellation);
    }

    /// <exception cref="ProblemException">409: it is outdated, which is recorded.</exception>
    private async Task VoidIfMovedAsync(Proposal proposal, AuditContext audit, CancellationToken cancellation)
    {
        await using var session = store.QuerySession();
        var versions = await ApprovalsOnRecord.VersionsAsync(session, proposal.Proposed.BasedOn.Select(x => x.Id), cancellation);
        if (proposal.VoidIfMoved(versions) is not { } moved) return;
        await EndAsync(proposal, moved, audit, cancellation);
        var first = moved.Moved[0];
        throw ProblemException.Conflict(
            $"This proposal is void: '{proposal.Proposed.Name}' was at version {first.BasedOn} when it was proposed and is at version {first.Now} now. Propose the change again.");
    }

    /// <returns>The signature, null if the policy requires none and none was given; and the version of the policy.</returns>
    private async Task<(Signature? Signature, long Policy)> SignAsync(
        Proposal proposal, SignatureInput? input, AuditContext audit, CancellationToken cancellation)
    {
        await using var session = store.QuerySession();
        var policy = await policies.ReadAsync(session, cancellation);
        var rule = policy.Signature;
        if (rule == SignatureRule.None && input is null) return (null, policy.Version);
        var content = await ApprovalsOnRecord.ContentAsync(session, proposal.Id, cancellation);
        var author = proposal.Signatures.FirstOrDefault(x => x.Meaning == SignedContent.Proposed);
        if (rule == SignatureRule.Both && author is null) throw ProblemException.Conflict(
            "Its author has not signed this proposal: POST /api/v1/proposals/{id}/sign.");
        if (author is not null && !author.Fits(proposal.Id, content)) throw ProblemException.Conflict(
            "The author's signature does not fit this proposal: one of them was altered.");
        return (await signing.SignProposalAsync(input, proposal.Id, content, SignedContent.Approved, audit, cancellation), policy.Version);
    }

    private Task EndAsync(Proposal proposal, object end, AuditContext audit, CancellationToken cancellation) =>
        AppendAsync(proposal, end, proposal.Proposed.NewSecrets, audit, cancellation);

    /// <param name="secrets">Secrets to destroy, since nothing needs them any more.</param>
    private async Task AppendAsync(
        Proposal proposal, object data, IReadOnlyList<SecretRef> secrets, AuditContext audit, CancellationToken cancellation)
    {
        await using var session = store.LightweightSession();
        var events = batches.New();
        events.Append(proposal.Id, proposal.Version + 1, data, audit);
        events.QueueTo(session);
        SecretVault.Destroy(session, secrets, []);
        try
        {
            await session.SaveChangesAsync(cancellation);
        }
        catch (Exception e) when (WriteConflict.Is(e))
        {
            throw DecidedMeanwhile();
        }
    }

    private static ProblemException DecidedMeanwhile() => ProblemException.Conflict("Somebody else has just decided on this proposal.");
}
