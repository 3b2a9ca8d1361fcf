using System.Text.Json;
using System.Text.Json.Nodes;
using JasperFx.Events;
using Notify.Access.Policies;
using Notify.Contracts.Rules;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Http;
using Notify.Kernel.Resources;
using Notify.Kernel.Secrets;

namespace Notify.Access.Approvals;

/// <summary>Somebody proposed a change that needs a second person. Stream <c>proposal-…</c>.</summary>
/// <inheritdoc cref="ChangeToApprove" path="/param"/>
/// <param name="ResourceId">The id of the resource; null: the change creates it.</param>
/// <param name="Name">The name of the resource.</param>
/// <param name="WhatIf">What the change would have changed for the alarms of the last 30 days; the approver signs that too. Null: it does not change
/// a rule, message, schedule or service, or the computation failed.</param>
public sealed record ChangeProposed(
    string Kind, string Verb, string? ResourceId, string Name, IReadOnlyList<FieldChange> Changes, IReadOnlyList<BaseVersion> BasedOn,
    JsonObject Input, IReadOnlyList<string> OtherKinds, IReadOnlyList<SecretRef> NewSecrets, ForeseenEffect? WhatIf = null);

/// <summary>Somebody other than the author approved the change, and it was made, in one transaction.</summary>
/// <param name="Signature">Null: the policy required none.</param>
public sealed record ProposalApproved(Signature? Signature = null);

/// <summary>The author signed the proposal.</summary>
public sealed record ProposalSigned(Signature Signature);

/// <summary>Somebody other than the author rejected the change.</summary>
public sealed record ProposalRejected;

/// <summary>The author withdrew the change.</summary>
public sealed record ProposalWithdrawn;

/// <summary>The resources on which the change is based were changed, so that it can no longer be made as its author intended.</summary>
public sealed record ProposalVoided(IReadOnlyList<MovedVersion> Moved);

/// <param name="BasedOn">The version that the author saw.</param>
/// <param name="Now">The current version; 0: it does not exist.</param>
public sealed record MovedVersion(string Id, long BasedOn, long Now);

public enum ProposalState
{
    Open,
    Approved,
    Rejected,
    Withdrawn,
    Void,
}

/// <summary>A change that needs a second person, open or decided.</summary>
public sealed record Proposal
{
    public const string Noun = Approval.ProposalNoun;

    public required string Id { get; init; }
    public long Version { get; init; }
    public required ChangeProposed Proposed { get; init; }

    /// <summary>The author's context, in which an approved change is made.</summary>
    public required AuditContext Author { get; init; }

    public DateTimeOffset At { get; init; }
    public ProposalState State { get; init; }
    public DateTimeOffset? EndedAt { get; init; }
    public Actor? EndedBy { get; init; }

    /// <summary>Why it was approved, rejected or withdrawn.</summary>
    public string? EndReason { get; init; }

    public IReadOnlyList<MovedVersion> Moved { get; init; } = [];

    /// <summary>The author's first.</summary>
    public IReadOnlyList<Signature> Signatures { get; init; } = [];

    public bool IsSignedByAuthor => Signatures.Any(x => x.Meaning == SignedContent.Proposed);

    public IEnumerable<string> Kinds => Proposed.OtherKinds.Prepend(Proposed.Kind);

    /// <summary>Whether a caller who is limited to paths may know of it: what concerns the history reaches beyond them, except a redelivery that is
    /// limited to paths of the caller's.</summary>
    public bool IsSeen => PathLimit.Current.IsNone || Kinds.All(x => ApprovalPolicy.KindOf(x).Reading != Permission.HistoryRead)
        || PathLimit.Current.Covers([.. (Proposed.Input["paths"] as JsonArray ?? []).Select(x => x?.ToString() ?? "")]);

    /// <summary>The proposed change, for the module that makes it.</summary>
    public ChangeToApprove Change => new(
        Proposed.Kind, Proposed.Verb, Proposed.ResourceId, Proposed.Name, Proposed.Changes, Proposed.BasedOn, Proposed.Input)
    {
        OtherKinds = Proposed.OtherKinds,
        NewSecrets = Proposed.NewSecrets,
    };

    public static ChangeProposed Propose(ChangeToApprove x, ForeseenEffect? whatIf) =>
        new(x.Kind, x.Verb, x.Id, x.Name, x.Changes, x.BasedOn, x.Input, x.OtherKinds, x.NewSecrets, whatIf);

    /// <param name="isAuthor">The approver is the author, or a key of the author's.</param>
    /// <param name="made">The change that the module is about to make.</param>
    /// <exception cref="ProblemException">403: the caller is the author; 409: it is decided already, or differs from what would be made.</exception>
    public ProposalApproved Approve(bool isAuthor, ChangeToApprove made, Signature? signature = null)
    {
        CheckOpen();
        if (isAuthor) throw new ProblemException(
            403, "Not allowed.", "Nobody approves a change of their own, or one that a key of theirs has proposed. Somebody else must decide.");
        if (!IsSame(made)) throw ProblemException.Conflict(
            "What would be made is not what was proposed: the proposal was altered. Withdraw it and propose the change again.");
        return new ProposalApproved(signature);
    }

