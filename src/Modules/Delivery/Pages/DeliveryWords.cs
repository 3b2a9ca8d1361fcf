using Notify.Delivery.Changes;
using Notify.Delivery.Notifications;
using Notify.Kernel.Texts;

namespace Notify.Delivery.Pages;

/// <summary>The words for the states and results of notifications, and for what is done with them.</summary>
internal static class DeliveryWords
{
    /// <summary>The words for a status, a result of a receiver or an attempt, or the result of a change; the code itself if there are none.</summary>
    public static BilingualText Of(string code) => code switch
    {
        "Pending" => new("being sent", "发送中"),
        "Scheduled" => new("waiting", "等待发送"),
        "Delivered" => Of("delivered"),
        "PartlyDelivered" => Of("partlyDelivered"),
        "Failed" => Of("failed"),
        "Suppressed" or "suppressed" => new("not sent", "未发送"),
        "Dismissed" or "dismissed" => new("dismissed", "已忽略"),
        "pending" => new("not yet", "尚未发送"),
        "started" => new("under way", "进行中"),
        "resent" => new("resent", "已重新发送"),
        "cancelled" => new("cancelled", "已取消"),
        "notFound" => new("not found", "未找到"),
        "notFailed" => new("has not failed: it waits, or has been dealt with", "并未失败：正在等待，或已处理"),
        "notPending" => new("is not waiting", "并未在等待发送"),
        "underWay" => new("is being sent at this moment, or the platform has it already", "正在发送，或平台已受理"),
        "changedMeanwhile" => new("somebody else has changed it in the meantime", "已被他人处理"),
        "notRendered" => new("no text: its message cannot be rendered", "没有内容：通知内容无法生成"),
        "unreadable" => new("its record cannot be read", "记录无法读取"),
        "undecided" => new("stands for a dead letter: replay that", "对应未处理的内部消息，请先重新处理该消息"),
        "error" => new("internal error; see the log", "内部错误，详见日志"),
        _ => CodeWords.OrCode(code),
    };

    /// <summary>The CSS class of a state's mark.</summary>
    public static string ClassOf(string code) => code switch
    {
        "Delivered" or "delivered" or "resent" or "dismissed" or "cancelled" => "state state-good",
        "Failed" or "failed" or "error" or "unreadable" or "notRendered" or "undecided" => "state state-bad",
        "PartlyDelivered" or "partlyDelivered" or "unknown" or "changedMeanwhile" => "state state-warn",
        _ => "state",
    };

    public static BilingualText Of(NotificationVerb verb) => verb switch
    {
        NotificationVerb.Resend => new("Resend", "重新发送"),
        NotificationVerb.Dismiss => new("Dismiss", "忽略"),
        _ => new("Cancel sending", "取消发送"),
    };

    public static BilingualText Of(NotificationStatus status) => Of(status.ToString());
}
