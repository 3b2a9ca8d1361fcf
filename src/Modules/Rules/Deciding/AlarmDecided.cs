using Notify.Contracts.Rules;

namespace Notify.Rules.Deciding;

/// <summary>It was decided whom to notify of one change of an alarm, or that nobody is to be notified. Stream <c>decision-…</c>, one for each
/// batch.</summary>
/// <param name="AlarmVersion">The version of the alarm's stream that was decided about.</param>
/// <param name="ConfigurationVersion">The configuration that decided.</param>
/// <param name="Nobody">Why nobody is to be notified; null when somebody is.</param>
/// <param name="AlarmPath">By name and path the history finds an alarm's decisions with the alarm; null in decisions from before it was
/// recorded.</param>
public sealed record AlarmDecided(
    string AlarmId, string AlarmName, long AlarmVersion, long ConfigurationVersion, IReadOnlyList<DecidedAction> Notifications, string? Nobody,
    string? AlarmPath = null)
{
    /// <summary>What was planned for later; null: nothing.</summary>
    public IReadOnlyList<DecidedStep>? Steps { get; init; }
}

/// <summary>An action that is performed later, unless somebody reacts before.</summary>
/// <param name="Action">The action of the rule, from 0.</param>
public sealed record DecidedStep(string StepId, string RuleId, long RuleVersion, int Action, StepKind Kind, DateTimeOffset DueAt);

/// <param name="Action">The action of the rule, from 0.</param>
/// <param name="Suppressed">Why it is not sent; null when it is.</param>
public sealed record DecidedAction(
    string NotificationId, string RuleId, long RuleVersion, int Action, IReadOnlyList<Receiver> Receivers, string? Suppressed);
