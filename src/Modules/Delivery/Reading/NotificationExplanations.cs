using Notify.Channels;
using Notify.Channels.People;
using Notify.Channels.Sending;
using Notify.Channels.Texts;
using Notify.Delivery.Flights;
using Notify.Delivery.Lanes;
using Notify.Delivery.Notifications;
using Notify.Kernel.Texts;

namespace Notify.Delivery.Reading;

/// <summary>Explains the last fault of a notification, or why it is not sent yet or at all, and the remedy.</summary>
internal static class NotificationExplanations
{
    private static readonly Explained itsTurn = new(
        new("Waiting for its turn: its lane sends at the platform's pace, most urgent first, and merges waiting notifications.",
        "等待发送：通道按平台限速发送，紧急的优先，排队的会合并。"),
        new("Nothing to do; GET /api/v1/lanes shows how many are waiting, and since when.", "无需处理；GET /api/v1/lanes 可查看排队数量和起始时间。"));

    private static readonly Explained noWay = new(
        new("The service was changed after the notification was requested; it can no longer reach the receiver.", "通知产生后通知服务已被更改，无法再发送给该接收人。"),
        new("Restore the receiver in the service, or enable the service, and resend the notification; or dismiss it and correct the rule's receivers.",
            "请在通知服务中恢复该接收人，或启用该服务，然后重新发送通知；或者忽略该通知，并更正规则的接收人。"));

    private static readonly Explained unreadable = new(
        new("The stored events of this notification cannot be read: somebody has changed them in the database. Only what the table of notifications says is shown.",
            "该通知的存储事件无法读取：数据库中的记录已被改动。此处仅显示通知表中的内容。"),
        new("Verify the history (POST /api/v1/audit/verify) and compare with a backup. It cannot be sent again; dismiss it to take it off the failed list.",
            "请验证历史记录（POST /api/v1/audit/verify）并与备份比对。该通知无法重新发送，可以忽略以移出失败列表。"));

    private static readonly BilingualText sendAnew = new(
        "The reason contains the error. Correct the message, schedule or rule it names and resend the notification, which is then rendered again. If they are correct, report the reason together with the log.",
        "原因中有具体错误。请修正相应的通知内容、通知日程或通知规则，然后重新发送通知，通知会重新生成；若配置无误，请将原因连同日志反馈。");

    /// <param name="stage">A code of <see cref="FailureStage"/>.</param>
    private static Explained OfFailure(string stage) => stage == FailureStage.Addressing ? Suppressions.NoAddress : new(
        stage switch
        {
            FailureStage.Rendering => new(
                "Notify could not render the text: the message could not be rendered, or the schedule or rule could not be read.",
                "无法生成通知内容：消息无法渲染，或日程、规则无法读取。"),
            FailureStage.Planning => new(
                "Notify could not plan the sending: the notification's record, its receivers or its place in the queue could not be determined.",
                "无法安排发送：通知记录、接收人或排队位置无法确定。"),
            FailureStage.Merging => new("Notify could not merge it with others into one message.", "无法与其他通知合并。"),
            FailureStage.PutAside => new(
            "It was never recorded, or not even decided: the internal message that requests it failed after all retries and is a dead letter.",
            "尚未记录甚至尚未决定：要求该通知的内部消息多次处理失败。"),
            FailureStage.Recording => new("It could not be recorded, and what is not recorded is not sent.", "无法写入记录；未记录的通知不会发送。"),
            _ => new("Notify could not build the request to the platform.", "无法生成发往平台的请求。"),
        },
        stage == FailureStage.PutAside ? replay : sendAnew);

    private static readonly BilingualText replay = new(
        "The reason names the dead letter and the error. Fix the cause, then replay the dead letter (POST /api/v1/operation/dead-letters/replay): it is decided and rendered again with the configuration at that time.",
        "原因中有该消息的编号和错误。请排除原因，然后重新处理该消息（POST /api/v1/operation/dead-letters/replay），将按届时的配置重新决定和生成通知。");

    /// <param name="block">The block of the lane on which it waits; null: none.</param>
    /// <returns>Null when there is nothing to explain.</returns>
    public static Explained? Of(Notification n, LaneBlock? block, ChannelCatalog channels)
    {
        if (n.IsUnreadable) return unreadable;
        var channel = channels.Find(n.Request.ChannelType);
        if (n is { Status: NotificationStatus.Failed, FailedAt: { } stage }) return OfFailure(stage);
        if (n is { Status: NotificationStatus.Suppressed, Reason: { } reason }) return Suppressions.Explain(reason);
        if (block is not null) return Explanations.OfCode(channel, block.PlatformCode) ?? Explanations.SettingsUnusable;
        if (n.Receivers.Any(x => x.PlatformCode == LeftReceivers.Code)) return Suppressions.Explain(LeftOut.PersonDisabled);
        // The code of a single receiver is more specific than that of the whole message.
        var lastCode = n.Attempts is [.., var latest] ? latest.PlatformCode : null;
        if (n.Receivers.Select(x => x.PlatformCode).FirstOrDefault(x => x is { Length: > 0 } && x != lastCode) is { } own)
            return Explanations.OfCode(channel, own);
        return n.Attempts is [.., var last]
            ? last.Outcome switch
            {
                // Its node was stopped before it could be sent: the platform was not called.
                AttemptOutcome.Failed when n.Status == NotificationStatus.Scheduled
                    && last is { Class: nameof(OutcomeClass.Retry), Call: null, HttpStatus: null } => itsTurn,
                AttemptOutcome.Failed => Explanations.OfCode(channel, last.PlatformCode)
                    ?? (last.MayHaveArrived && n.Status == NotificationStatus.Failed ? Explanations.AnswerLost : channel?.Texts.Unreachable),
                AttemptOutcome.Unknown => Explanations.AnswerLost,
                _ => null,
            }
            : n.Status switch { NotificationStatus.Failed => noWay, NotificationStatus.Scheduled => itsTurn, _ => null };
    }
}
