using Notify.Contracts.Alarms;
using Notify.Contracts.DeadLetters;
using Notify.Contracts.Delivery;
using Notify.Contracts.Rules;
using Notify.Kernel.Texts;
using Notify.Rules.Deciding;

namespace Notify.Rules.Explaining;

/// <summary>One change of an alarm, and its effect for the receiver in question.</summary>
/// <param name="Told">Whether a notification to the receiver was to be sent.</param>
/// <param name="Outcome"><c>notTold</c>; <c>undecided</c> while there is no decision, <c>failed</c> when it could not be made, or <c>unreadable</c>
/// when its event was changed by somebody; otherwise the best result of the notifications: <c>delivered</c>, <c>failed</c> or <c>pending</c>.</param>
/// <param name="DecidedBy">If the receiver was not notified: the conditions of which all would have had to hold. Otherwise: the rules without which
/// the receiver would not have been notified.</param>
/// <param name="MatchesRecord">Whether the decision, repeated with the configuration and the instant of that time, equals the recorded one.</param>
/// <param name="Ways">The actions that name the receiver, with every condition; if none does, the one that came closest.</param>
public sealed record ExplainedChange(
    string AlarmId, string AlarmName, string Path, AlarmLevel Level, AlarmState State, bool Shelved, ChangeEvent Change, DecisionEvent? Decision,
    bool Told, string Outcome,
    IReadOnlyList<WayCondition> DecidedBy, BilingualText Summary, bool? MatchesRecord, IReadOnlyList<ExplainedDelivery> Deliveries,
    IReadOnlyList<Way> Ways)
{
    /// <summary>Escalations and reminders planned by the ways that name the receiver, and their results; null: none.</summary>
    public IReadOnlyList<PlannedForLater>? Steps { get; init; }

    /// <summary>Fallbacks used because a notification to the receiver, or to others of the same action, did not arrive; null: none.</summary>
    public IReadOnlyList<ExplainedOtherWay>? OtherWays { get; init; }

    public static ExplainedChange Undecided(DescribedAlarmChange x) => new(
        x.AlarmId, x.Alarm.Name, x.Alarm.Path, x.Alarm.Level, x.Alarm.State, x.Alarm.Shelved, ChangeEvent.Of(x), null, false, "undecided", [],
        new("The alarm is recorded; it has not been decided yet.", "报警已记录，尚未决定通知谁。"), null, [], []);

    /// <summary>The change was decided, but somebody changed the event that records it.</summary>
    public static ExplainedChange Unreadable(DescribedAlarmChange x) => Undecided(x) with
    {
        Outcome = "unreadable",
        Summary = new(
            "The decision is on record but cannot be read: it was changed outside Notify. Verify the history.",
            "决定已记录在案，但无法读取：该记录被系统外的操作改动过。请验证审计记录。"),
    };

    /// <summary>The decision failed: the message that requests it is a dead letter.</summary>
    public static ExplainedChange PutAside(DescribedAlarmChange x, DescribedDeadLetter letter) => Undecided(x) with
    {
        Outcome = "failed",
        Summary = new(
            $"The decision failed, and nobody was notified: {letter.Fault}. Fix the cause and replay dead letter {letter.Id}.",
            $"未能决定通知谁，因此无人收到通知：{letter.Fault}。请排除原因后重新处理内部消息 {letter.Id}。"),
    };

    /// <summary>The rules do not decide about it by itself, because the condition does not hold.</summary>
    private static ExplainedChange NotDecided(DescribedAlarmChange x, WayCondition condition, BilingualText summary) => Undecided(x) with
    {
        Outcome = "notTold",
        DecidedBy = [condition],
        Summary = summary,
    };

    /// <summary>The report was recorded already, so it was not decided again.</summary>
    public static ExplainedChange Duplicate(DescribedAlarmChange x, DescribedRepeat repeat) => NotDecided(
        x, new(WayCondition.Duplicate, false, "a report that is not on record", $"the same as version {repeat.Repeats}", null),
        new(
            $"A repeat: the report was already recorded as version {repeat.Repeats} of the alarm, and a repeat notifies nobody.",
            $"重复上报：该报告已记录为报警的版本 {repeat.Repeats}，重复不再通知。"));

    /// <summary>A newer report was recorded already, so this one was not decided.</summary>
    public static ExplainedChange CameLate(DescribedAlarmChange x) => NotDecided(
        x, new(WayCondition.Late, false, "a report in time", "a report that came after a later one", null),
        new(
            "The report arrived late: a later one was already recorded. It changed nothing and notified nobody.",
            "该上报迟到：已有更新的上报在案。它未改变报警状态，过时的状态不再通知。"));

    /// <summary>A report ended the shelving, and was decided for both.</summary>
    public static ExplainedChange DecidedWith(DescribedAlarmChange x, long report) => NotDecided(
        x, new(WayCondition.DecidedWith, false, "a change that is decided by itself", $"decided with version {report}", null),
        new(
            $"The silence ended with the next report, version {report} of the alarm; who is notified was decided with that report.",
            $"静默随下一次上报（报警的版本 {report}）结束；通知谁已随该上报一并决定。"));

    public static ExplainedChange Of(
        DescribedAlarmChange x, RecordedDecision decision, Verdict verdict, AskedReceiver receiver,
        IReadOnlyDictionary<string, DescribedDelivery> known, IReadOnlyList<PlannedForLater> steps,
        IReadOnlyList<ExplainedOtherWay> otherWays)
    {
        var recorded = decision.Decision.Notifications.Where(n => n.Receivers.Any(receiver.IsMeantBy)).ToList();
        var deliveries = recorded.Where(n => known.ContainsKey(n.NotificationId))
            .Select(n => ExplainedDelivery.Of(n, known[n.NotificationId], receiver)).ToList();
        var told = recorded.Any(n => n.Suppressed is null);
        var decidedBy = verdict.Told
            ? [.. verdict.ToldBy.Select(
                way => new WayCondition(WayCondition.Enabled, true, "enabled, and all its conditions hold", "told", way.Rule))]
            : verdict.DecidedBy;
        return new ExplainedChange(
            x.AlarmId, x.Alarm.Name, x.Alarm.Path, x.Alarm.Level, x.Alarm.State, x.Alarm.Shelved, ChangeEvent.Of(x),
            new DecisionEvent(decision.Stream, decision.Sequence, decision.EventId, decision.At, decision.Decision.ConfigurationVersion),
            told, told ? Best(deliveries) : "notTold", decidedBy,
            ExplainedOtherWay.After(PlannedForLater.After(VerdictSentence.Of(receiver, verdict, deliveries), steps), otherWays), verdict.Told == told,
            deliveries,
            [.. verdict.Ways.Where(way => way.NamesReceiver || way == verdict.Nearest)])
        { Steps = steps.Count == 0 ? null : steps, OtherWays = otherWays.Count == 0 ? null : otherWays };
    }

    private static string Best(List<ExplainedDelivery> deliveries) =>
        deliveries.Any(x => x.Outcome == "delivered") ? "delivered"
        : deliveries.Any(x => x.Outcome == "pending") || deliveries.Count == 0 ? "pending"
        : "failed";
}

