using Wolverine.Attributes;

namespace Notify.Contracts.Rules;

/// <summary>Tells the Rules module of notifications that did not arrive and whose action has another way out. Told twice, it is taken once.</summary>
[MessageIdentity("notify.rules.notifications-undelivered.v1")]
public sealed record NotificationsUndelivered(IReadOnlyList<UndeliveredNotification> Notifications) : BusMessage;

/// <param name="AlarmVersion">The version of the alarm's stream with the change that the notification is about.</param>
/// <param name="Action">The action of the rule, from 0.</param>
/// <param name="Why"><c>failed</c>, or <c>blocked</c>: its lane has been blocked for as long as the action says.</param>
/// <param name="InsteadId">The id of the notification that is sent instead, of the first if there are several.</param>
/// <param name="Reason">What the notification or its lane shows as the reason; null if nothing.</param>
public sealed record UndeliveredNotification(
    string NotificationId, string AlarmId, long AlarmVersion, string RuleId, int Action, string CorrelationId, string Why, string? Reason,
    string InsteadId);

/// <summary>That a notification's action has another way out.</summary>
/// <param name="Action">The action of the rule, from 0.</param>
/// <param name="AfterMinutes">How long its lane may be blocked, 0 to 1,440.</param>
public sealed record NotificationOtherwise(int Action, int AfterMinutes);
