using System.Collections.Frozen;
using Notify.Channels.Texts;
using Notify.Contracts.Delivery;
using Notify.Delivery.Notifications;
using Notify.Kernel.Texts;

namespace Notify.Delivery.Reading;

/// <summary>Why something was decided not to be sent, in words. The reasons are those of the decision, and of this module's own.</summary>
internal static class Suppressions
{
    private static readonly BilingualText nothing = new("Nothing to do.", "无需处理。");

    private static readonly FrozenDictionary<string, Explained> words = new Dictionary<string, Explained>(StringComparer.Ordinal)
    {
        ["schedule"] = new(
            new("The schedule was closed; digestAt says when it is sent in a digest.", "日程当时未开放；digestAt 为届时汇总发送的时间。"),
            new("If it should have been sent, change the schedule, or choose another schedule or a digest in the rule's action.",
            "若应当发送，请修改日程，或在规则的动作中改用其他日程或开启汇总。")),
        ["holiday"] = new(
            new("A holiday paused the schedule; digestAt says when it is sent in a digest.", "节假日暂停了日程；digestAt 为届时汇总发送的时间。"),
            new("If it should have been sent, choose a schedule that does not pause on holidays, or a digest, in the rule's action.",
            "若应当发送，请在规则的动作中改用节假日不暂停的日程或开启汇总。")),
        ["shelved"] = new(
            new("The alarm is shelved, and the rule does not accept shelved alarms.", "报警已被搁置，而规则不接受搁置的报警。"),
            new("Nothing to do; if it was shelved by mistake, unshelve it.", "无需处理；若为误操作，请取消搁置。")),
        ["ruleDisabled"] = new(
            new("The rule is disabled.", "通知规则已停用。"),
            new("Enable the rule if it should notify of such alarms.", "若需要通知此类报警，请启用规则。")),
        ["serviceDisabled"] = Unusable("The service is disabled.", "通知服务已停用。", "Enable it", "请启用该服务"),
        ["serviceRemoved"] = Unusable("The service was deleted.", "通知服务已被删除。", "Create it again", "请重新创建"),
        ["messageDisabled"] = Unusable("The message is disabled.", "通知内容已停用。", "Enable it", "请启用该通知内容"),
        ["messageRemoved"] = Unusable("The message was deleted.", "通知内容已被删除。", "Create it again", "请重新创建"),
        ["scheduleDisabled"] = Unusable("The schedule is disabled.", "通知日程已停用。", "Enable it", "请启用该通知日程"),
        ["scheduleRemoved"] = Unusable("The schedule was deleted.", "通知日程已被删除。", "Create it again", "请重新创建"),
        ["receiverRemoved"] = Unusable("The service no longer has this receiver.", "通知服务中已没有该接收人。", "Add it to the service again", "请在通知服务中重新添加"),
        ["decidedAnew"] = new(
            new("It could not be recorded when it was decided; when it was decided again, no rule notified this receiver any more.",
            "决定当时未能记录；恢复后重新决定时，已没有规则通知该接收人。"), nothing),
        [NotificationTable.Superseded] = new(
            new("A later state of the alarm was notified first.", "已先通知了该报警更新的状态。"), nothing),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <returns>Null for a reason in somebody's own words, as when it was cancelled.</returns>
    public static Explained? Explain(string reason) => words.GetValueOrDefault(reason);

    private static Explained Unusable(string meaning, string zhMeaning, string remedy, string zhRemedy) => new(
        new(meaning, zhMeaning), new($"{remedy}, or choose another one in the rule's action.", $"{zhRemedy}，或在规则的动作中另选。"));
}
