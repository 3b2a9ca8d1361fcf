using Notify.Contracts.Alarms;
using Notify.Contracts.Rules;
using Wolverine.Attributes;

namespace Notify.Contracts.DeadLetters;

/// <summary>Asks for the content of the dead letters: messages between modules that failed after all retries.</summary>
[MessageIdentity("notify.operation.describe-dead-letters.v1")]
public sealed record DescribeDeadLetters : BusMessage;

/// <summary>Oldest first; those that are about alarms or notifications.</summary>
[MessageIdentity("notify.operation.dead-letters-described.v1")]
public sealed record DeadLettersDescribed(IReadOnlyList<DescribedDeadLetter> Letters) : BusMessage;

/// <param name="Fault">The exception, in one line.</param>
/// <param name="Undecided">The changes of alarms that were not decided.</param>
/// <param name="Notifications">The decided notifications that are not recorded; some may be, if the message was handled in part.</param>
public sealed record DescribedDeadLetter(
    string Id, DateTimeOffset SentAt, string Fault, IReadOnlyList<AlarmChange> Undecided, IReadOnlyList<DecidedNotification> Notifications);
