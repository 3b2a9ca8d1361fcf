using Notify.Contracts.Alarms;
using Notify.Contracts.Rules;
using Notify.Kernel.Texts;
using Wolverine.Attributes;

namespace Notify.Contracts.Delivery;

/// <summary>Asks the Delivery module for the last <paramref name="Limit"/> notifications of this alarm.</summary>
[MessageIdentity("notify.delivery.describe-notifications.v1")]
public sealed record DescribeNotifications(string AlarmId, int Limit) : BusMessage;

/// <summary>Newest first.</summary>
[MessageIdentity("notify.delivery.notifications-described.v1")]
public sealed record NotificationsDescribed(IReadOnlyList<NotificationDescription> Notifications) : BusMessage;

/// <param name="Status">As <c>GET /notifications</c> shows it.</param>
/// <param name="Reason">Why it was suppressed, failed or is waiting.</param>
/// <param name="Step">The escalation or reminder that sent it; null if none did.</param>
/// <param name="State">The alarm's state that it tells; null if its request cannot be read.</param>
/// <param name="Explanation">As <c>GET /notifications/{id}</c> gives it; null if there is nothing to explain.</param>
public sealed record NotificationDescription(
    string Id, DateTimeOffset RequestedAt, DateTimeOffset? EndedAt, string Status, string? Reason, AlarmLevel Level,
    VersionedRef Rule, VersionedRef Service, IReadOnlyList<Receiver> Receivers, string Text, string? CorrelationId,
    NotificationExplanation? Explanation, NotificationStep? Step, AlarmState? State = null);

public sealed record NotificationExplanation(BilingualText Meaning, BilingualText Advice);
