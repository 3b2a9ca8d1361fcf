using System.Text.Json.Serialization;
using Notify.Contracts.Rules;
using Notify.Rules.Schedules;

namespace Notify.Rules.Deciding;

/// <summary>Why a rule would, or would not, tell someone of an alarm.</summary>
/// <param name="Matched">It is enabled and every condition holds.</param>
/// <param name="Actions">Also those of a rule that doesn't match, as they would be if it did; their notifications then say that it doesn't.</param>
public sealed record RuleExplanation(
    VersionedRef Rule, bool Enabled, bool Matched, IReadOnlyList<Condition> Conditions, IReadOnlyList<ActionExplanation> Actions);

/// <param name="ScheduleState">Null when the schedule is gone.</param>
/// <param name="NextChange">When the schedule opens, or closes, next; null when that is not within three years.</param>
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
    /// <summary>What the action does later if nobody reacts: the escalation, the first reminder; null: nothing.</summary>
    public IReadOnlyList<ExplainedStep>? Steps { get; init; }
}

/// <param name="DueAt">When it would be performed; the first time, for a reminder.</param>
/// <param name="Unless">What would stop it: <c>acknowledged</c> or <c>cleared</c>.</param>
/// <param name="Stopped">Why nothing of it would be planned for this alarm, which is acknowledged or cleared already; null: it would be.</param>
/// <param name="EveryMinutes">Of a reminder, as the next.</param>
/// <param name="AtMost">How many reminders.</param>
public sealed record ExplainedStep(
    StepKind Kind, DateTimeOffset DueAt, string Unless, string? Stopped, int? EveryMinutes = null, int? AtMost = null);

/// <summary>The receivers of one notification, and why it would not be sent (<see cref="Suppression"/>), or null.</summary>
/// <param name="Failure">Why it could not be sent although it should be, because its message, schedule or rule cannot be read; else null.</param>
public sealed record ReceiverExplanation(IReadOnlyList<Receiver> Receivers, string? Suppressed, string? Failure = null)
{
    /// <summary>Nobody is reached by these: there is nothing to be told later.</summary>
    [JsonIgnore]
    public bool IsLeftOut { get; init; }
}
