using Wolverine.Attributes;

namespace Notify.Contracts.Replays;

/// <summary>Asks the Delivery module to resend the next of these notifications. Idempotent: handled twice, it sends once.</summary>
/// <param name="After">The position of the last notification processed; 0 at the beginning.</param>
/// <param name="ServiceId">The service to use instead of the notification's own.</param>
/// <param name="Open">The repeats that had no final outcome at the last check.</param>
/// <param name="MostOpen">How many may be open at once, so that live alarms and a cancellation do not wait for the rest.</param>
[MessageIdentity("notify.replays.redeliver-notifications.v1")]
public sealed record RedeliverNotifications(
    string ReplayId, DateTimeOffset From, DateTimeOffset To, long After, ReplayFilter Filter, string? ServiceId, IReadOnlyList<string> Open,
    int MostOpen, Requester By) : BusMessage;

/// <param name="Taken">The notifications processed now, in order.</param>
/// <param name="Ended">Those of the open repeats that now have a final outcome.</param>
/// <param name="Position">Where to continue.</param>
/// <param name="Remaining">How many are still to be processed.</param>
[MessageIdentity("notify.replays.notifications-redelivered.v1")]
public sealed record NotificationsRedelivered(
    IReadOnlyList<RedeliveredNotification> Taken, IReadOnlyList<EndedRepeat> Ended, long Position, long Remaining) : BusMessage;

/// <param name="NotificationId">The repeat; null if it was skipped.</param>
/// <param name="LeftOut">Why it was skipped; null otherwise.</param>
public sealed record RedeliveredNotification(
    string ReplayOf, DateTimeOffset RequestedAt, string AlarmName, string Receivers, string? NotificationId, string? LeftOut);

/// <param name="Status">As <c>GET /notifications</c> shows it.</param>
public sealed record EndedRepeat(string NotificationId, string Status, string? Reason);
