namespace Notify.Contracts.Replays;

/// <summary>Which part of what happened a replay is about; what is null does not restrict it.</summary>
/// <param name="AlarmPath">A path pattern, as in a rule.</param>
/// <param name="Receiver">An account or a robot's alias; <c>account:…</c> or <c>bot:…</c> where one name is both.</param>
/// <param name="Status">What had become of the notification, as <c>GET /notifications</c> shows it.</param>
public sealed record ReplayFilter(string? AlarmPath = null, string? RuleId = null, string? ServiceId = null, string? Receiver = null, string? Status = null);
