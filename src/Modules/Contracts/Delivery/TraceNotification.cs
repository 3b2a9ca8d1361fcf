using Wolverine.Attributes;

namespace Notify.Contracts.Delivery;

/// <summary>Asked of the Delivery module: which records belong to a notification?</summary>
[MessageIdentity("notify.delivery.trace-notification.v1")]
public sealed record TraceNotification(string NotificationId) : BusMessage;

/// <param name="Notifications">The notification itself, and where it repeats another one that one, and so on back to the first.</param>
/// <param name="MergedInto">Those in whose messages they went.</param>
/// <param name="Replays">Those that asked for a repeat.</param>
/// <param name="Configuration">The rules, services, messages and schedules by which they were made.</param>
[MessageIdentity("notify.delivery.notification-traced.v1")]
public sealed record NotificationTraced(
    IReadOnlyList<string> Notifications, IReadOnlyList<string> MergedInto, IReadOnlyList<string> Replays,
    IReadOnlyList<TracedVersion> Configuration) : BusMessage;

public sealed record TracedVersion(string Id, long Version);
