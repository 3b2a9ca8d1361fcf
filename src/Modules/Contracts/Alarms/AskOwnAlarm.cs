using Wolverine.Attributes;

namespace Notify.Contracts.Alarms;

/// <summary>Asked of the Alarms module: is this alarm of Notify's own active? Whoever finds all well tells so only then
/// (<see cref="RaiseAlarm"/>).</summary>
[MessageIdentity("notify.alarms.ask-own-alarm.v1")]
public sealed record AskOwnAlarm(string SourceId) : BusMessage;

[MessageIdentity("notify.alarms.own-alarm-answered.v1")]
public sealed record OwnAlarmAnswered(bool IsActive) : BusMessage;
