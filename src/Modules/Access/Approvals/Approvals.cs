using System.Text.Json;
using System.Text.Json.Nodes;
using Marten;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Resources;

namespace Notify.Access.Approvals;

/// <summary>What was approved, on its way through the modules that make it; what they make is compared with it.</summary>
/// <param name="Policy">The version of the policy that said who has to sign.</param>
/// <param name="Record">Puts the approval on record with the change.</param>
internal sealed record GivenApproval(
    string Proposal, Actor By, long Policy, Action<IDocumentSession, ChangeToApprove> Record) : Approval(Proposal, By);

/// <inheritdoc cref="IApprovals"/>
public sealed class Approvals(ApprovalsOnRecord record, EventBatches batches, TimeProvider time) : IApprovals
{
    public async Task<bool> AskAsync(IQuerySession session, CancellationToken cancellation) =>
        !(await record.PolicyAsync(session, cancellation)).IsEmpty;

    public async Task<AuditContext> PassAsync(
        IDocumentSession session, ChangeToApprove change, AuditContext audit, Func<Task>? commit, CancellationToken cancellation)
    {
        if (audit.Approval is not null)
        {
            if (audit.Approval is not GivenApproval given) throw new InvalidOperationException("Only a decision on a proposal approves a change.");
            // Whoever has signed or not has done so by this policy, and the history shows which one was in force.
            if ((await record.PolicyAsync(session, cancellation)).Version != given.Policy)
                throw ProblemException.Conflict("The approval policy was changed in the meantime. Decide again.");
            given.Record(session, change);
            return audit;
        }

        var policy = await record.PolicyAsync(session, cancellation);
        var kinds = change.OtherKinds.Prepend(change.Kind).ToList();
        // What Notify does by itself, such as the first schedule of a new store, has no second person to wait for.
        if (audit.Actor.Kind == Actor.SystemKind || policy.IsEmpty) return audit;
        if (policy.NeedsReason(kinds) && audit.Reason is null) throw ProblemException.Invalid(
            "X-Change-Reason", "The approval policy requires a reason for this change.");
        // Whoever learns that a key has leaked does not wait.
        if (!policy.NeedsApproval(kinds) || change is { Kind: "apikey", Verb: "disable" }) return audit;

        var id = change.First is { } first ? Ids.Of(Proposal.Noun, first.Id) : Ids.New(Proposal.Noun, time.GetUtcNow());
        var proposal = await record.FindAsync(session, id, cancellation);
        if (proposal is null)
        {
            var (now, proposed) = (Instants.Cut(time.GetUtcNow()), Proposal.Propose(change));
            var events = batches.New();
            events.Append(id, 1, proposed, audit);
            events.QueueTo(session, now);
            await session.SaveChangesAsync(cancellation);
            if (commit is not null) await commit();
            proposal = new Proposal { Id = id, Version = 1, Proposed = proposed, Author = audit, At = now };
        }

        throw new ChangeProposedException(id, JsonSerializer.SerializeToNode(ProposalView.Of(proposal, []), NotifyJson.Options)!.AsObject());
    }
}
