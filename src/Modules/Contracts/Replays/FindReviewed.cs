using Wolverine.Attributes;

namespace Notify.Contracts.Replays;

/// <summary>A period, and where it lies in the order of events.</summary>
/// <param name="After">Its events come after this place,</param>
/// <param name="UpTo">and not after this one. Others lie between them too.</param>
public sealed record ReviewedPeriod(DateTimeOffset From, DateTimeOffset To, long After, long UpTo);

/// <summary>Asked of the Delivery module: to which notifications did something happen in the period, of those that a filter lets through?</summary>
[MessageIdentity("notify.replays.find-reviewed-notifications.v1")]
public sealed record FindReviewedNotifications(ReviewedPeriod Period, ReplayFilter Filter) : BusMessage;

/// <param name="Alarms">Those that the notifications are about.</param>
[MessageIdentity("notify.replays.reviewed-notifications-found.v1")]
public sealed record ReviewedNotificationsFound(IReadOnlyList<string> Notifications, IReadOnlyList<string> Alarms) : BusMessage;

/// <summary>Asked of the Alarms module: which alarms on this path changed in the period?</summary>
/// <param name="AlarmPath">A path pattern, as in a rule.</param>
[MessageIdentity("notify.replays.find-reviewed-alarms.v1")]
public sealed record FindReviewedAlarms(ReviewedPeriod Period, string AlarmPath) : BusMessage;

[MessageIdentity("notify.replays.reviewed-alarms-found.v1")]
public sealed record ReviewedAlarmsFound(IReadOnlyList<string> Alarms) : BusMessage;
