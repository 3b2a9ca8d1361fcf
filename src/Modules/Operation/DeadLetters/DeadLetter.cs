namespace Notify.Operation.DeadLetters;

/// <summary>A message between modules became a dead letter: handling it failed after all retries. Its request is not carried out until somebody
/// replays it. Stream <c>deadletter-…</c>.</summary>
/// <param name="Fault">The exception.</param>
/// <param name="Alarms">The alarms it concerns.</param>
/// <param name="Undecided">For how many changes of alarms it was not decided whom to notify.</param>
/// <param name="Receivers">The receivers of the notifications in it, one entry for each notification.</param>
public sealed record DeadLetterFound(
    string MessageId, string MessageType, string Fault, string Detail, IReadOnlyList<ConcernedAlarm> Alarms, int Undecided,
    IReadOnlyList<string> Receivers);

/// <param name="Path">Empty where it has none.</param>
public sealed record ConcernedAlarm(string AlarmId, string AlarmName, string AlarmPath);

/// <summary>Somebody had a dead letter handled again.</summary>
public sealed record DeadLetterReplayed(string MessageId, string MessageType, string Fault);

/// <summary>Somebody discarded a dead letter.</summary>
public sealed record DeadLetterDiscarded(string MessageId, string MessageType, string Fault);
