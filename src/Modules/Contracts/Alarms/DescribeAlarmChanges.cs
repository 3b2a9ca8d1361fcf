using Wolverine.Attributes;

namespace Notify.Contracts.Alarms;

/// <summary>
/// Asks the Alarms module for the state of alarms after these changes; with <paramref name="AlarmId"/>, for all changes of that alarm;
/// with <paramref name="RepeatsIn"/>, for the repeated and late reports of that period; with <paramref name="Of"/>, for all changes of
/// several alarms in a period.
/// </summary>
[MessageIdentity("notify.alarms.describe-alarm-changes.v1")]
public sealed record DescribeAlarmChanges(
    IReadOnlyList<AlarmVersion> Changes, string? AlarmId = null, RepeatsIn? RepeatsIn = null, ChangesOf? Of = null) : BusMessage;

public sealed record AlarmVersion(string AlarmId, long Version);

/// <param name="To">Exclusive end of the period.</param>
public sealed record ChangesOf(IReadOnlyList<string> AlarmIds, DateTimeOffset From, DateTimeOffset To);

/// <summary>A period, and the range of event sequence numbers in which to look: greater than <paramref name="After"/>, up to and including
/// <paramref name="UpTo"/>. At most <paramref name="Limit"/> changes are returned.</summary>
public sealed record RepeatsIn(long After, long UpTo, DateTimeOffset From, DateTimeOffset To, int Limit);

/// <summary>Grouped by alarm, in stream order within each. Missing ones are omitted.</summary>
[MessageIdentity("notify.alarms.alarm-changes-described.v1")]
public sealed record AlarmChangesDescribed(IReadOnlyList<DescribedAlarmChange> Changes) : BusMessage;

/// <param name="Sequence">The sequence number of the recorded event.</param>
/// <param name="Kind"><c>reported</c>, <c>repeated</c>, <c>expired</c>, <c>acknowledged</c>, <c>shelved</c> or <c>unshelved</c>.</param>
/// <param name="Alarm">The alarm as it was when the rules decided about it.</param>
/// <param name="Repeat">Set if it repeats a recorded report; the rules do not decide about repeats.</param>
/// <param name="Late">It arrived after a later report; the rules do not decide about it.</param>
/// <param name="DecidedWith">Set if a report ended the shelving by a silence: the version of that report, which the rules decide about
/// instead.</param>
public sealed record DescribedAlarmChange(
    string AlarmId, long Version, long Sequence, Guid EventId, string Kind, DateTimeOffset At, string? CorrelationId, AlarmFacts Alarm,
    DescribedRepeat? Repeat = null, bool Late = false, long? DecidedWith = null);

/// <param name="Repeats">The version of the change whose report is repeated.</param>
/// <param name="QuietUntil">Set if further repeats are not recorded until this time.</param>
public sealed record DescribedRepeat(long Repeats, int Times, DateTimeOffset? QuietUntil);
