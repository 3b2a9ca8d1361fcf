using System.Text.Json.Serialization;
using JasperFx.Events;
using Notify.Access.Policies;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Resources;
using Notify.Kernel.Secrets;
using Notify.Kernel.Signing;

namespace Notify.Access.Emergencies;

/// <summary>Somebody asks to make changes without approval for a time; nothing is permitted before a second person confirms it. Stream
/// <c>emergency-…</c>.</summary>
/// <param name="Kinds">Of changes, as the approval policy names them.</param>
public sealed record EmergencyRequested(IReadOnlyList<string> Kinds, int Minutes, string Reason, OwnSignature? Signature = null) : ISigned
{
    bool ISigned.SignsItself => true;
}

/// <summary>A second person has confirmed it: changes of the two are made at once.</summary>
/// <param name="Request">The content that the first person has signed.</param>
public sealed record EmergencyOpened(DateTimeOffset Until, string Request, OwnSignature? Signature = null) : ISigned
{
    bool ISigned.SignsItself => true;
}

/// <summary>A change that needs approval was made in the emergency without one; it is to be reviewed.</summary>
/// <inheritdoc cref="ChangeToApprove" path="/param"/>
/// <param name="ResourceId">Of what was changed; null: it had no id yet.</param>
public sealed record EmergencyUsed(string Kind, string Verb, string? ResourceId, string Name, IReadOnlyList<FieldChange> Changes);

/// <param name="Why"><c>ended</c> by somebody, <c>withdrawn</c> before it was confirmed, or <c>ranOut</c>.</param>
public sealed record EmergencyEnded(string Why)
{
    public const string BySomebody = "ended";
    public const string Withdrawn = "withdrawn";
    public const string RanOut = "ranOut";
}

/// <summary>A third person has reviewed the changes.</summary>
/// <param name="Reviewed">SHA-256, in hexadecimal, over all events of the emergency before this one (docs/approvals.md).</param>
public sealed record EmergencyReviewed(string Findings, string Reviewed, OwnSignature? Signature = null) : ISigned
{
    bool ISigned.SignsItself => true;
}

[JsonConverter(typeof(JsonStringEnumConverter<EmergencyState>))]
public enum EmergencyState
{
    /// <summary>It waits for a second person.</summary>
    Requested,

    /// <summary>Nobody has confirmed it in time.</summary>
    Lapsed,

    Withdrawn,
    Open,
    Ended,
}

/// <summary>A time in which two people make changes without approval.</summary>
public sealed record Emergency
{
    public const string Noun = "emergency";
    public const int MostMinutes = 240;
    public const string RequestedMeaning = "requested";
    public const string ConfirmedMeaning = "confirmed";
    public const string ReviewedMeaning = "reviewed";

    private const int MostFindings = 4000;

    /// <summary>Both are there, or it is no emergency; and what somebody confirms is not what was asked for yesterday.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(15);

    /// <summary>
    /// The kinds of changes that an emergency may permit. Never the policy itself, or anything that destroys data: an emergency that could lift these
    /// would have no end, and none of them helps to deliver an alarm.
    /// </summary>
    public static readonly IReadOnlyList<string> PossibleKinds = ["rule", "service", "message", "schedule", "user", "group", "role", "apiKey"];

    /// <summary>The default: the configuration, but not people.</summary>
    private static readonly string[] usualKinds = ["rule", "service", "message", "schedule"];

    public required string Id { get; init; }
    public long Version { get; init; }
    public required EmergencyRequested Requested { get; init; }
    public required Actor RequestedBy { get; init; }
    public DateTimeOffset RequestedAt { get; init; }
    public string CorrelationId { get; init; } = "";

    /// <summary>Null: nobody has confirmed it.</summary>
    public EmergencyOpened? Opened { get; init; }

    public Actor? OpenedBy { get; init; }
    public DateTimeOffset? OpenedAt { get; init; }
    public EmergencyEnded? Ended { get; init; }
    public Actor? EndedBy { get; init; }
    public DateTimeOffset? EndedAt { get; init; }
    public IReadOnlyList<MadeChange> Changes { get; init; } = [];
    public EmergencyReviewed? Reviewed { get; init; }
    public DateTimeOffset? ReviewedAt { get; init; }

    /// <param name="Changed">What and how.</param>
    public sealed record MadeChange(EmergencyUsed Changed, DateTimeOffset At, Actor By, string? Reason);

    public IEnumerable<OwnSignature> Signatures => new[] { Requested.Signature, Opened?.Signature, Reviewed?.Signature }.OfType<OwnSignature>();

    /// <param name="reason">Why it cannot wait for approvals.</param>
    /// <param name="kinds">Null: those of the configuration that the policy covers.</param>
    /// <exception cref="ProblemException">400: it does not fit; 409: nothing needs approval.</exception>
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

    /// <param name="isFirst">Who confirms has asked for it.</param>
    /// <exception cref="ProblemException">403: the first person; 409: it does not wait for anybody.</exception>
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

    /// <summary>It is over and nobody has said so yet.</summary>
    public bool HasRunOut(DateTimeOffset now) => Opened is { } opened && Ended is null && now >= opened.Until;

    /// <param name="isOneOfTheTwo">Who reviews has asked for it or confirmed it.</param>
    /// <param name="before">SHA-256 over the events before.</param>
    /// <exception cref="ProblemException">400; 403: one of the two; 409: it is not over, permitted nothing, or was reviewed.</exception>
    public EmergencyReviewed Review(bool isOneOfTheTwo, string? findings, string before, DateTimeOffset now)
    {
        var found = findings?.Trim() ?? "";
        if (found.EnumerateRunes().Count() is 0 or > MostFindings) throw ProblemException.Invalid(
            "findings", "Say what you have found, in at most 4000 characters.");
        if (Opened is null) throw ProblemException.Conflict("This emergency was never open: there is nothing to review.");
        // An open emergency cannot be reviewed completely.
        if (Ended is null) throw ProblemException.Conflict("This emergency is still open: it is reviewed when it has ended.");
        if (Reviewed is not null) throw ProblemException.Conflict("This emergency was reviewed already.");
        if (isOneOfTheTwo) throw new ProblemException(
            403, "Not allowed.", "Nobody reviews an emergency of their own. A third person must do it.");
        return new EmergencyReviewed(found, before);
    }

    /// <summary>Whether it lets these changes through.</summary>
    /// <param name="kinds">Those that need approval.</param>
    public bool Permits(IEnumerable<string> kinds, Actor actor, MasterKey key, DateTimeOffset now) =>
        State(now) == EmergencyState.Open && IsOneOfTheTwo(actor) && IsSigned(key)
        && kinds.All(x => Requested.Kinds.Contains(x, StringComparer.OrdinalIgnoreCase));

    /// <summary>In person: their keys are in programs, which know of no emergency.</summary>
    public bool IsOneOfTheTwo(Actor actor) => actor.Kind == "user" && (actor.Id == RequestedBy.Id || actor.Id == OpenedBy?.Id);

    /// <summary>It permits something only by the signatures of two people, each for this one: an event that somebody has written into the database
    /// has none.</summary>
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
