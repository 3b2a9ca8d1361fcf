using Wolverine.Attributes;

namespace Notify.Contracts.Alarms;

/// <summary>Tells the Alarms module of a fault in Notify itself, or of its end. It becomes an alarm like any other.</summary>
/// <param name="Path">Begins with <c>Notify/</c>.</param>
/// <param name="SourceId">Its identity, even if the path changes; null: path and name.</param>
/// <param name="At">When it happened; a message older than the last one is ignored. Null: now; a repeat is ignored, except that it is reported again
/// once a day (UTC).</param>
/// <param name="CorrelationId">The correlation id of its cause, if any.</param>
/// <param name="CausationId">The event that caused it.</param>
[MessageIdentity("notify.alarms.raise-alarm.v1")]
public sealed record RaiseAlarm(
    string Name, string Path, AlarmLevel Level, AlarmState State, string Description, string? SourceId = null, DateTimeOffset? At = null,
    string? CorrelationId = null, string? CausationId = null) : BusMessage;
