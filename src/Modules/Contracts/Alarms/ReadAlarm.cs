using System.Text.Json.Nodes;
using Wolverine.Attributes;

namespace Notify.Contracts.Alarms;

/// <summary>Asks the Alarms module which alarm this report would create, or for the alarm with this id. Nothing is recorded.</summary>
/// <param name="Report">In the form of <c>POST /alarms</c>; may also contain <c>shelved</c>, and further fields of <c>GET /alarms</c>, which are
/// passed over.</param>
/// <param name="AlarmId">Used if there is no report.</param>
/// <param name="At">When the report is taken to be received; null: now.</param>
[MessageIdentity("notify.alarms.read-alarm.v1")]
public sealed record ReadAlarm(JsonObject? Report, string? AlarmId = null, DateTimeOffset? At = null) : BusMessage;

/// <param name="Alarm">Null if the report is invalid, or the alarm does not exist.</param>
/// <param name="Errors">Why the report is invalid, by field.</param>
[MessageIdentity("notify.alarms.alarm-read.v1")]
public sealed record AlarmRead(AlarmFacts? Alarm, IReadOnlyDictionary<string, IReadOnlyList<string>> Errors) : BusMessage;
