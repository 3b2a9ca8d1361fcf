using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Notify.Access.Policies;
using Notify.Kernel.Events;
using Notify.Kernel.Http;
using Notify.Kernel.Resources;
using Notify.Kernel.Signing;

namespace Notify.Access.Approvals;

/// <summary>Four-eyes approvals: the policy, the proposals, and the decisions on them.</summary>
internal static class ApprovalsRegistration
{
    public static IServiceCollection AddApprovals(this IServiceCollection services) =>
        services
            .AddSingleton<ApprovalsOnRecord>()
            .AddSingleton<PolicyOnRecord>()
            .AddSingleton<IApprovals, ApprovalsByPolicy>()
            .AddSingleton<ReadProposals>()
            .AddSingleton<ChangePolicy>()
            .AddSingleton<IApprovedChanges>(x => x.GetRequiredService<ChangePolicy>())
            .AddScoped<DecideProposal>()
            .AddScoped<Signing>()
            .AddScoped<ISignatures>(x => x.GetRequiredService<Signing>())
            .AddProblemTexts(ApprovalsProblemTexts.Lines)
            .AddEventSummaries(
            [
                new("access.approval_policy_changed.v1", "The approval policy was changed[: {kinds} need a second person]",
                    "修改审批策略[：{kinds} 需要另一人审批]"),
                new("access.change_proposed.v1", "Change proposed: {verb} {kind} “{name}”", "提交待审批的更改：{verb} {kind}“{name}”"),
                new("access.proposal_approved.v1", "Approved and made: {verb} {kind} “{name}”", "批准并执行：{verb} {kind}“{name}”"),
                new("access.proposal_signed.v1", "Signed by its author: {verb} {kind} “{name}”", "提交人签名：{verb} {kind}“{name}”"),
                new("access.proposal_rejected.v1", "Rejected: {verb} {kind} “{name}”", "驳回：{verb} {kind}“{name}”"),
                new("access.proposal_withdrawn.v1", "Withdrawn: {verb} {kind} “{name}”", "撤回：{verb} {kind}“{name}”"),
                new("access.proposal_voided.v1", "Void, since what it was based on has changed: {verb} {kind} “{name}”",
                    "因所依据的内容已更改而作废：{verb} {kind}“{name}”"),
            ])
            .AddEvents(
                "access",
                EventType.Of<ApprovalPolicyChanged>(
                    "access.approval_policy_changed.v1", "Which changes need a second person, a signature or a reason from now on.")
                with
                { Approval = ApprovalPart.Policy },
                EventType.Of<ChangeProposed>("access.change_proposed.v1", "A change that needs a second person was proposed; nothing is changed yet.")
                with
                { Approval = ApprovalPart.Proposal },
                EventType.Of<ProposalApproved>(
                    "access.proposal_approved.v1", "Another person than the author approved the change, and it was made in the same transaction.")
                with
                { Approval = ApprovalPart.Approval },
                EventType.Of<ProposalSigned>("access.proposal_signed.v1", "The author signed what they propose.")
                with
                { Approval = ApprovalPart.AuthorsSignature },
                EventType.Of<ProposalRejected>("access.proposal_rejected.v1", "Another person than the author refused the change."),
                EventType.Of<ProposalWithdrawn>("access.proposal_withdrawn.v1", "The author took the proposal back."),
                EventType.Of<ProposalVoided>("access.proposal_voided.v1", "What the change was based on has changed, so it can no longer be approved."));

    public static void MapApprovals(this IEndpointRouteBuilder routes)
    {
        ChangePolicy.Map(routes);
        var proposals = routes.MapGroup("/api/v1/proposals").WithTags("approvals");
        ReadProposals.Map(proposals);
        DecideProposal.Map(proposals);
    }
}
