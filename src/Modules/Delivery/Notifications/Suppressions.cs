using System.Collections.Frozen;
using Notify.Channels.People;
using Notify.Channels.Texts;
using Notify.Contracts.Delivery;
using Notify.Kernel.Texts;

namespace Notify.Delivery.Notifications;

/// <summary>Explains why a notification is not sent. The reasons are those of decisions, and this module's own.</summary>
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
            new("Nothing to do; if it was shelved by mistake, unshelve it.", "无需处理；若为误操作，请解除搁置。")),
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
        [LeftOut.PersonDisabled] = Person("The person is disabled.", "该人员已停用。", "Enable the person", "请启用该人员"),
        [LeftOut.PersonRemoved] = Person("The person was removed.", "该人员已删除。", "Add the person again", "请重新添加该人员"),
        [LeftOut.GroupDisabled] = Person("The group is disabled.", "用户组已停用。", "Enable the group", "请启用该用户组"),
        [LeftOut.GroupRemoved] = Person("The group was deleted.", "用户组已删除。", "Create it again", "请重新创建"),
        [LeftOut.GroupEmpty] = Person("The group has no members.", "用户组没有成员。", "Add members to the group", "请向用户组添加成员"),
        [LeftOut.NoAddress] = NoAddress,
        ["decidedAnew"] = new(
            new("It could not be recorded when it was decided; when it was decided again, no rule notified this receiver any more.",
            "决定当时未能记录；恢复后重新决定时，已没有规则通知该接收人。"), nothing),
        [NotificationTable.Superseded] = new(
            new("A later state of the alarm was notified first.", "已先通知了该报警更新的状态。"), nothing),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>For people whose records have no address that the channel can use.</summary>
    public static Explained NoAddress => new(
        new("The record of the person has no address for this way.", "人员资料中没有此途径可用的地址。"),
        new("Add it to the person (GET /api/v1/channels says which field the channel needs) and resend the notification, or choose another way in the rule's action.",
            "请在人员资料中补充（GET /api/v1/channels 可查看所需字段）后重新发送通知，或在规则的动作中改用其他途径。"));

    private static Explained Person(string meaning, string zhMeaning, string remedy, string zhRemedy) => new(
        new(meaning, zhMeaning), new($"{remedy} if they should be notified, or change the rule's receivers.", $"若需要通知，{zhRemedy}；否则请修改规则的接收人。"));

    /// <returns>Null for a free text, such as the reason of a cancellation.</returns>
    public static Explained? Explain(string reason) => words.GetValueOrDefault(reason);

    private static Explained Unusable(string meaning, string zhMeaning, string remedy, string zhRemedy) => new(
        new(meaning, zhMeaning), new($"{remedy}, or choose another one in the rule's action.", $"{zhRemedy}，或在规则的动作中另选。"));
}
