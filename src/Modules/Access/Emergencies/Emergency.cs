using System.Text.Json.Serialization;
using JasperFx.Events;
using Notify.Access.Policies;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Resources;
using Notify.Kernel.Secrets;
using Notify.Kernel.Signing;

namespace Notify.Access.Emergencies;

/// <summary>Somebody requested to change the configuration without approval for a time. It permits nothing until a second person confirms it. Stream
/// <c>emergency-…</c>.</summary>
/// <param name="Kinds">The kinds of changes, as the approval policy names them.</param>
public sealed record EmergencyRequested(IReadOnlyList<string> Kinds, int Minutes, string Reason, OwnSignature? Signature = null) : ISigned
{
    bool ISigned.SignsItself => true;
}

/// <summary>A second person confirmed it: the two need no approval from now on.</summary>
/// <param name="Request">The content that the first person signed.</param>
public sealed record EmergencyOpened(DateTimeOffset Until, string Request, OwnSignature? Signature = null) : ISigned
{
    bool ISigned.SignsItself => true;
}

/// <summary>A change that needs approval was made under the emergency without it; it is part of the review.</summary>
/// <inheritdoc cref="ChangeToApprove" path="/param"/>
/// <param name="ResourceId">The id of the resource; null: the change created it.</param>
public sealed record EmergencyUsed(string Kind, string Verb, string? ResourceId, string Name, IReadOnlyList<FieldChange> Changes);

/// <param name="Why"><c>ended</c>: by somebody; <c>withdrawn</c>: before it was confirmed; <c>ranOut</c>: its time was up.</param>
public sealed record EmergencyEnded(string Why)
{
    public const string BySomebody = "ended";
    public const string Withdrawn = "withdrawn";
    public const string RanOut = "ranOut";
}

/// <summary>A third person reviewed the changes.</summary>
/// <param name="Reviewed">SHA-256, in hexadecimal, over all events of the emergency before this one (docs/approvals.md).</param>
public sealed record EmergencyReviewed(string Findings, string Reviewed, OwnSignature? Signature = null) : ISigned
{
    bool ISigned.SignsItself => true;
}

[JsonConverter(typeof(JsonStringEnumConverter<EmergencyState>))]
public enum EmergencyState
{
    /// <summary>It waits for confirmation.</summary>
    Requested,

    /// <summary>Nobody confirmed it in time.</summary>
    Lapsed,

    Withdrawn,
    Open,
    Ended,
}

/// <summary>A period in which two people may change the configuration without approval.</summary>
public sealed record Emergency
{
    public const string Noun = Approval.EmergencyNoun;
    public const int MostMinutes = 240;
    public const string RequestedMeaning = "requested";
    public const string ConfirmedMeaning = "confirmed";
    public const string ReviewedMeaning = "reviewed";

    private const int MostFindings = 4000;

    /// <summary>How long a request waits for confirmation: in an emergency both people are there, and nobody confirms an old request.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(15);

    /// <summary>The kinds of changes that an emergency may permit. Never the policy itself, since an emergency could then abolish approvals for good,
    /// nor anything that destroys data; neither helps to deliver an alarm.</summary>
    public static readonly IReadOnlyList<string> PossibleKinds =
        ["rule", "service", "message", "schedule", "drill", "source", "user", "group", "role", "apiKey"];

    /// <summary>The default kinds: the configuration without people.</summary>
    private static readonly string[] usualKinds = ["rule", "service", "message", "schedule"];

    public required string Id { get; init; }
    public long Version { get; init; }
    public required EmergencyRequested Requested { get; init; }
    public required Actor RequestedBy { get; init; }
    public DateTimeOffset RequestedAt { get; init; }
    public string CorrelationId { get; init; } = "";

    /// <summary>Null: not confirmed.</summary>
    public EmergencyOpened? Opened { get; init; }

