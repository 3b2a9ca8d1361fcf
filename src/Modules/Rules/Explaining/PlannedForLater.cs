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
        string.Join(" ", steps.Select(x => x.English).Where(x => x.Length > 0).Prepend(sentence.En)),
        sentence.Zh + string.Concat(steps.Select(x => x.Chinese)));

    private string English => string.Join(" ", new[]
    {
        Told == 0 ? "" : $"Later they were notified {Told} time{(Told == 1 ? "" : "s")}, since nobody had reacted.",
        NotTold == 0 ? ""
            : $"{NotTold} later notification{(NotTold == 1 ? " was" : "s were")} not sent: {string.Join("; ", Reasons.Select(x => x.En))}.",
        DueAt is { } due ? $"The next notification is planned for {due:u}."
            : Stopped is { } reason ? $"Nothing more was sent: {CodeWords.OrCode(reason).En}{(By is null ? "" : $" ({By})")}."
            : "",
    }.Where(x => x.Length > 0));

    private string Chinese =>
        (Told == 0 ? "" : $"因无人响应，之后又通知了 {Told} 次。")
        + (NotTold == 0 ? "" : $"之后有 {NotTold} 次通知未发送：{string.Join("；", Reasons.Select(x => x.Zh))}。")
        + (DueAt is { } due ? $"下一次通知计划于 {due:u}。"
            : Stopped is { } reason ? $"不再通知：{CodeWords.OrCode(reason).Zh}{(By is null ? "" : $"（{By}）")}。"
            : "");

    private int Told => Performed.Count(x => x.IsTold);

    private int NotTold => Performed.Count(x => x.IsSuppressed);

    private IEnumerable<BilingualText> Reasons =>
        PerformedNotification.Reasons(Performed.Where(x => x.IsSuppressed).SelectMany(x => x.Notifications));
}

/// <param name="Number">The number of the reminder, from 1; 0 for an escalation.</param>
public sealed record PerformedStep(StepKind Kind, int Number, DateTimeOffset At, IReadOnlyList<PerformedNotification> Notifications)
{
    internal bool IsTold => Notifications.Any(x => x.Suppressed is null);

    /// <summary>Whether the step was due and still notified nobody, for example because the schedule was closed.</summary>
    internal bool IsSuppressed => Notifications.Count > 0 && !IsTold;
}

/// <param name="Suppressed">Why the notification is not sent; null when it is.</param>
public sealed record PerformedNotification(string Id, string? Suppressed)
{
    internal static IEnumerable<BilingualText> Reasons(IEnumerable<PerformedNotification> notifications) =>
        notifications.Select(x => x.Suppressed).OfType<string>().Distinct(StringComparer.Ordinal).Select(CodeWords.OrCode);
}
