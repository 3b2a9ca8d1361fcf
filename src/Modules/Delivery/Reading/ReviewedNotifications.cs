using Notify.Channels.People;
using Notify.Contracts.Rules;
using Notify.Delivery.Lanes;
using Notify.Delivery.Notifications;
using Notify.Delivery.TestSends;
using Notify.Kernel.Reviewing;

namespace Notify.Delivery.Reading;

/// <summary>How this module's events appear in the review of a period.</summary>
internal static class ReviewedNotifications
{
    public static readonly ModuleReview All = new(
        "delivery.",
        [ReviewedStream.Of<Requested>("notification", (_, first) =>
        new ReviewSubject(first.AlarmId ?? "", first.AlarmName ?? "", first.AlarmPath ?? "", NamesOf(first.Receivers)))],
        [
            ReviewedType.Of<NotificationRequested, Requested>(
                (e, _) => new ReviewFact(e.ReplayOf is null ? "notifications" : "repeats") { Outcome = ReviewOutcome.Requested, Used = [.. Used(e)] },
                Request),
            ReviewedType.Of<NotificationSuppressed>(
                (e, _) => new ReviewFact("suppressed", $"suppressed.{e.Reason}") { Outcome = ReviewOutcome.Suppressed },
                (e, subject, say) =>
                new ReviewLine(ReviewTag.Bad, say.Say("Not sent", "未发送"), ReviewText.Join(ReceiversOf(subject), say.Word(e.Reason ?? "")))),
            ReviewedType.Of<NotificationCancelled>(
                (_, _) => new ReviewFact("suppressed", "suppressed.cancelled") { Outcome = ReviewOutcome.Suppressed },
                (e, _, say) => new ReviewLine(ReviewTag.People, say.Say("Cancelled", "取消"), ReviewText.Join(say.By, e.Reason))),
            ReviewedType.Of<AttemptStarted>((e, subject, say) => new ReviewLine(
                ReviewTag.Decision, say.Say("Attempt", "发送"),
                ReviewText.Join(ReceiversOf(subject), say.Say($"no. {e.Number}", $"第 {e.Number} 次"), e.MergedInto is null
                ? null : $"{say.Say("merged into", "合并于")} {e.MergedInto}"))),
            ReviewedType.Of<AttemptSucceeded>(
                (e, _) => new ReviewFact(e.FailedReceivers.Count == 0 ? "delivered" : "partlyDelivered") { Outcome = ReviewOutcome.Delivered,
                Missed = [.. e.FailedReceivers.Select(x => x.Account)] },
                Success),
            ReviewedType.Of<AttemptAccepted>((e, subject, say) => new ReviewLine(
                ReviewTag.Decision, say.Say("Accepted", "已受理"),
                ReviewText.Join(ReceiversOf(subject), say.Say($"asked again at {say.Time(e.AskAt)}", $"将于 {say.Time(e.AskAt)} 查询")))),
            ReviewedType.Of<AttemptFailed>(
                (e, _) => EndedUnless(e.RetryAt is not null, "attemptsFailed"),
                (e, subject, say) => new ReviewLine(
                    ReviewTag.Bad, say.Say("Attempt failed", "发送失败"),
                    ReviewText.Join(ReceiversOf(subject), $"{e.PlatformCode}", e.PlatformMessage, Again(e.RetryAt, say)))),
            ReviewedType.Of<AttemptOutcomeUnknown>(
                (e, _) => EndedUnless(e.RetryAt is not null, "attemptsUnknown"),
                (e, subject, say) => new ReviewLine(
                ReviewTag.Bad, say.Say("Outcome unknown", "结果未知"), ReviewText.Join(ReceiversOf(subject), e.Why, Again(e.RetryAt, say)))),
            ReviewedType.Of<NotificationFailed>(
                (_, _) => new ReviewFact("failed") { Outcome = ReviewOutcome.Failed },
                (e, subject, say) =>
                new ReviewLine(ReviewTag.Bad, say.Say("Failed in Notify", "无法生成"), ReviewText.Join(ReceiversOf(subject), e.Stage, e.Reason))),
            ReviewedType.Of<NotificationDismissed>(
                (_, _) => new ReviewFact("dismissed"),
                (e, _, say) => new ReviewLine(ReviewTag.People, say.Say("Dismissed", "忽略"), ReviewText.Join(say.By, e.Reason))),
            ReviewedType.Of<NotificationResent>(
                (_, _) => new ReviewFact("resent"),
                (e, _, say) => new ReviewLine(ReviewTag.People, say.Say("Resent", "重新发送"), ReviewText.Join(say.By, e.As))),
            ReviewedType.Of<LaneBlocked>((_, _, say) => new ReviewLine(ReviewTag.Bad, say.Say("Blocked", "通道受阻"), say.Summary)),
            ReviewedType.Of<LaneBlockChanged>((_, _, say) => new ReviewLine(ReviewTag.Bad, say.Say("Still blocked", "仍受阻"), say.Summary)),
            ReviewedType.Of<LaneMended>((_, _, say) => new ReviewLine(ReviewTag.Ok, say.Say("Resumed", "通道恢复"), say.Summary)),
            ReviewedType.Of<TestRequested>((_, _, say) => Test(say)),
            ReviewedType.Of<TestSent>((_, _, say) => Test(say)),
        ]);

