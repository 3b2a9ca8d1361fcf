using Wolverine.Attributes;

namespace Notify.Contracts.Alarms;

/// <summary>
/// Asks the Alarms module for the state of alarms after these changes; with <paramref name="AlarmId"/>, for all changes of that alarm;
/// with <paramref name="RepeatsIn"/>, for the reports of that period that were repeats or late; with <paramref name="Of"/>, for all changes of
/// several alarms in a period.
/// </summary>
[MessageIdentity("notify.alarms.describe-alarm-changes.v1")]
public sealed record DescribeAlarmChanges(
    IReadOnlyList<AlarmVersion> Changes, string? AlarmId = null, RepeatsIn? RepeatsIn = null, ChangesOf? Of = null) : BusMessage;

public sealed record AlarmVersion(string AlarmId, long Version);

/// <param name="To">The first instant after the period.</param>
public sealed record ChangesOf(IReadOnlyList<string> AlarmIds, DateTimeOffset From, DateTimeOffset To);

/// <summary>A period and its position among the events: after the first, up to the second. At most <paramref name="Limit"/> are returned.</summary>
public sealed record RepeatsIn(long After, long UpTo, DateTimeOffset From, DateTimeOffset To, int Limit);

/// <summary>By alarm, in order for each. Missing ones are omitted.</summary>
[MessageIdentity("notify.alarms.alarm-changes-described.v1")]
public sealed record AlarmChangesDescribed(IReadOnlyList<DescribedAlarmChange> Changes) : BusMessage;

/// <param name="Sequence">Of the recorded event.</param>
/// <param name="Kind"><c>reported</c>, <c>repeated</c>, <c>expired</c>, <c>acknowledged</c>, <c>shelved</c> or <c>unshelved</c>.</param>
/// <param name="Alarm">The alarm that the decision was about.</param>
/// <param name="Repeat">Set if it repeats a recorded report; nothing is decided about it.</param>
/// <param name="Late">It arrived after a later report; nothing is decided about it either.</param>
public sealed record DescribedAlarmChange(
    string AlarmId, long Version, long Sequence, Guid EventId, string Kind, DateTimeOffset At, string? CorrelationId, AlarmFacts Alarm,
    DescribedRepeat? Repeat = null, bool Late = false);

/// <param name="Repeats">The version of the change whose report is repeated.</param>
/// <param name="QuietUntil">Set if further repeats are not recorded until then.</param>
public sealed record DescribedRepeat(long Repeats, int Times, DateTimeOffset? QuietUntil);
