using Notify.Contracts.Alarms;
using Notify.Contracts.Rules;

namespace Notify.Rules.Deciding;

/// <summary>An action of a rule is to be performed later, unless somebody reacts first.</summary>
/// <param name="AlarmVersion">The version of the alarm at the change for which it was planned.</param>
/// <param name="Action">The index of the action in this version of the rule, from 0.</param>
/// <param name="ActionKey">The action's key, by which it is found when the step is due; null in older events.</param>
public sealed record StepPlanned(
    string AlarmId, string AlarmName, string AlarmPath, AlarmLevel Level, long AlarmVersion, VersionedRef Rule, int Action, StepKind Kind,
    DateTimeOffset DueAt, string? ActionKey = null);

/// <summary>The action was performed because nobody had reacted.</summary>
/// <param name="Number">The number of the reminder, from 1; 0 for an escalation.</param>
/// <param name="AlarmVersion">The version of the alarm at that time.</param>
/// <param name="ConfigurationVersion">The version of the configuration that was applied.</param>
/// <param name="NextAt">When the action is performed again; null: never.</param>
public sealed record StepPerformed(
    StepKind Kind, int Number, long AlarmVersion, long ConfigurationVersion, IReadOnlyList<DecidedAction> Notifications, DateTimeOffset? NextAt);

/// <summary>The step will not be performed.</summary>
/// <param name="Reason">Not needed: <c>acknowledged</c>, <c>cleared</c> or <c>shelved</c>; not wanted by the configuration in force:
/// <c>ruleRemoved</c>, <c>ruleDisabled</c>, <c>ruleDoesNotMatch</c> or <c>stepRemoved</c>; or <c>alarmRemoved</c>.</param>
/// <param name="By">Who acknowledged the alarm; null if nobody did.</param>
public sealed record StepStopped(string Reason, string? By = null);

/// <summary>What an action of a rule still has to do for an alarm. Stream <c>step-…</c>; at most one step waits for each alarm and action.</summary>
/// <param name="Action">The index of the action when the step was planned.</param>
/// <param name="ActionKey">The action is found by it (<see cref="ActionKeys"/>), since it may stand elsewhere by now.</param>
/// <param name="Kind">The kind of the next performance.</param>
/// <param name="Number">The number of the next performance, as in <see cref="StepPerformed"/>.</param>
/// <param name="DueAt">Null: the step has ended.</param>
public sealed record WaitingStep(
    string Id, long Version, string AlarmId, string RuleId, int Action, string ActionKey, AlarmLevel Level, StepKind Kind, int Number,
    DateTimeOffset? DueAt)
{
    public static WaitingStep Apply(WaitingStep? step, string id, object @event) => @event switch
    {
        StepPlanned e => new(
            id, 1, e.AlarmId, e.Rule.Id, e.Action, e.ActionKey ?? ActionKeys.OfIndex(e.Action), e.Level, e.Kind, e.Kind == StepKind.Reminder ? 1 : 0,
            e.DueAt),
        StepPerformed e when step is not null =>
            step with { Version = step.Version + 1, Kind = StepKind.Reminder, Number = e.Number + 1, DueAt = e.NextAt },
        StepStopped when step is not null => step with { Version = step.Version + 1, DueAt = null },
        _ => throw new InvalidOperationException($"The event {@event.GetType().Name} is not possible in this state of a step."),
    };
}