    private sealed record Requested(
        string? AlarmId, string? AlarmName, string? AlarmPath, VersionedRef? Rule, VersionedRef? Service, VersionedRef? Message,
        VersionedRef? Schedule,
        IReadOnlyList<Receiver> Receivers, string? ReplayOf);

    private static ReviewFact EndedUnless(bool isTriedAgain, string count) =>
        isTriedAgain ? new(count) : new(count, "failed") { Outcome = ReviewOutcome.Failed };

    private static IEnumerable<(string Id, long Version)> Used(Requested e) =>
        from x in new[] { e.Rule, e.Service, e.Message, e.Schedule }
        where x is { Version: > 0 }
        select (x.Id, x.Version);

    private static ReviewLine Request(NotificationRequested e, ReviewSubject? _, ReviewVoice say)
    {
        var used = string.Join(" · ", new[] { e.Rule, e.Service, e.Message, e.Schedule }.Select(x => x is null ? "" : $"{x.Name} v{x.Version}"));
        ReviewText[] repeats = e.ReplayOf is null ? [] : [ReviewText.NewLine, $"{say.Say("Repeats", "再次发送自")} {e.ReplayOf}"];
        return new(
            ReviewTag.Decision, say.Say("Notification", "通知"),
            [
                string.Join(", ", e.Receivers.Select(PeopleKinds.Shown)), ReviewText.NewLine, ReviewText.Quiet(used), .. repeats,
                new ReviewText(e.Content.Text, ReviewStyle.Block),
            ]);
    }

    private static ReviewLine Success(AttemptSucceeded e, ReviewSubject? subject, ReviewVoice say)
    {
        if (e.FailedReceivers.Count == 0) return new(ReviewTag.Ok, say.Say("Delivered", "已送达"), ReceiversOf(subject));
        var missed = string.Join(", ", e.FailedReceivers.Select(x => $"{x.Account}: {x.Reason ?? "?"}"));
        return new(ReviewTag.Bad, say.Say("Partly delivered", "部分送达"), ReviewText.Join(ReceiversOf(subject), $"{say.Say("not to", "未送达")} {missed}"));
    }

    private static string Again(DateTimeOffset? retryAt, ReviewVoice say) =>
        retryAt is { } at ? say.Say($"again at {say.Time(at)}", $"将于 {say.Time(at)} 重试") : say.Say("not tried again", "不再重试");

    private static ReviewLine Test(ReviewVoice say) => new(ReviewTag.People, say.Say("Test", "测试"), $"{say.Summary} {say.By}");

    private static string[] NamesOf(IReadOnlyList<Receiver> receivers) => [.. receivers.Select(PeopleKinds.NameOf)];

    private static string? ReceiversOf(ReviewSubject? subject) => subject?.Receivers is { } names ? string.Join(", ", names) : null;
}
