using Wolverine.Attributes;

namespace Notify.Contracts.Alarms;

/// <summary>Reports a fault in Notify itself, or its end, to the Alarms module. It becomes an alarm like any other.</summary>
/// <param name="Path">Begins with <c>Notify/</c>.</param>
/// <param name="SourceId">The alarm's identity, independent of its name and path: <c>notify/</c>, the module, and the subject.</param>
/// <param name="At">When it happened; a message older than the last one is ignored. Null: now; then a repeat is ignored, except that it is
/// reported again once a day (UTC).</param>
/// <param name="CorrelationId">The correlation id of its cause, if any.</param>
/// <param name="CausationId">The event that caused it.</param>
[MessageIdentity("notify.alarms.raise-alarm.v1")]
public sealed record RaiseAlarm(
    string SourceId, string Name, string Path, AlarmLevel Level, AlarmState State, string Description, DateTimeOffset? At = null,
    string? CorrelationId = null, string? CausationId = null) : BusMessage;
