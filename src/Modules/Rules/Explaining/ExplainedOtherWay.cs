using Notify.Channels.People;
using Notify.Channels.Receivers;
using Notify.Contracts.Rules;
using Notify.Kernel.Events;
using Notify.Kernel.Texts;
using Notify.Rules.Deciding;

namespace Notify.Rules.Explaining;

/// <summary>The use of an action's fallback, or the reason why it was not used, after a notification of the change did not arrive.</summary>
/// <param name="InsteadOf">The notification that did not arrive.</param>
/// <param name="Why"><c>failed</c> or <c>blocked</c>.</param>
/// <param name="Reason">The reason shown by the notification or its lane; null if there is none.</param>
/// <param name="Stopped">Why the fallback was not used; null: it was.</param>
public sealed record ExplainedOtherWay(
    string InsteadOf, DateTimeOffset At, string RuleId, int Action, string Why, string? Reason, string? Stopped,
    IReadOnlyList<PerformedNotification> Notifications, IReadOnlyList<Receiver> Receivers)
{
    public static ExplainedOtherWay Of(StoredEvent e, OtherWayTaken taken) => new(
        taken.NotificationId, e.At, taken.Rule.Id, taken.Action, taken.Why, taken.Reason, taken.Stopped,
        [.. taken.Notifications.Select(x => new PerformedNotification(x.NotificationId, x.Suppressed))],
        [.. taken.Notifications.SelectMany(x => x.Receivers).DistinctBy(ReceiverKey.Of, StringComparer.Ordinal)]);

    /// <summary>Appends to the sentence what happened afterwards.</summary>
    public static BilingualText After(BilingualText sentence, IReadOnlyList<ExplainedOtherWay> ways) => new(
        sentence.En + string.Concat(ways.Select(x => $" {x.English}")), sentence.Zh + string.Concat(ways.Select(x => x.Chinese)));

    private string Names => string.Join(", ", Receivers.Select(PeopleKinds.NameOf));

    private string English => Stopped is { } stopped
        ? $"No other way was taken: {Word(stopped).En}."
        : $"Another way was taken, to {Names}, since the notification did not arrive: {Word(Why).En}"
            + $"{(Reason is { Length: > 0 } ? $" ({Reason})" : "")}.";

    private string Chinese => Stopped is { } stopped
        ? $"未走备用途径：{Word(stopped).Zh}。"
        : $"因通知未送达（{Word(Why).Zh}{(Reason is { Length: > 0 } ? $"：{Reason}" : "")}），已改走备用途径通知 {Names}。";

    private static BilingualText Word(string code) => CodeWords.Of(code) ?? new(code, code);
}
