using Wolverine.Attributes;

namespace Notify.Contracts.Rules;

/// <summary>Tells the Rules module of undelivered notifications whose action has a fallback. Idempotent.</summary>
[MessageIdentity("notify.rules.notifications-undelivered.v1")]
public sealed record NotificationsUndelivered(IReadOnlyList<UndeliveredNotification> Notifications) : BusMessage;

/// <param name="AlarmVersion">The version of the alarm's stream with the change that the notification is about.</param>
/// <param name="Action">The index of the rule's action when the notification was decided, from 0.</param>
/// <param name="Why"><c>failed</c>; <see cref="PartlyDelivered"/>; or <c>blocked</c>: its lane has been blocked for as long as the action
/// allows.</param>
/// <param name="InsteadId">The id of the notification sent instead; of the first, if there are several.</param>
/// <param name="Reason">The reason shown for the notification or its lane, or whom it has not reached; null if there is none.</param>
/// <param name="ActionKey">The action's key, by which it is found in the rule as it is now; null for notifications decided before there were
/// keys.</param>
public sealed record UndeliveredNotification(
    string NotificationId, string AlarmId, long AlarmVersion, string RuleId, int Action, string CorrelationId, string Why, string? Reason,
    string InsteadId, string? ActionKey = null)
{
    /// <summary>It reached only some of its receivers. The fallback has receivers of its own, and all of these are notified.</summary>
    public const string PartlyDelivered = "partlyDelivered";
}

/// <summary>States that a notification's action has a fallback.</summary>
/// <param name="Action">The index of the rule's action, from 0.</param>
/// <param name="AfterMinutes">How long its lane may be blocked before the fallback, 0 to 1,440 minutes.</param>
/// <param name="ActionKey">The action's key; null in events from before there were keys.</param>
public sealed record NotificationOtherwise(int Action, int AfterMinutes, string? ActionKey = null);
