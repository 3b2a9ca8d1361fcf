using Notify.Contracts.Rules;

namespace Notify.Rules.Deciding;

/// <summary>It was decided whom to notify of one change of an alarm, or that nobody is notified. Stream <c>decision-…</c>, one for each
/// batch.</summary>
/// <param name="AlarmVersion">The version of the alarm's stream that the decision concerns.</param>
/// <param name="ConfigurationVersion">The version of the configuration that was applied.</param>
/// <param name="Nobody">Why nobody is notified; null when somebody is.</param>
/// <param name="AlarmPath">With the name, it lets the history show decisions together with their alarm; null in older events.</param>
public sealed record AlarmDecided(
    string AlarmId, string AlarmName, long AlarmVersion, long ConfigurationVersion, IReadOnlyList<DecidedAction> Notifications, string? Nobody,
    string? AlarmPath = null)
{
    /// <summary>The steps planned for later; null: none.</summary>
    public IReadOnlyList<DecidedStep>? Steps { get; init; }
}

/// <summary>An escalation or reminder, performed later unless somebody reacts first.</summary>
/// <param name="Action">The index of the rule's action, from 0.</param>
public sealed record DecidedStep(string StepId, string RuleId, long RuleVersion, int Action, StepKind Kind, DateTimeOffset DueAt);

/// <param name="Action">The index of the rule's action, from 0.</param>
/// <param name="Suppressed">Why the notification is not sent; null when it is.</param>
public sealed record DecidedAction(
    string NotificationId, string RuleId, long RuleVersion, int Action, IReadOnlyList<Receiver> Receivers, string? Suppressed);
