using Wolverine.Attributes;

namespace Notify.Contracts.Alarms;

/// <summary>Told to the Alarms module: something is wrong with Notify itself, or is well again. It becomes an alarm like any other. Said again it changes nothing, but once a day (UTC) it is reported anew.</summary>
/// <param name="Path">Begins with <c>Notify/</c>.</param>
[MessageIdentity("notify.alarms.raise-alarm.v1")]
public sealed record RaiseAlarm(string Name, string Path, AlarmLevel Level, AlarmState State, string Description) : BusMessage;
