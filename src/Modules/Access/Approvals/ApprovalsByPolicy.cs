using System.Text.Json;
using System.Text.Json.Nodes;
using Marten;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Notify.Access.Emergencies;
using Notify.Access.Policies;
using Notify.Contracts.Rules;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Resources;
using Notify.Kernel.Secrets;
using Wolverine;
using Wolverine.Runtime;

namespace Notify.Access.Approvals;

/// <summary>An approved change while its module makes it. What is made is compared with what was approved.</summary>
/// <param name="Policy">The version of the policy under which it was signed.</param>
/// <param name="Record">Records the approval in the transaction of the change.</param>
internal sealed record GivenApproval(
    string Proposal, AuditContext Given, long Policy, Action<IDocumentSession, ChangeToApprove> Record) : Approval(Proposal, Given);

/// <inheritdoc cref="IApprovals"/>
public sealed class ApprovalsByPolicy(
    ApprovalsOnRecord record, PolicyOnRecord policies, EmergenciesOnRecord emergencies, MasterKey key, EventBatches batches,
    IWolverineRuntime runtime, IConfiguration settings, TimeProvider time, ILogger<ApprovalsByPolicy> logger)
    : IApprovals
{
    private const int MostAlarmChanges = 20_000;
    private static readonly TimeSpan foreseen = TimeSpan.FromDays(30);
    private static readonly string[] foreseeable = ["rule", "message", "schedule", "service"];

    /// <summary>How long the computation of the what-if may take, since other changes wait meanwhile.</summary>
    private readonly TimeSpan patience = TimeSpan.FromSeconds(settings.GetValue("Notify:Approvals:WhatIfSeconds", 2.0));

    public async Task<bool> AskAsync(IQuerySession session, AuditContext audit, CancellationToken cancellation) =>
        audit.Approval is not null || !(await policies.ReadAsync(session, cancellation)).IsEmpty;

    public async Task<AuditContext> PassAsync(
        IDocumentSession session, ChangeToApprove change, AuditContext audit, Func<Task>? commit, CancellationToken cancellation)
    {
        if (audit.Approval is not null)
        {
            if (audit.Approval is not GivenApproval given) throw new InvalidOperationException("Only a decision on a proposal approves a change.");
            // The policy decides which signatures are needed, and the history names the version in force.
            if ((await policies.ReadAsync(session, cancellation)).Version != given.Policy)
                throw ProblemException.Conflict("The approval policy was changed in the meantime. Decide again.");
            given.Record(session, change);
            return audit;
        }

        var policy = await policies.ReadAsync(session, cancellation);
        var kinds = change.OtherKinds.Prepend(change.Kind).ToList();
        // Nobody could approve what Notify changes by itself, such as the first schedule of a new store.
        if (audit.Actor.Kind == Actor.SystemKind || policy.IsEmpty) return audit;
        if (policy.NeedsReason(kinds) && audit.Reason is null) throw ProblemException.Invalid(
            "X-Change-Reason", "The approval policy requires a reason for this change.");
        // Revoking a leaked key must not wait.
        if (!policy.NeedsApproval(kinds) || change is { Kind: "apikey", Verb: "disable" }) return audit;
        if (await PassInEmergencyAsync(session, change, policy.NeedingApproval(kinds), audit, cancellation) is { } made) return made;

        var id = change.First is { } first ? Ids.Of(Proposal.Noun, first.Id) : Ids.New(Proposal.Noun, time.GetUtcNow());
        var proposal = await record.FindAsync(session, id, cancellation);
        if (proposal is null)
        {
            var now = Instants.Cut(time.GetUtcNow());
            var proposed = Proposal.Propose(change, await ForeseeAsync(change, now, cancellation));
            var events = batches.New();
            events.Append(id, 1, proposed, audit);
            events.QueueTo(session, now);
            await session.SaveChangesAsync(cancellation);
            if (commit is not null) await commit();
            proposal = new Proposal { Id = id, Version = 1, Proposed = proposed, Author = audit, At = now };
        }

        throw new ChangeProposedException(id, JsonSerializer.SerializeToNode(ProposalView.Of(proposal, []), NotifyJson.Options)!.AsObject());
    }

    /// <summary>Computes what the change would have changed for recorded alarms. If that fails, the change is proposed without it.</summary>
    private async Task<ForeseenEffect?> ForeseeAsync(ChangeToApprove change, DateTimeOffset now, CancellationToken cancellation)
    {
        var kind = foreseeable.FirstOrDefault(x => string.Equals(x, change.Kind, StringComparison.OrdinalIgnoreCase));
        if (kind is null || change.Id is not { } id || patience <= TimeSpan.Zero
            || change.Input is not { } input || input["type"] is not JsonValue type || input["data"] is not JsonObject data) return null;
        try
        {
            var question = new ForeseeChange(
                kind, id, type.GetValue<string>(), data.DeepClone().AsObject(), now - foreseen, now, MostAlarmChanges, patience);
            return (await new MessageBus(runtime).InvokeAsync<ChangeForeseen>(question, cancellation)).Effect;
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested)
        {
            logger.LogError(e, "What the change of {Kind} {Id} would have changed could not be found out; it is proposed without that", kind, id);
            return null;
        }
    }

    /// <summary>Records the change for the review of the emergency, in the transaction that makes it, and the emergency in the context of the
    /// change.</summary>
    /// <returns>Null: no emergency permits the change.</returns>
    private async Task<AuditContext?> PassInEmergencyAsync(
        IDocumentSession session, ChangeToApprove change, IEnumerable<string> kinds, AuditContext audit, CancellationToken cancellation)
    {
        if (await emergencies.LastAsync(session, cancellation) is not { } emergency
            || !emergency.Permits(kinds, audit.Actor, key, time.GetUtcNow())) return null;
        audit = audit with { Emergency = emergency.Id };
        var versions = await ApprovalsOnRecord.VersionsAsync(session, [emergency.Id], cancellation);
        var events = batches.New();
        events.Append(
            emergency.Id, versions[emergency.Id] + 1, new EmergencyUsed(change.Kind, change.Verb, change.Id, change.Name, change.Changes), audit);
        events.QueueTo(session);
        return audit;
    }
}
