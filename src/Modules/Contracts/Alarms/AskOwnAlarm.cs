using Wolverine.Attributes;

namespace Notify.Contracts.Alarms;

/// <summary>Asks the Alarms module whether this alarm about Notify itself is active. Only an active alarm has to be reported as cleared
/// (<see cref="RaiseAlarm"/>).</summary>
[MessageIdentity("notify.alarms.ask-own-alarm.v1")]
public sealed record AskOwnAlarm(string SourceId) : BusMessage;

[MessageIdentity("notify.alarms.own-alarm-answered.v1")]
public sealed record OwnAlarmAnswered(bool IsActive) : BusMessage;
