using Notify.Delivery.Channels;
using Notify.Delivery.Lanes;
using Notify.Delivery.Notifications;
using Notify.Kernel.Texts;

namespace Notify.Delivery.Reading;

/// <summary>What the last thing that went wrong with a notification means, or why it is not sent yet or at all; and what to do about it.</summary>
internal static class Explanations
{
    private static readonly Explained itsTurn = new(
        new("It waits for its turn: its robot or app sends at the platform's pace, the most urgent first, and merges what waits.", "等待发送：机器人或应用按平台限速发送，紧急的优先，排队的会合并。"),
        new("Nothing; GET /api/v1/lanes says how much waits there, and since when.", "无需处理；GET /api/v1/lanes 可查看排队数量和起始时间。"));

    private static readonly Explained noWay = new(
        new("The service was changed after the notification was requested: there is no way to its receiver any more.", "通知产生后通知服务已被更改，无法再发送给该接收人。"),
        new("Give the service the robot or the app back, or enable it, and send the notification again; or dismiss it and correct the rule's receivers.",
            "请在通知服务中恢复该机器人或应用，或启用该服务，然后重发通知；或者忽略该通知，并更正规则的接收人。"));

    private static readonly BilingualText sendAnew = new(
        "The reason says what was thrown. Mend the message, the schedule or the rule it names, and send the notification again: it is made anew. If nothing is wrong with them, report the reason with the log.",
        "原因中有具体错误。请修正相应的消息、日程或规则，然后重发通知，通知会重新生成；若配置无误，请将原因连同日志反馈。");

    /// <param name="stage">One of <see cref="FailureStage"/>.</param>
    private static Explained OfFailure(string stage) => new(
        stage switch
        {
            FailureStage.Rendering => new("Notify could not make its text: the message could not be rendered, or the schedule or the rule not be read.", "无法生成通知内容：消息无法渲染，或日程、规则无法读取。"),
            FailureStage.Planning => new("Notify could not work out its way: what is on record of it, its receivers or its place in the queue.", "无法安排发送：通知记录、接收人或排队位置无法确定。"),
            FailureStage.Merging => new("Notify could not list it with others in one message.", "无法与其他通知合并。"),
            FailureStage.PutAside => new("It was never put on record, or not even decided: the message inside Notify that asks for it failed after all retries and was put aside.", "尚未记录甚至尚未决定：要求该通知的内部消息多次处理失败，已被搁置。"),
            FailureStage.Recording => new("It could not be put on record, and what is not on record is not sent.", "无法写入记录；未记录的通知不会发送。"),
            _ => new("Notify could not make its request to the platform.", "无法生成发往平台的请求。"),
        },
        stage == FailureStage.PutAside ? replay : sendAnew);

    private static readonly BilingualText replay = new(
        "The reason names the message and what was thrown. Mend the cause, then replay the message (POST /api/v1/operation/dead-letters/replay): it is decided and rendered anew, by the configuration as it is then.",
        "原因中有该消息的编号和错误。请排除原因，然后重新处理该消息（POST /api/v1/operation/dead-letters/replay），将按届时的配置重新决定和生成通知。");

    /// <param name="block">Of the lane for which it waits.</param>
    /// <returns>Null when there is nothing to explain.</returns>
    public static Explained? Of(Notification n, LaneBlock? block)
    {
        if (n is { Status: NotificationStatus.Failed, FailedAt: { } stage }) return OfFailure(stage);
        if (n is { Status: NotificationStatus.Suppressed, Reason: { } reason }) return Suppressions.Explain(reason);
        if (block is not null) return Explained.OfCode(block.PlatformCode) ?? Explained.SettingsUnusable;
        // A list of the platform's in which it names a receiver; codes are numbers.
        if (n.Receivers.Select(x => x.PlatformCode).FirstOrDefault(x => x is { Length: > 0 } && char.IsAsciiLetter(x[0])) is { } list) return Explained.OfList(list);
        return n.Attempts is [.., var last]
            ? last.Outcome switch
            {
                // Its node was stopped before it could be sent: nothing was called.
                AttemptOutcome.Failed when n.Status == NotificationStatus.Scheduled && last is { Class: nameof(OutcomeClass.Retry), Call: null, HttpStatus: null } => itsTurn,
                AttemptOutcome.Failed => Explained.OfCode(last.PlatformCode) ?? (last.MayHaveArrived && n.Status == NotificationStatus.Failed ? Explained.AnswerLost : Explained.Unreachable),
                AttemptOutcome.Unknown => Explained.AnswerLost,
                _ => null,
            }
            : n.Status switch { NotificationStatus.Failed => noWay, NotificationStatus.Scheduled => itsTurn, _ => null };
    }
}
