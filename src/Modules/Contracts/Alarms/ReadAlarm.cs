using System.Text.Json.Nodes;
using Wolverine.Attributes;

namespace Notify.Contracts.Alarms;

/// <summary>Asked of the Alarms module: what would an alarm be that is reported so, or what is the one with this id? Nothing is recorded.</summary>
/// <param name="Report">As one of <c>POST /alarms</c>; may also say <c>shelved</c>.</param>
/// <param name="AlarmId">Counts when there is no report.</param>
[MessageIdentity("notify.alarms.read-alarm.v1")]
public sealed record ReadAlarm(JsonObject? Report, string? AlarmId = null) : BusMessage;

/// <param name="Alarm">Null when the report does not fit, or there is no such alarm.</param>
/// <param name="Errors">By field, why the report does not fit.</param>
[MessageIdentity("notify.alarms.alarm-read.v1")]
public sealed record AlarmRead(AlarmFacts? Alarm, IReadOnlyDictionary<string, IReadOnlyList<string>> Errors) : BusMessage;
