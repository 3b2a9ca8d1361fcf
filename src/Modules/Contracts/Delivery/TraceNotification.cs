using Wolverine.Attributes;

namespace Notify.Contracts.Delivery;

/// <summary>Asks the Delivery module which records belong to a notification.</summary>
[MessageIdentity("notify.delivery.trace-notification.v1")]
public sealed record TraceNotification(string NotificationId) : BusMessage;

/// <param name="Notifications">The notification itself and, if it repeats another, that one, and so on back to the first.</param>
/// <param name="MergedInto">The notifications whose messages contained them.</param>
/// <param name="Replays">The replays that requested a repeat.</param>
/// <param name="Configuration">The versions of the rules, services, messages and schedules used.</param>
[MessageIdentity("notify.delivery.notification-traced.v1")]
public sealed record NotificationTraced(
    IReadOnlyList<string> Notifications, IReadOnlyList<string> MergedInto, IReadOnlyList<string> Replays,
    IReadOnlyList<TracedVersion> Configuration) : BusMessage;

public sealed record TracedVersion(string Id, long Version);