    /// <exception cref="ProblemException">403: the caller is not the author; 409: it is decided or signed already.</exception>
    public void CheckMaySign(bool isAuthor)
    {
        CheckOpen();
        if (!isAuthor) throw new ProblemException(403, "Not allowed.", "Only its author signs a proposal. Approve or reject it.");
        if (IsSignedByAuthor) throw ProblemException.Conflict("Its author has signed this proposal already.");
    }

    /// <inheritdoc cref="Approve"/>
    public ProposalRejected Reject(bool isAuthor)
    {
        CheckOpen();
        return isAuthor ? throw new ProblemException(403, "Not allowed.", "This is your own proposal: withdraw it.") : new ProposalRejected();
    }

    /// <exception cref="ProblemException">403: the caller is not the author; 409: it is decided already.</exception>
    public ProposalWithdrawn Withdraw(bool isAuthor)
    {
        CheckOpen();
        return isAuthor ? new ProposalWithdrawn() : throw new ProblemException(
            403, "Not allowed.", "Only its author withdraws a proposal. Reject it instead.");
    }

    /// <param name="current">The current versions of the resources on which the change is based, by id; a resource that does not exist is
    /// absent.</param>
    /// <returns>Null: nothing was changed since.</returns>
    public ProposalVoided? VoidIfMoved(IReadOnlyDictionary<string, long> current)
    {
        CheckOpen();
        var moved = MovedIn(current);
        return moved.Count > 0 ? new ProposalVoided(moved) : null;
    }

    /// <param name="found">What the change would be based on now, when there is nothing left of it: others have created it since.</param>
    public ProposalVoided VoidSince(IReadOnlyList<BaseVersion> found) =>
        new([.. found.ExceptBy(Proposed.BasedOn.Select(x => x.Id), x => x.Id).Select(x => new MovedVersion(x.Id, 0, x.Version))]);

    public IReadOnlyList<MovedVersion> MovedIn(IReadOnlyDictionary<string, long> current) =>
    [
        .. from x in Proposed.BasedOn
           let now = current.GetValueOrDefault(x.Id)
           where now != x.Version
           select new MovedVersion(x.Id, x.Version, now),
    ];

    public static Proposal? Apply(Proposal? current, string id, IEvent e)
    {
        if (e.Data is ChangeProposed proposed) return new Proposal
        {
            Id = id,
            Version = e.Version,
            Proposed = proposed,
            At = e.Timestamp,
            Author = new AuditContext(
                e.Actor(), e.CorrelationId ?? "", null, e.Header(AuditContext.SourceIpHeader), e.Header(AuditContext.ReasonHeader),
                e.Header(AuditContext.ClientHeader)),
        };
        var proposal = current is null ? null : current with { Version = e.Version };
        return (proposal, e.Data) switch
        {
            ({ State: ProposalState.Open }, ProposalSigned x) => proposal with { Signatures = [.. proposal.Signatures, x.Signature] },
            ({ State: ProposalState.Open }, ProposalApproved x) => Ended(ProposalState.Approved) with
            {
                Signatures = x.Signature is { } signature ? [.. proposal.Signatures, signature] : proposal.Signatures,
            },
            ({ State: ProposalState.Open }, ProposalRejected) => Ended(ProposalState.Rejected),
            ({ State: ProposalState.Open }, ProposalWithdrawn) => Ended(ProposalState.Withdrawn),
            ({ State: ProposalState.Open }, ProposalVoided x) => Ended(ProposalState.Void) with { Moved = x.Moved },
            _ => proposal,
        };

        Proposal Ended(ProposalState state) =>
            proposal! with { State = state, EndedAt = e.Timestamp, EndedBy = e.Actor(), EndReason = e.Header(AuditContext.ReasonHeader) };
    }

    /// <exception cref="ProblemException">409: it is decided already.</exception>
    public void CheckOpen()
    {
        var text = State switch
        {
            ProposalState.Approved => "This proposal is approved already.",
            ProposalState.Rejected => "This proposal was rejected. Propose the change again.",
            ProposalState.Withdrawn => "This proposal was withdrawn. Propose the change again.",
            ProposalState.Void => "This proposal is void: what it was based on has changed. Propose the change again.",
            _ => null,
        };
        if (text is not null) throw ProblemException.Conflict(text);
    }

    private bool IsSame(ChangeToApprove made) =>
        (made.Kind, made.Verb, made.Id, made.Name) == (Proposed.Kind, Proposed.Verb, Proposed.ResourceId, Proposed.Name)
        && JsonNode.DeepEquals(Json(made.Changes), Json(Proposed.Changes));

    private static JsonNode? Json(IReadOnlyList<FieldChange> changes) => JsonSerializer.SerializeToNode(changes, NotifyJson.Options);
}