    public Actor? OpenedBy { get; init; }
    public DateTimeOffset? OpenedAt { get; init; }
    public EmergencyEnded? Ended { get; init; }
    public Actor? EndedBy { get; init; }
    public DateTimeOffset? EndedAt { get; init; }
    public IReadOnlyList<MadeChange> Changes { get; init; } = [];
    public EmergencyReviewed? Reviewed { get; init; }
    public DateTimeOffset? ReviewedAt { get; init; }

    public sealed record MadeChange(EmergencyUsed Changed, DateTimeOffset At, Actor By, string? Reason);

    public IEnumerable<OwnSignature> Signatures => new[] { Requested.Signature, Opened?.Signature, Reviewed?.Signature }.OfType<OwnSignature>();

    /// <param name="reason">Why the changes cannot wait for approval.</param>
    /// <param name="kinds">Null: the default kinds that the policy covers.</param>
    /// <exception cref="ProblemException">400: a value is invalid; 409: nothing needs approval.</exception>
    public static EmergencyRequested Request(string? reason, int? minutes, IReadOnlyList<string?>? kinds, ApprovalPolicy policy)
    {
        var errors = new Errors();
        var why = reason?.Trim() ?? "";
        if (why.EnumerateRunes().Count() is 0 or > 500) errors.Add("reason", "Give a reason, of at most 500 characters.");
        if (minutes is not (>= 1 and <= MostMinutes)) errors.Add("minutes", $"Give a whole number of minutes from 1 to {MostMinutes}.");
        foreach (var (i, kind) in (kinds ?? []).Index())
        {
            if (!PossibleKinds.Contains(kind, StringComparer.Ordinal))
                errors.Add($"kinds[{i}]", $"Give one of {string.Join(", ", PossibleKinds)}.");
            else if (!policy.NeedsApproval([kind!])) errors.Add($"kinds[{i}]", "Changes of this kind need no approval.");
        }

        errors.ThrowIfAny();
        string[] wanted = kinds is null
            ? [.. usualKinds.Where(x => policy.NeedsApproval([x]))] : [.. PossibleKinds.Where(x => kinds.Contains(x, StringComparer.Ordinal))];
        return wanted.Length > 0 ? new EmergencyRequested(wanted, minutes!.Value, why)
            : throw ProblemException.Conflict("No change of this kind needs approval: an emergency would permit nothing more.");
    }

    public EmergencyState State(DateTimeOffset now) =>
        Opened is null ? Ended is not null ? EmergencyState.Withdrawn
            : now - RequestedAt < Patience ? EmergencyState.Requested : EmergencyState.Lapsed
        : Ended is null && now < Opened.Until ? EmergencyState.Open : EmergencyState.Ended;

    /// <param name="isFirst">The caller is the one who requested it.</param>
    /// <exception cref="ProblemException">403: the caller is the first person; 409: it does not wait for confirmation.</exception>
    public EmergencyOpened Confirm(bool isFirst, DateTimeOffset now)
    {
        var text = State(now) switch
        {
            EmergencyState.Open => "This emergency is open already.",
            EmergencyState.Lapsed => "Nobody has confirmed this emergency in time. Ask for it again.",
            EmergencyState.Withdrawn => "This emergency was withdrawn. Ask for it again.",
            EmergencyState.Ended => "This emergency has ended. Ask for another one.",
            _ => null,
        };
        if (text is not null) throw ProblemException.Conflict(text);
        if (isFirst) throw new ProblemException(
            403, "Not allowed.", "An emergency takes two people: somebody else must confirm it.");
        return new EmergencyOpened(Instants.Cut(now).AddMinutes(Requested.Minutes), OwnSignature.ContentOfNew(Requested));
    }

    /// <exception cref="ProblemException">409: it has ended.</exception>
    public EmergencyEnded End(DateTimeOffset now) => State(now) switch
    {
        EmergencyState.Open => new EmergencyEnded(EmergencyEnded.BySomebody),
        EmergencyState.Requested => new EmergencyEnded(EmergencyEnded.Withdrawn),
        _ => throw ProblemException.Conflict("This emergency has ended. Ask for another one."),
    };

