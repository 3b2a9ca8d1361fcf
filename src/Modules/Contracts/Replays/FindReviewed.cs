using Wolverine.Attributes;

namespace Notify.Contracts.Replays;

/// <summary>A period, and the range of event sequence numbers that contains its events and possibly others.</summary>
/// <param name="After">Exclusive lower bound.</param>
/// <param name="UpTo">Inclusive upper bound.</param>
public sealed record ReviewedPeriod(DateTimeOffset From, DateTimeOffset To, long After, long UpTo);

/// <summary>Asks the Delivery module which notifications that match the filter have events in the period.</summary>
[MessageIdentity("notify.replays.find-reviewed-notifications.v1")]
public sealed record FindReviewedNotifications(ReviewedPeriod Period, ReplayFilter Filter) : BusMessage;

/// <param name="Alarms">The alarms of these notifications.</param>
[MessageIdentity("notify.replays.reviewed-notifications-found.v1")]
public sealed record ReviewedNotificationsFound(IReadOnlyList<string> Notifications, IReadOnlyList<string> Alarms) : BusMessage;

/// <summary>Asks the Alarms module which alarms on this path changed in the period.</summary>
/// <param name="AlarmPath">A path pattern, as in a rule.</param>
[MessageIdentity("notify.replays.find-reviewed-alarms.v1")]
public sealed record FindReviewedAlarms(ReviewedPeriod Period, string AlarmPath) : BusMessage;

[MessageIdentity("notify.replays.reviewed-alarms-found.v1")]
public sealed record ReviewedAlarmsFound(IReadOnlyList<string> Alarms) : BusMessage;
