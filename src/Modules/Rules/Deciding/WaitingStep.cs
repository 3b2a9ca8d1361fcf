using Notify.Contracts.Alarms;
using Notify.Contracts.Rules;

namespace Notify.Rules.Deciding;

/// <summary>An action of a rule is to be performed later, unless somebody reacts before.</summary>
/// <param name="AlarmVersion">The change of the alarm for which it was planned.</param>
/// <param name="Action">The action of the rule, from 0.</param>
public sealed record StepPlanned(
    string AlarmId, string AlarmName, string AlarmPath, AlarmLevel Level, long AlarmVersion, VersionedRef Rule, int Action, StepKind Kind,
    DateTimeOffset DueAt);

/// <summary>The action was performed because nobody had reacted.</summary>
/// <param name="Number">Which reminder, from 1; 0 for an escalation.</param>
/// <param name="AlarmVersion">The alarm as it was then.</param>
/// <param name="ConfigurationVersion">The configuration that decided.</param>
/// <param name="NextAt">When it is performed again; null: it is not.</param>
public sealed record StepPerformed(
    StepKind Kind, int Number, long AlarmVersion, long ConfigurationVersion, IReadOnlyList<DecidedAction> Notifications, DateTimeOffset? NextAt);

/// <summary>The step is not performed any more.</summary>
/// <param name="Reason">Not needed: <c>acknowledged</c>, <c>cleared</c> or <c>shelved</c>; by today's configuration not wanted:
/// <c>ruleRemoved</c>, <c>ruleDisabled</c>, <c>ruleDoesNotMatch</c> or <c>stepRemoved</c>; or <c>alarmRemoved</c>.</param>
/// <param name="By">Who acknowledged the alarm; null if nobody did.</param>
public sealed record StepStopped(string Reason, string? By = null);

/// <summary>What an action of a rule still has to do about an alarm. Stream <c>step-…</c>; at most one waits for the same alarm and
/// action.</summary>
/// <param name="Kind">Of the next performance.</param>
/// <param name="Number">Of the next performance, as in <see cref="StepPerformed"/>.</param>
/// <param name="DueAt">Null: it has ended.</param>
public sealed record WaitingStep(
    string Id, long Version, string AlarmId, string RuleId, int Action, AlarmLevel Level, StepKind Kind, int Number, DateTimeOffset? DueAt)
{
    public static WaitingStep Apply(WaitingStep? step, string id, object @event) => @event switch
    {
        StepPlanned e => new(id, 1, e.AlarmId, e.Rule.Id, e.Action, e.Level, e.Kind, e.Kind == StepKind.Reminder ? 1 : 0, e.DueAt),
        StepPerformed e when step is not null =>
            step with { Version = step.Version + 1, Kind = StepKind.Reminder, Number = e.Number + 1, DueAt = e.NextAt },
        StepStopped when step is not null => step with { Version = step.Version + 1, DueAt = null },
        _ => throw new InvalidOperationException($"A step knows no {@event.GetType().Name} here."),
    };
}