    /// <summary>Whether its time is up and its end is not recorded yet.</summary>
    public bool HasRunOut(DateTimeOffset now) => Opened is { } opened && Ended is null && now >= opened.Until;

    /// <param name="isOneOfTheTwo">The reviewer requested or confirmed it.</param>
    /// <param name="before">SHA-256 over the events so far.</param>
    /// <exception cref="ProblemException">400; 403: the reviewer is one of the two; 409: it is not over, was never open, or is reviewed
    /// already.</exception>
    public EmergencyReviewed Review(bool isOneOfTheTwo, string? findings, string before, DateTimeOffset now)
    {
        var found = findings?.Trim() ?? "";
        if (found.EnumerateRunes().Count() is 0 or > MostFindings) throw ProblemException.Invalid(
            "findings", "Findings are required, in at most 4000 characters.");
        if (Opened is null) throw ProblemException.Conflict("This emergency was never open: there is nothing to review.");
        // Further changes can be made while it is open.
        if (Ended is null) throw ProblemException.Conflict("This emergency is still open: it is reviewed when it has ended.");
        if (Reviewed is not null) throw ProblemException.Conflict("This emergency was reviewed already.");
        if (isOneOfTheTwo) throw new ProblemException(
            403, "Not allowed.", "Nobody reviews an emergency of their own. A third person must do it.");
        return new EmergencyReviewed(found, before);
    }

    /// <summary>Whether the actor may make a change of these kinds without approval.</summary>
    /// <param name="kinds">The kinds that need approval.</param>
    public bool Permits(IEnumerable<string> kinds, Actor actor, MasterKey key, DateTimeOffset now) =>
        State(now) == EmergencyState.Open && IsOneOfTheTwo(actor) && IsSigned(key)
        && kinds.All(x => Requested.Kinds.Contains(x, StringComparer.OrdinalIgnoreCase));

    /// <summary>Their API keys do not count: programs that use them would change things without knowing of the emergency.</summary>
    public bool IsOneOfTheTwo(Actor actor) => actor.Kind == "user" && (actor.Id == RequestedBy.Id || actor.Id == OpenedBy?.Id);

    /// <summary>Whether both signatures are valid for this emergency. Without them it permits nothing, so that events written directly into the
    /// database have no effect.</summary>
    public bool IsSigned(MasterKey key) =>
        Requested.Signature is { } first && Opened?.Signature is { } second && first.Signer != second.Signer
        && first.Signer == RequestedBy.Id && second.Signer == OpenedBy?.Id
        && first.Holds(key, Id, OwnSignature.ContentOfNew(Requested)) && second.Holds(key, Id, OwnSignature.ContentOfNew(Opened))
        && Opened.Request == OwnSignature.ContentOfNew(Requested);

    public static Emergency? Apply(Emergency? current, string id, IEvent e)
    {
        if (e.Data is EmergencyRequested requested) return new Emergency
        {
            Id = id,
            Version = e.Version,
            Requested = requested,
            RequestedBy = e.Actor(),
            RequestedAt = e.Timestamp,
            CorrelationId = e.CorrelationId ?? "",
        };
        var emergency = current is null ? null : current with { Version = e.Version };
        return (emergency, e.Data) switch
        {
            ({ Opened: null, Ended: null }, EmergencyOpened x) => emergency with { Opened = x, OpenedBy = e.Actor(), OpenedAt = e.Timestamp },
            ({ Ended: null }, EmergencyEnded x) => emergency with { Ended = x, EndedBy = e.Actor(), EndedAt = e.Timestamp },
            ({ Opened: not null }, EmergencyUsed x) => emergency with
            {
                Changes = [.. emergency.Changes, new MadeChange(x, e.Timestamp, e.Actor(), e.Header(AuditContext.ReasonHeader))],
            },
            ({ Ended: not null, Reviewed: null }, EmergencyReviewed x) => emergency with { Reviewed = x, ReviewedAt = e.Timestamp },
            _ => emergency,
        };
    }
}
