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
    IReadOnlyList<ReceiverExplanation> Receivers);

/// <summary>The receivers of one notification, and why it would not be sent (<see cref="Suppression"/>), or null.</summary>
/// <param name="Failure">Why it would be meant to be sent and could not be, since something in its message, schedule or rule cannot be read; else
/// null.</param>
public sealed record ReceiverExplanation(IReadOnlyList<Receiver> Receivers, string? Suppressed, string? Failure = null);
