using System.Text.Json.Serialization;
using Notify.Contracts.Rules;
using Notify.Rules.Schedules;

namespace Notify.Rules.Deciding;

/// <summary>Why a rule would, or would not, notify somebody of an alarm.</summary>
/// <param name="Matched">The rule is enabled and every condition holds.</param>
/// <param name="Actions">Present also if the rule does not match: as they would be if it did, with that as the reason why nothing is sent.</param>
public sealed record RuleExplanation(
    VersionedRef Rule, bool Enabled, bool Matched, IReadOnlyList<Condition> Conditions, IReadOnlyList<ActionExplanation> Actions);

/// <param name="ScheduleState">Of an action that is performed later, when it is due. Null when the schedule was deleted or cannot be read.</param>
/// <param name="NextChange">When, after that, the schedule next opens or closes; null when that is not within three years.</param>
public sealed record ActionExplanation(
    int Action,
    VersionedRef Service,
    VersionedRef Message,
    VersionedRef Schedule,
    ScheduleState? ScheduleState,
    DateTimeOffset? NextChange,
    RenderedMessage Content,
    IReadOnlyList<ReceiverExplanation> Receivers)
{
    /// <summary>What the action does later if nobody reacts: the escalation and the first reminder; null: nothing.</summary>
    public IReadOnlyList<ExplainedStep>? Steps { get; init; }
}

/// <param name="DueAt">When the step would be performed; for reminders, the first one.</param>
/// <param name="Unless">The reaction that would stop it: <c>acknowledged</c> or <c>cleared</c>.</param>
/// <param name="Stopped">Why it would not be planned: the alarm is acknowledged or cleared already. Null: it would be.</param>
/// <param name="EveryMinutes">The interval of reminders; null for an escalation.</param>
/// <param name="AtMost">The maximum number of reminders; null for an escalation.</param>
public sealed record ExplainedStep(
    StepKind Kind, DateTimeOffset DueAt, string Unless, string? Stopped, int? EveryMinutes = null, int? AtMost = null);

/// <summary>The receivers of one notification, and why it would not be sent (<see cref="Suppression"/>, or why its step would not be planned); null:
/// it would be.</summary>
/// <param name="Failure">Why it could not be sent although it should be: its message, schedule or rule cannot be read. Otherwise null.</param>
public sealed record ReceiverExplanation(IReadOnlyList<Receiver> Receivers, string? Suppressed, string? Failure = null)
{
    /// <summary>When the schedule opens and sends in a digest what it held back; null: it does not.</summary>
    public DateTimeOffset? DigestAt { get; init; }

    /// <summary>These receivers cannot be reached at all, so that nothing is held back for them.</summary>
    [JsonIgnore]
    public bool IsLeftOut { get; init; }
}
