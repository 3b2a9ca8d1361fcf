using Notify.Contracts.Alarms;
using Notify.Contracts.Rules;
using Notify.Kernel;

namespace Notify.Rules.Deciding;

/// <summary>Whom to notify of one alarm, and why others are not notified.</summary>
/// <param name="ConfigurationVersion">Of the snapshot that decided.</param>
/// <param name="Notifications">By rule name, rule id, action and receiver, those that must not be sent included.</param>
/// <param name="Nobody">Why there is neither a notification nor a step (<see cref="Suppression.NoRuleMatches"/> or
/// <see cref="Suppression.NotNeeded"/>); null when there is one.</param>
/// <param name="Examined">How many rules the index selected for matching: the cost of a decision.</param>
public sealed record Decision(long ConfigurationVersion, IReadOnlyList<PlannedNotification> Notifications, string? Nobody, int Examined)
{
    /// <summary>What is to be done later, in the same order.</summary>
    public IReadOnlyList<PlannedStep> Steps { get; init; } = [];
}

/// <summary>An action to be performed later.</summary>
/// <param name="Action">From 0.</param>
public sealed record PlannedStep(VersionedRef Rule, int Action, StepKind Kind, DateTimeOffset DueAt);

/// <summary>What a due step does.</summary>
/// <param name="Stopped">Why it is not performed; null when it is.</param>
/// <param name="NextAt">When it is performed again; null: it is not.</param>
public sealed record DueStep(IReadOnlyList<PlannedNotification> Notifications, string? Stopped, DateTimeOffset? NextAt = null);

/// <summary>One message to one receiver, or to those of one action that share it. Two rules that reach the same receiver make two.</summary>
/// <param name="Action">From 0.</param>
/// <param name="Suppressed">One of <see cref="Suppression"/>; null when it is to be sent.</param>
/// <param name="DigestAt">When its schedule opens and what it held back is told together; null when it is not.</param>
/// <param name="Failure">Why it is to be sent and cannot be: its message could not be rendered, or its schedule or rule not be read; else
/// null.</param>
public sealed record PlannedNotification(
    VersionedRef Rule,
    int Action,
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
    /// <summary>Its action has another way out; null: it has none.</summary>
    public NotificationOtherwise? Otherwise { get; init; }

    internal DecidedAction OnRecord(string id) => new(id, Rule.Id, Rule.Version, Action, Receivers, Suppressed);

    /// <summary>As Delivery takes it.</summary>
    /// <param name="alarm">As it was decided about.</param>
    /// <param name="cause">The event that records the decision.</param>
    internal DecidedNotification Decided(string id, string alarmId, long alarmVersion, AlarmFacts alarm, Guid cause, AuditContext audit) => new(
        id, alarmId, alarm.Name, alarm.Path, alarm.Level, alarm.State, alarm.EventTime, cause, audit.CorrelationId,
        Rule, Service, Message, Schedule, ChannelType, Receivers, Content, Suppressed, alarmVersion, DigestAt, audit.TraceParent,
        alarm.Value is { Length: > 0 } value ? value : null, Failure, StartTime: alarm.StartTime,
            Otherwise: Otherwise);
}

/// <summary>Why a notification is not sent. The first that holds, in this order, is the one recorded.</summary>
public static class Suppression
{
    /// <summary>The rule would tell of the alarm if it were not switched off.</summary>
    public const string RuleDisabled = "ruleDisabled";

    /// <summary>Only in explanations.</summary>
    public const string RuleDoesNotMatch = "ruleDoesNotMatch";

    /// <summary>The alarm is shelved, and the rule, which matches otherwise, doesn't take shelved ones.</summary>
    public const string Shelved = "shelved";

    /// <summary>Removed while an enabled rule refers to it: only a race can cause that, and it must not go unnoticed.</summary>
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

    /// <summary>It could not be recorded when it was decided, and by the configuration at the time of the new decision it is no longer to be
    /// sent.</summary>
    public const string DecidedAnew = "decidedAnew";

    /// <summary>The decision as a whole: rules match, but their actions come later, and somebody has reacted already.</summary>
    public const string NotNeeded = "notNeeded";

    /// <summary>The decision as a whole: no rule wants the alarm.</summary>
    public const string NoRuleMatches = "noRuleMatches";
}