/// <summary>The event that records the change.</summary>
/// <param name="Repeat">For a duplicate: which report it repeats, and how often; otherwise null.</param>
public sealed record ChangeEvent(
    string Kind, long Version, long Sequence, Guid EventId, DateTimeOffset At, string? CorrelationId, DescribedRepeat? Repeat)
{
    public static ChangeEvent Of(DescribedAlarmChange x) => new(x.Kind, x.Version, x.Sequence, x.EventId, x.At, x.CorrelationId, x.Repeat);
}

/// <summary>The event that records the decision.</summary>
/// <param name="ConfigurationVersion">The version of the configuration that was applied.</param>
public sealed record DecisionEvent(string Stream, long Sequence, Guid EventId, DateTimeOffset At, long ConfigurationVersion);

/// <summary>A notification to the receiver in question.</summary>
/// <param name="Outcome">The result for the receiver: <c>delivered</c>, <c>failed</c>, <c>pending</c> or <c>suppressed</c>.</param>
/// <param name="PlatformCode">The platform's result code for the receiver; null if there is none.</param>
/// <param name="Sequence">The sequence number of the event that requested the notification.</param>
public sealed record ExplainedDelivery(
    string NotificationId, long Sequence, string RuleId, long RuleVersion, string Status, string Outcome, string? PlatformCode, string? Reason,
    IReadOnlyList<DescribedAttempt> Attempts, string? ResentAs, string? DigestedIn)
{
    public static ExplainedDelivery Of(DecidedAction action, DescribedDelivery delivery, AskedReceiver receiver)
    {
        if (delivery.Others is { } others && others.Receivers.Any(x => receiver.IsMeantBy(x.Receiver))) delivery = others;
        var own = delivery.Receivers.FirstOrDefault(x => receiver.IsMeantBy(x.Receiver));
        return new(
            delivery.NotificationId, delivery.Sequence, action.RuleId, action.RuleVersion, delivery.Status, own?.Outcome ?? "pending",
            own?.PlatformCode, delivery.Reason,
            delivery.Attempts, delivery.ResentAs, delivery.DigestedIn);
    }
}
