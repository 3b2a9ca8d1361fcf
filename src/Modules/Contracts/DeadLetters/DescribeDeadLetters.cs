using Notify.Contracts.Alarms;
using Notify.Contracts.Rules;
using Wolverine.Attributes;

namespace Notify.Contracts.DeadLetters;

/// <summary>Asks for the content of the dead letters: messages between modules that failed after all retries.</summary>
[MessageIdentity("notify.operation.describe-dead-letters.v1")]
public sealed record DescribeDeadLetters : BusMessage;

/// <summary>Oldest first; only the dead letters about alarms or notifications.</summary>
[MessageIdentity("notify.operation.dead-letters-described.v1")]
public sealed record DeadLettersDescribed(IReadOnlyList<DescribedDeadLetter> Letters) : BusMessage;

/// <param name="Fault">The exception, on one line.</param>
/// <param name="Undecided">The alarm changes that the rules have not decided.</param>
/// <param name="Notifications">The decided notifications that may not be recorded; some are, if the message was handled in part.</param>
public sealed record DescribedDeadLetter(
    string Id, DateTimeOffset SentAt, string Fault, IReadOnlyList<AlarmChange> Undecided, IReadOnlyList<DecidedNotification> Notifications);
