using Wolverine.Attributes;

namespace Notify.Contracts.Alarms;

/// <summary>Told to the Alarms module: something is wrong with Notify itself, or is well again. It becomes an alarm like any other.</summary>
/// <param name="Path">Begins with <c>Notify/</c>.</param>
/// <param name="SourceId">Tells it from others, whatever its path becomes; null: path and name do.</param>
/// <param name="At">When it came about: a message that comes after a later one changes nothing. Null: now; said again it changes nothing, but once a day (UTC) it is reported anew.</param>
/// <param name="CorrelationId">Of what it follows from; null: of nothing.</param>
/// <param name="CausationId">The event that it follows from.</param>
[MessageIdentity("notify.alarms.raise-alarm.v1")]
public sealed record RaiseAlarm(
    string Name, string Path, AlarmLevel Level, AlarmState State, string Description, string? SourceId = null, DateTimeOffset? At = null,
    string? CorrelationId = null, string? CausationId = null) : BusMessage;
