using Notify.Contracts.Alarms;
using Notify.Contracts.Rules;
using Notify.Kernel;

namespace Notify.Rules.Deciding;

/// <summary>Whom to notify of one change of an alarm, and why others are not notified.</summary>
/// <param name="ConfigurationVersion">The version of the configuration that was applied.</param>
/// <param name="Notifications">Ordered by rule name, rule id, action and receiver; including those that must not be sent.</param>
/// <param name="Nobody">Why there is neither a notification nor a step (<see cref="Suppression.NoRuleMatches"/> or <see
/// cref="Suppression.NotNeeded"/>); otherwise null.</param>
/// <param name="Examined">How many rules the index selected for matching; a measure of the decision's cost.</param>
public sealed record Decision(long ConfigurationVersion, IReadOnlyList<PlannedNotification> Notifications, string? Nobody, int Examined)
{
    /// <summary>Actions to perform later, in the same order.</summary>
    public IReadOnlyList<PlannedStep> Steps { get; init; } = [];
}

/// <summary>An action to perform later.</summary>
/// <param name="Action">The index of the rule's action, from 0.</param>
/// <param name="ActionKey">The action's key (<see cref="ActionKeys"/>).</param>
public sealed record PlannedStep(VersionedRef Rule, int Action, string ActionKey, StepKind Kind, DateTimeOffset DueAt);

/// <summary>What a due step does.</summary>
/// <param name="Stopped">Why the step is not performed; null when it is.</param>
/// <param name="NextAt">When it is performed again; null: never.</param>
public sealed record DueStep(IReadOnlyList<PlannedNotification> Notifications, string? Stopped, DateTimeOffset? NextAt = null);

/// <summary>One message to one receiver, or to several of one action who share it. Two rules that reach the same receiver produce two.</summary>
/// <param name="Action">The index of the rule's action, from 0.</param>
/// <param name="ActionKey">The action's key (<see cref="ActionKeys"/>).</param>
/// <param name="Suppressed">A code of <see cref="Suppression"/>; null when the notification is to be sent.</param>
/// <param name="DigestAt">When the schedule opens and what it held back is sent as one message; null when it is not.</param>
/// <param name="Failure">Why a notification that should be sent cannot be: the message could not be rendered, or the schedule or the rule could not
/// be read. Otherwise null.</param>
public sealed record PlannedNotification(
    VersionedRef Rule,
    int Action,
    string ActionKey,
    VersionedRef Service,
    VersionedRef Message,
    VersionedRef Schedule,
    string ChannelType,
    IReadOnlyList<Receiver> Receivers,
    RenderedMessage Content,
    string? Suppressed,
    DateTimeOffset? DigestAt = null,
    string? Failure = null)
{
    /// <summary>The fallback of the action; null: none.</summary>
    public NotificationOtherwise? Otherwise { get; init; }

    internal DecidedAction OnRecord(string id) => new(id, Rule.Id, Rule.Version, Action, Receivers, Suppressed);

    /// <summary>The form in which the module Delivery receives it.</summary>
    /// <param name="alarm">The state of the alarm that was decided about.</param>
    /// <param name="cause">The event that records the decision.</param>
    internal DecidedNotification Decided(string id, string alarmId, long alarmVersion, AlarmFacts alarm, Guid cause, AuditContext audit) => new(
        id, alarmId, alarm.Name, alarm.Path, alarm.Level, alarm.State, alarm.EventTime, cause, audit.CorrelationId,
        Rule, Service, Message, Schedule, ChannelType, Receivers, Content, Suppressed, alarmVersion, DigestAt, audit.TraceParent,
        alarm.Value is { Length: > 0 } value ? value : null, Failure, StartTime: alarm.StartTime,
            Otherwise: Otherwise, ActionKey: ActionKey);
}

/// <summary>Codes for why a notification is not sent. If several reasons hold, the first in this order is recorded.</summary>
public static class Suppression
{
    /// <summary>The rule matches the alarm, but is disabled.</summary>
    public const string RuleDisabled = "ruleDisabled";

    /// <summary>Used only in explanations, and of steps.</summary>
    public const string RuleDoesNotMatch = StepStop.RuleDoesNotMatch;

    /// <summary>The alarm is shelved, and the rule, which matches otherwise, excludes shelved alarms.</summary>
    public const string Shelved = "shelved";

    /// <summary>The service was deleted although an enabled rule refers to it. Only a race can cause that, and it must not go unnoticed.</summary>
    public const string ServiceRemoved = "serviceRemoved";
    public const string ServiceDisabled = "serviceDisabled";
    public const string MessageRemoved = "messageRemoved";
    public const string MessageDisabled = "messageDisabled";
    public const string ScheduleRemoved = "scheduleRemoved";
    public const string ScheduleDisabled = "scheduleDisabled";

    /// <summary>The service no longer has the receiver.</summary>
    public const string ReceiverRemoved = "receiverRemoved";

    public const string Schedule = "schedule";
    public const string Holiday = "holiday";

    /// <summary>The notification could not be recorded when it was decided, and by the configuration at the time of the new decision it is no longer
    /// to be sent.</summary>
    public const string DecidedAnew = "decidedAnew";

    /// <summary>For a whole decision: rules match, but their actions are delayed, and somebody has reacted already.</summary>
    public const string NotNeeded = "notNeeded";

    /// <summary>For a whole decision: no rule matches the alarm.</summary>
    public const string NoRuleMatches = "noRuleMatches";
}
