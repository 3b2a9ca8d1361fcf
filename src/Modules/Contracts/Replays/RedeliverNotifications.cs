using Notify.Contracts.Delivery;
using Wolverine.Attributes;

namespace Notify.Contracts.Replays;

/// <summary>Asked of the Delivery module: send the next of these notifications again. Asked twice for the same, it sends once.</summary>
/// <param name="After">The place of the last notification that was taken up; 0 at the beginning.</param>
/// <param name="ServiceId">Sends by this service in place of the notification's own.</param>
/// <param name="Open">The repeats that were not at their end when last looked at.</param>
/// <param name="MostOpen">How many may be open at once: live alarms and a cancellation need not wait for the rest.</param>
[MessageIdentity("notify.replays.redeliver-notifications.v1")]
public sealed record RedeliverNotifications(
    string ReplayId, DateTimeOffset From, DateTimeOffset To, long After, ReplayFilter Filter, string? ServiceId, IReadOnlyList<string> Open, int MostOpen, Requester By) : BusMessage;

/// <param name="Taken">What was taken up now, in order.</param>
/// <param name="Ended">Of the open ones, those that are at their end.</param>
/// <param name="Position">Where to go on.</param>
/// <param name="Remaining">How many are still to be taken up.</param>
[MessageIdentity("notify.replays.notifications-redelivered.v1")]
public sealed record NotificationsRedelivered(IReadOnlyList<RedeliveredNotification> Taken, IReadOnlyList<EndedRepeat> Ended, long Position, long Remaining) : BusMessage;

/// <param name="NotificationId">The repeat; null when it was left out.</param>
/// <param name="LeftOut">Why; null when it was not.</param>
public sealed record RedeliveredNotification(string ReplayOf, DateTimeOffset RequestedAt, string AlarmName, string Receivers, string? NotificationId, string? LeftOut);

/// <param name="Status">As <c>GET /notifications</c> shows it.</param>
public sealed record EndedRepeat(string NotificationId, string Status, string? Reason);
