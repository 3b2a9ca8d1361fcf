using Wolverine.Attributes;

namespace Notify.Contracts.Alarms;

/// <summary>Asked of the Alarms module: what were these alarms after these changes? With <paramref name="AlarmId"/>: what were all the changes of that one?</summary>
[MessageIdentity("notify.alarms.describe-alarm-changes.v1")]
public sealed record DescribeAlarmChanges(IReadOnlyList<AlarmVersion> Changes, string? AlarmId = null);

public sealed record AlarmVersion(string AlarmId, long Version);

/// <summary>By alarm, and in order for each. What does not exist is left out.</summary>
[MessageIdentity("notify.alarms.alarm-changes-described.v1")]
public sealed record AlarmChangesDescribed(IReadOnlyList<DescribedAlarmChange> Changes);

/// <param name="Sequence">Of the recorded event.</param>
/// <param name="Kind"><c>reported</c>, <c>expired</c>, <c>acknowledged</c>, <c>shelved</c> or <c>unshelved</c>.</param>
/// <param name="Alarm">What was decided about.</param>
public sealed record DescribedAlarmChange(
    string AlarmId, long Version, long Sequence, Guid EventId, string Kind, DateTimeOffset At, string? CorrelationId, AlarmFacts Alarm);
