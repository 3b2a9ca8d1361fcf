using Notify.Contracts.Rules;
using Notify.Kernel.Events;
using Notify.Kernel.Texts;
using Notify.Rules.Deciding;

namespace Notify.Rules.Explaining;

/// <summary>An escalation or a series of reminders planned for a change of an alarm, and its results.</summary>
/// <param name="DueAt">When it is performed next; null: it has ended.</param>
/// <param name="Stopped">Why it ended early; null: it is waiting, or everything was performed.</param>
/// <param name="By">Who acknowledged the alarm, if that is the reason; otherwise null.</param>
public sealed record PlannedForLater(
    string Id, StepKind Kind, string RuleId, int Action, DateTimeOffset PlannedFor, DateTimeOffset? DueAt, string? Stopped, string? By,
    IReadOnlyList<PerformedStep> Performed)
{
    /// <param name="events">The events of its stream, in order; empty when they were archived or cannot be read.</param>
    public static PlannedForLater Of(DecidedStep planned, IReadOnlyList<StoredEvent> events)
    {
        var step = events.Aggregate((WaitingStep?)null, (x, e) => WaitingStep.Apply(x, e.StreamId, e.Data));
        var stopped = events.Select(x => x.Data).OfType<StepStopped>().FirstOrDefault();
        return new(
            planned.StepId, planned.Kind, planned.RuleId, planned.Action, planned.DueAt, step?.DueAt, stopped?.Reason, stopped?.By,
            [
                .. from e in events
                   let performed = e.Data as StepPerformed
                   where performed is not null
                   select new PerformedStep(
                       performed.Kind, performed.Number, e.At,
                       [.. performed.Notifications.Select(x => new PerformedNotification(x.NotificationId, x.Suppressed))]),
            ]);
    }

    /// <summary>Appends to the sentence what happened later.</summary>
    public static BilingualText After(BilingualText sentence, IReadOnlyList<PlannedForLater> steps) => new(
        sentence.En + string.Concat(steps.Select(x => $" {x.English}")),
        sentence.Zh + string.Concat(steps.Select(x => x.Chinese)));

    private string English =>
        (Performed.Count == 0 ? ""
            : $"Later they were notified {Performed.Count} time{(Performed.Count == 1 ? "" : "s")}, since nobody had reacted. ")
        + (DueAt is { } due ? $"The next notification is planned for {due:u}."
            : Stopped is { } reason ? $"Nothing more was sent: {Word(reason).En}{(By is null ? "" : $" ({By})")}."
            : "");

    private string Chinese =>
        (Performed.Count == 0 ? "" : $"因无人响应，之后又通知了 {Performed.Count} 次。")
        + (DueAt is { } due ? $"下一次通知计划于 {due:u}。"
            : Stopped is { } reason ? $"不再通知：{Word(reason).Zh}{(By is null ? "" : $"（{By}）")}。"
            : "");

    private static BilingualText Word(string code) => CodeWords.Of(code) ?? new(code, code);
}

/// <param name="Number">The number of the reminder, from 1; 0 for an escalation.</param>
public sealed record PerformedStep(StepKind Kind, int Number, DateTimeOffset At, IReadOnlyList<PerformedNotification> Notifications);

/// <param name="Suppressed">Why the notification is not sent; null when it is.</param>
public sealed record PerformedNotification(string Id, string? Suppressed);
