namespace Notify.Contracts.Replays;

/// <summary>Restricts a replay to part of what happened; null values do not restrict.</summary>
/// <param name="AlarmPath">A path pattern, as in a rule.</param>
/// <param name="Receiver">A receiver's name; <c>kind:name</c> if receivers of several kinds have this name.</param>
/// <param name="Status">The notification's status, as <c>GET /notifications</c> shows it.</param>
public sealed record ReplayFilter(
    string? AlarmPath = null, string? RuleId = null, string? ServiceId = null, string? Receiver = null, string? Status = null);
