using Notify.Channels.People;
using Notify.Channels.Receivers;
using Notify.Contracts.Rules;
using Notify.Kernel.Events;
using Notify.Kernel.Texts;
using Notify.Rules.Deciding;

namespace Notify.Rules.Explaining;

/// <summary>The use of an action's fallback, or the reason why it was not used, after a notification of the change did not arrive.</summary>
/// <param name="InsteadOf">The notification that did not arrive.</param>
/// <param name="Why"><c>failed</c>, <c>partlyDelivered</c> or <c>blocked</c>.</param>
/// <param name="Reason">The reason shown by the notification or its lane, or whom it has not reached; null if there is none.</param>
/// <param name="Stopped">Why the fallback was not used; null: it was.</param>
public sealed record ExplainedOtherWay(
    string InsteadOf, DateTimeOffset At, string RuleId, int Action, string Why, string? Reason, string? Stopped,
    IReadOnlyList<PerformedNotification> Notifications, IReadOnlyList<Receiver> Receivers)
{
    public static ExplainedOtherWay Of(StoredEvent e, OtherWayTaken taken) => new(
        taken.NotificationId, e.At, taken.Rule.Id, taken.Action, taken.Why, taken.Reason, taken.Stopped,
        [.. taken.Notifications.Select(x => new PerformedNotification(x.NotificationId, x.Suppressed))],
        [.. taken.Notifications.SelectMany(x => x.Receivers).DistinctBy(ReceiverKey.Of, StringComparer.Ordinal)])
    {
        Told = [.. taken.Notifications.Where(x => x.Suppressed is null).SelectMany(x => x.Receivers)
            .DistinctBy(ReceiverKey.Of, StringComparer.Ordinal).Select(PeopleKinds.NameOf)],
    };

    /// <summary>The names of those to whom a notification was to be sent, without those for whom it was suppressed.</summary>
    private IReadOnlyList<string> Told { get; init; } = [];

    /// <summary>Appends to the sentence what happened afterwards.</summary>
    public static BilingualText After(BilingualText sentence, IReadOnlyList<ExplainedOtherWay> ways) => new(
        sentence.En + string.Concat(ways.Select(x => $" {x.English}")), sentence.Zh + string.Concat(ways.Select(x => x.Chinese)));

    /// <summary>Why nobody was notified; empty if somebody was.</summary>
    private List<BilingualText> WhyNot =>
        Stopped is { } stopped ? [CodeWords.OrCode(stopped)]
        : Told.Count > 0 ? [] : [.. PerformedNotification.Reasons(Notifications)];

    private bool IsPartly => Why == UndeliveredNotification.PartlyDelivered && Reason is { Length: > 0 };

    private string English => WhyNot is { Count: > 0 } why
        ? $"No other way was taken: {string.Join("; ", why.Select(x => x.En))}."
        : IsPartly ? $"Another way was taken, to {string.Join(", ", Told)}, since the notification did not reach all of its receivers: {Reason}."
        : $"Another way was taken, to {string.Join(", ", Told)}, since the notification did not arrive: {CodeWords.OrCode(Why).En}"
            + $"{(Reason is { Length: > 0 } ? $" ({Reason})" : "")}.";

    private string Chinese => WhyNot is { Count: > 0 } why
        ? $"未走备用途径：{string.Join("；", why.Select(x => x.Zh))}。"
        : IsPartly ? $"因通知未送达全部接收人（{Reason}），已改走备用途径通知 {string.Join(", ", Told)}。"
        : $"因通知未送达（{CodeWords.OrCode(Why).Zh}{(Reason is { Length: > 0 } ? $"：{Reason}" : "")}），已改走备用途径通知 {string.Join(", ", Told)}。";
}
