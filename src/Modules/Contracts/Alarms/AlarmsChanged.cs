using Wolverine.Attributes;

namespace Notify.Contracts.Alarms;

/// <summary>What one transaction of the Alarms module put on record, in stream order. <paramref name="BatchId"/> is unique to it.</summary>
[MessageIdentity("notify.alarms.alarms-changed.v1")]
public sealed record AlarmsChanged(string BatchId, IReadOnlyList<AlarmChange> Alarms) : BusMessage;

/// <summary>One change of one alarm: the event that records it, and the alarm as it is after it.</summary>
/// <param name="Version">The version of the alarm's stream after the change.</param>
/// <param name="EventId">The id of the recorded event: the cause of every decision made about it.</param>
/// <param name="TraceParent">The span of the request that reported it, when a trace is recorded.</param>
public sealed record AlarmChange(string AlarmId, long Version, Guid EventId, string CorrelationId, AlarmFacts Alarm, string? TraceParent = null);

/// <summary>All that rules may ask about an alarm and that a message may say of it.</summary>
public sealed record AlarmFacts
{
    public required string Name { get; init; }
    public string Path { get; init; } = "";
    public string Type { get; init; } = "";
    public AlarmLevel Level { get; init; } = AlarmLevel.Medium;
    public AlarmState State { get; init; } = AlarmState.ActiveUnacked;
    public string Value { get; init; } = "";
    public DateTimeOffset EventTime { get; init; }

    /// <summary>When the alarm became active, this time; null when it is not known, as it was first heard of when it was over.</summary>
    public DateTimeOffset? StartTime { get; init; }

    public string Description { get; init; } = "";
    public string AckUser { get; init; } = "";
    public bool Shelved { get; init; }

    /// <summary>The name of the rule the sender asks for; only rules with <c>matchAll: false</c> look at it.</summary>
    public string? Rule { get; init; }

    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);
}

/// <summary>Most urgent first.</summary>
public enum AlarmLevel { Critical, High, Medium, Low }

public enum AlarmState { ActiveUnacked, ActiveAcked, ClearedUnacked, ClearedAcked }
