using Notify.Contracts.Alarms;
using Notify.Contracts.Rules;
using Wolverine.Attributes;

namespace Notify.Contracts.DeadLetters;

/// <summary>Asked of the Audit module: what lies in the messages between modules that were put aside, since handling them failed after all retries?</summary>
[MessageIdentity("notify.operation.describe-dead-letters.v1")]
public sealed record DescribeDeadLetters : BusMessage;

/// <summary>Oldest first; those that are about alarms or notifications.</summary>
[MessageIdentity("notify.operation.dead-letters-described.v1")]
public sealed record DeadLettersDescribed(IReadOnlyList<DescribedDeadLetter> Letters) : BusMessage;

/// <param name="Fault">What was thrown, in one line.</param>
/// <param name="Undecided">The changes of alarms about which nothing was decided.</param>
/// <param name="Notifications">What was decided and is not on record as notifications; some may be, when the message was dealt with in part.</param>
public sealed record DescribedDeadLetter(
    string Id, DateTimeOffset SentAt, string Fault, IReadOnlyList<AlarmChange> Undecided, IReadOnlyList<DecidedNotification> Notifications);
