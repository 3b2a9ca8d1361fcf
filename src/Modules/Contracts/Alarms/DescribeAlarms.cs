using Wolverine.Attributes;

namespace Notify.Contracts.Alarms;

/// <summary>Asks the Alarms module for the current state of these alarms.</summary>
[MessageIdentity("notify.alarms.describe-alarms.v1")]
public sealed record DescribeAlarms(IReadOnlyList<string> AlarmIds) : BusMessage;

/// <summary>Missing ones are omitted.</summary>
[MessageIdentity("notify.alarms.alarms-described.v1")]
public sealed record AlarmsDescribed(IReadOnlyList<DescribedAlarm> Alarms) : BusMessage;

/// <param name="Version">The version of the alarm's stream.</param>
public sealed record DescribedAlarm(string AlarmId, long Version, AlarmFacts Alarm);
