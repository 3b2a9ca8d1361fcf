using System.Collections.Frozen;
using Notify.Kernel.Texts;

namespace Notify.Audit.History;

/// <summary>How the history words the codes in events.</summary>
internal static class SummaryWords
{
    /// <summary>In addition to those that are shown everywhere (<see cref="CodeWords"/>).</summary>
    private static readonly FrozenDictionary<string, BilingualText> words = new Dictionary<string, BilingualText>(StringComparer.Ordinal)
    {
        ["approved"] = new("approved", "批准"),
        ["proposed"] = new("proposed", "提交"),
        ["review"] = new("review", "回顾"),
        ["whatIf"] = new("what-if", "假设分析"),
        ["redeliver"] = new("redelivery", "补发"),
        ["resend"] = new("resend", "重新发送"),
        ["dismiss"] = new("dismiss", "忽略"),
        ["cancel"] = new("cancel", "取消"),
        ["resent"] = new("resent", "已重新发送"),
        ["dismissed"] = new("dismissed", "已忽略"),
        ["cancelled"] = new("cancelled", "已取消"),
        ["notFound"] = new("not found", "不存在"),
        ["notFailed"] = new("not failed", "并未失败"),
        ["notPending"] = new("not waiting", "不在等待"),
        ["underWay"] = new("being sent", "正在发送"),
        ["changedMeanwhile"] = new("changed meanwhile", "已被同时更改"),
        ["noAddress"] = new("without an address", "没有地址"),
        ["notRendered"] = new("without a text", "无法生成内容"),
        ["unreadable"] = new("unreadable", "无法读取"),
        ["undecided"] = new("undecided", "尚未决定"),
        ["error"] = new("failed with an error", "出错"),
        ["probe"] = new("a probe passed", "试发成功"),
        ["testSend"] = new("a test send passed", "测试发送成功"),
        ["configuration"] = new("the configuration was changed", "配置已修改"),
        ["link"] = new("link in a message", "通知中的链接"),
        ["apiKey"] = new("API key", "API 密钥"),
        ["administrator"] = new("administrator", "管理员"),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public static string Of(string code, bool chinese) => (CodeWords.Of(code) ?? words.GetValueOrDefault(code))?.In(chinese) ?? code;
}
