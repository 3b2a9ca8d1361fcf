using Wolverine.Attributes;

namespace Notify.Contracts.Alarms;

/// <summary>The alarm changes recorded in one transaction of the Alarms module, in stream order.</summary>
/// <param name="BatchId">Unique to the transaction.</param>
[MessageIdentity("notify.alarms.alarms-changed.v1")]
public sealed record AlarmsChanged(string BatchId, IReadOnlyList<AlarmChange> Alarms) : BusMessage;

/// <summary>One change of one alarm: the event that records it, and the alarm after the change.</summary>
/// <param name="Version">The version of the alarm's stream after the change.</param>
/// <param name="EventId">The id of the recorded event, which is the cause of every decision about it.</param>
/// <param name="TraceParent">The span of the request that reported it; null if no trace is recorded.</param>
public sealed record AlarmChange(string AlarmId, long Version, Guid EventId, string CorrelationId, AlarmFacts Alarm, string? TraceParent = null);

/// <summary>Everything about an alarm that rules can match and messages can contain.</summary>
public sealed record AlarmFacts
{
    public required string Name { get; init; }
    public string Path { get; init; } = "";
    public string Type { get; init; } = "";
    public AlarmLevel Level { get; init; } = AlarmLevel.Medium;
    public AlarmState State { get; init; } = AlarmState.ActiveUnacked;
    public string Value { get; init; } = "";
    public DateTimeOffset EventTime { get; init; }

    /// <summary>When the current occurrence began; null if unknown because it had ended before Notify first heard of it.</summary>
    public DateTimeOffset? StartTime { get; init; }

    public string Description { get; init; } = "";
    public string AckUser { get; init; } = "";
    public bool Shelved { get; init; }

    /// <summary>The silence that shelved the alarm; null if it is not shelved, or was shelved individually.</summary>
    public AlarmSilence? Silence { get; init; }

    /// <summary>The name of the rule that the sender requests; only rules with <c>matchAll: false</c> use it.</summary>
    public string? Rule { get; init; }

    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);
}

/// <summary>A silence, as shown on an alarm that it shelves.</summary>
/// <param name="By">The author of the silence.</param>
public sealed record AlarmSilence(string Id, string By, DateTimeOffset Until);

/// <summary>Most urgent first.</summary>
public enum AlarmLevel { Critical, High, Medium, Low }

public enum AlarmState { ActiveUnacked, ActiveAcked, ClearedUnacked, ClearedAcked }
