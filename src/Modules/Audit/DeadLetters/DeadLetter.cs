namespace Notify.Audit.DeadLetters;

/// <summary>Somebody had a message that was put aside handled again.</summary>
public sealed record DeadLetterReplayed(string MessageId, string MessageType, string Fault);

/// <summary>Somebody gave a message that was put aside up for good.</summary>
public sealed record DeadLetterDiscarded(string MessageId, string MessageType, string Fault);
