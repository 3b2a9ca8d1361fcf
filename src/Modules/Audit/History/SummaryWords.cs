using System.Collections.Frozen;

namespace Notify.Audit.History;

/// <summary>How a reader calls what events name by a code.</summary>
internal static class SummaryWords
{
    private static readonly FrozenDictionary<string, (string English, string Chinese)> words = new Dictionary<string, (string, string)>(StringComparer.Ordinal)
    {
        ["ActiveUnacked"] = ("active and unacknowledged", "已触发、未确认"),
        ["ActiveAcked"] = ("active and acknowledged", "已触发、已确认"),
        ["ClearedUnacked"] = ("cleared and unacknowledged", "已消除、未确认"),
        ["ClearedAcked"] = ("cleared and acknowledged", "已消除、已确认"),
        ["Critical"] = ("critical", "紧急"),
        ["High"] = ("high", "高"),
        ["Medium"] = ("medium", "中"),
        ["Low"] = ("low", "低"),
        ["noRuleMatches"] = ("no rule matches it", "没有匹配的通知规则"),
        ["schedule"] = ("its schedule is closed now", "不在通知日程内"),
        ["holiday"] = ("it is a holiday", "节假日"),
        ["shelved"] = ("the alarm is shelved", "报警已搁置"),
        ["duplicate"] = ("it repeats another", "重复"),
        ["serviceRemoved"] = ("the notification service was deleted", "通知服务已删除"),
        ["serviceDisabled"] = ("the notification service is switched off", "通知服务已停用"),
        ["messageRemoved"] = ("the message was deleted", "通知内容已删除"),
        ["messageDisabled"] = ("the message is switched off", "通知内容已停用"),
        ["scheduleRemoved"] = ("the schedule was deleted", "通知日程已删除"),
        ["scheduleDisabled"] = ("the schedule is switched off", "通知日程已停用"),
        ["receiverRemoved"] = ("the notification service no longer has the receiver", "通知服务中已没有该接收人"),
        ["review"] = ("review", "回顾"),
        ["whatIf"] = ("what-if", "假设分析"),
        ["redeliver"] = ("redelivery", "重发"),
        ["probe"] = ("a trial passed", "试发成功"),
        ["testSend"] = ("a test send passed", "测试发送成功"),
        ["configuration"] = ("the configuration was changed", "配置已修改"),
        ["apiKey"] = ("API key", "API 密钥"),
        ["administrator"] = ("administrator", "管理员"),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public static string Of(string value, bool chinese) => words.TryGetValue(value, out var word) ? (chinese ? word.Chinese : word.English) : value;
}
