using Notify.Contracts.Delivery;
using Notify.Kernel.Texts;
using Notify.Rules.Deciding;

namespace Notify.Rules.Explaining;

/// <summary>A verdict as a sentence for the console and for people who do not read JSON.</summary>
public static class VerdictSentence
{
    /// <summary>The verdict, and the results of its notifications as far as they are known.</summary>
    public static BilingualText Of(AskedReceiver asked, Verdict verdict, IReadOnlyList<ExplainedDelivery> deliveries)
    {
        var verdictItself = Of(asked, verdict);
        var sent = deliveries.Where(x => x.Outcome != "suppressed" || x.DigestedIn is not null).ToList();
        return sent.Count == 0 ? verdictItself : new(
            $"{verdictItself.En} {Join(sent.Select(x => x.Outcome switch
            {
                "suppressed" => "It was sent later, in a digest.",
                "delivered" => "The platform accepted it.",
                // Without a platform's code, the notification may never have reached the platform.
                "failed" => x.PlatformCode is { Length: > 0 } code
                    ? $"It was not delivered: the platform answered {code}." : $"It was not delivered{Because(x, ": ")}.",
                _ => $"It is still being sent{Because(x, ": ")}.",
            }), " ")}",
            $"{verdictItself.Zh}{Join(sent.Select(x => x.Outcome switch
            {
                "suppressed" => "已在日程开放后汇总通知。",
                "delivered" => "平台已接收。",
                "failed" => x.PlatformCode is { Length: > 0 } code ? $"未送达：平台返回 {code}。" : $"未送达{Because(x, "：")}。",
                _ => $"仍在发送中{Because(x, "：")}。",
            }), "")}");
    }

    public static BilingualText Of(AskedReceiver asked, Verdict verdict) => verdict.Told
        ? new(
            $"{asked.Title} was to be notified, by {Join(verdict.ToldBy.Select(x => $"rule '{x.Rule.Name}'"), " and ")}.",
            $"应通知 {asked.Title}：{Join(verdict.ToldBy.Select(x => $"规则“{x.Rule.Name}”"), "、")}。")
        : new(
            $"{asked.Title} was not to be notified: {Join(verdict.DecidedBy.Select(English), "; and ")}.",
            $"未通知 {asked.Title}：{Join(verdict.DecidedBy.Select(Chinese), "；且")}。");

    private static string Because(ExplainedDelivery x, string colon) =>
        x.Reason?.TrimEnd('.', '。', ' ') is { Length: > 0 } reason ? colon + reason : "";

    private static string Join(IEnumerable<string> parts, string between) => string.Join(between, parts.Distinct(StringComparer.Ordinal));

    private static string English(WayCondition c) => c.Name switch
    {
        WayCondition.AnyRule => "there was no rule",
        WayCondition.Enabled => $"rule '{c.Of!.Name}' was disabled",
        WayCondition.Receiver => $"rule '{c.Of!.Name}' did not name this receiver",
        WayCondition.Person => $"the person was {c.Actual}",
        WayCondition.Group => $"group '{c.Of!.Name}' was {c.Actual}",
        WayCondition.Service => $"service '{c.Of!.Name}' was {c.Actual}",
        WayCondition.Message => $"message '{c.Of!.Name}' was {c.Actual}",
        WayCondition.Schedule => $"schedule '{c.Of!.Name}' was {c.Actual}",
        WayCondition.Reachable => $"service '{c.Of!.Name}' had no such receiver",
        WayCondition.Time => $"schedule '{c.Of!.Name}' was closed",
        WayCondition.Holiday => $"holiday '{c.Of!.Name}' paused the schedule",
        WayCondition.After => $"rule '{c.Of!.Name}' notifies {c.Actual} only",
        WayCondition.OnHoliday => $"schedule '{c.Of!.Name}' is open on holidays only",
        "shelved" => $"the alarm was {c.Actual ?? "shelved"}, and rule '{c.Of!.Name}' does not accept shelved alarms",
        _ => $"rule '{c.Of!.Name}' requires {c.Name} {c.Expected}, but it was {c.Actual ?? "absent"}",
    };

    private static string Chinese(WayCondition c) => c.Name switch
    {
        WayCondition.AnyRule => "当时没有任何规则",
        WayCondition.Enabled => $"规则“{c.Of!.Name}”已停用",
        WayCondition.Receiver => $"规则“{c.Of!.Name}”的接收人中没有该接收人",
        WayCondition.Person => $"该人员{Gone(c)}",
        WayCondition.Group => $"用户组“{c.Of!.Name}”{(c.Actual == "empty" ? "没有成员" : Gone(c))}",
        WayCondition.Service => $"通知服务“{c.Of!.Name}”{Gone(c)}",
        WayCondition.Message => $"通知内容“{c.Of!.Name}”{Gone(c)}",
        WayCondition.Schedule => $"通知日程“{c.Of!.Name}”{Gone(c)}",
        WayCondition.Reachable => $"通知服务“{c.Of!.Name}”中没有该接收人",
        WayCondition.Time => $"通知日程“{c.Of!.Name}”不在通知时段",
        WayCondition.Holiday => $"节假日“{c.Of!.Name}”暂停了通知",
        WayCondition.After => $"规则“{c.Of!.Name}”只在稍后无人响应时才通知（{c.Actual}）",
        WayCondition.OnHoliday => $"通知日程“{c.Of!.Name}”只在节假日开放",
        "shelved" => $"报警{c.ActualText?.Zh ?? "已搁置"}，而规则“{c.Of!.Name}”不通知已搁置的报警",
        _ => $"规则“{c.Of!.Name}”要求{Field(c.Name)}为 {c.ExpectedText?.Zh ?? c.Expected}，实际为 {c.ActualText?.Zh ?? c.Actual ?? "无"}",
    };

    private static string Field(string name) => name switch
    {
        "state" => "状态",
        "level" => "级别",
        "path" => "路径",
        "rule" => "报警指定的规则",
        _ => $"标签 {name["labels.".Length..]} ",
    };

    private static string Gone(WayCondition c) => c.Actual == "removed" ? "已删除" : "已停用";
}
