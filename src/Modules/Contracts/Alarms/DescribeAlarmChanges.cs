using Wolverine.Attributes;

namespace Notify.Contracts.Alarms;

/// <summary>
/// Asked of the Alarms module: what were these alarms after these changes? With <paramref name="AlarmId"/>: what were all the changes of that one?
/// With <paramref name="RepeatsIn"/>: which reports were repeated then, or came late?
/// </summary>
[MessageIdentity("notify.alarms.describe-alarm-changes.v1")]
public sealed record DescribeAlarmChanges(IReadOnlyList<AlarmVersion> Changes, string? AlarmId = null, RepeatsIn? RepeatsIn = null) : BusMessage;

public sealed record AlarmVersion(string AlarmId, long Version);

/// <summary>A period, and where it lies among the events: after the one, up to the other. The first <paramref name="Limit"/> are meant.</summary>
public sealed record RepeatsIn(long After, long UpTo, DateTimeOffset From, DateTimeOffset To, int Limit);

/// <summary>By alarm, and in order for each. What does not exist is left out.</summary>
[MessageIdentity("notify.alarms.alarm-changes-described.v1")]
public sealed record AlarmChangesDescribed(IReadOnlyList<DescribedAlarmChange> Changes) : BusMessage;

/// <param name="Sequence">Of the recorded event.</param>
/// <param name="Kind"><c>reported</c>, <c>repeated</c>, <c>expired</c>, <c>acknowledged</c>, <c>shelved</c> or <c>unshelved</c>.</param>
/// <param name="Alarm">What was decided about.</param>
/// <param name="Repeat">Given when it repeats what was on record: nothing is decided about it.</param>
/// <param name="Late">It came after something later: nothing is decided about it either.</param>
public sealed record DescribedAlarmChange(
    string AlarmId, long Version, long Sequence, Guid EventId, string Kind, DateTimeOffset At, string? CorrelationId, AlarmFacts Alarm,
    DescribedRepeat? Repeat = null, bool Late = false);

/// <param name="Repeats">The version of the change with the report that was said again.</param>
/// <param name="QuietUntil">Given when further repeats, until then, are not on record.</param>
public sealed record DescribedRepeat(long Repeats, int Times, DateTimeOffset? QuietUntil);
