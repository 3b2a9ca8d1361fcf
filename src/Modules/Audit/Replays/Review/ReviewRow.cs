using System.Globalization;
using System.Text;
using System.Text.Json;
using Notify.Audit.History;
using Notify.Kernel;
using Notify.Kernel.Resources;
using Notify.Kernel.Texts;
using static Notify.Audit.Replays.Reports.HtmlPage;

namespace Notify.Audit.Replays.Review;

/// <summary>One line of the timeline for people.</summary>
public static class ReviewRow
{
    /// <param name="summary">What the history says of the event.</param>
    public static void Write(StringBuilder html, string language, ReviewEvent e, ReviewSubject? subject, IReadOnlyList<FieldChange>? changes, BilingualText summary)
    {
        var zh = language == "zh";
        var (tag, label, detail) = Describe(e, subject, changes, summary.In(zh), zh);
        var alarm = subject?.AlarmName ?? e.Text("alarmName") ?? (e.IsConfiguration ? e.Text("name") : null);
        html.Append(CultureInfo.InvariantCulture, $"<tr><td class=\"t\">{Time(e.At)}</td><td class=\"k\"><span class=\"tag {tag}\">{Escape(label)}</span></td><td class=\"a\">");
        html.Append(Escape(alarm));
        if (!string.IsNullOrEmpty(subject?.AlarmPath)) html.Append(CultureInfo.InvariantCulture, $"<br><span class=\"quiet\">{Escape(subject.AlarmPath)}</span>");
        html.Append(CultureInfo.InvariantCulture, $"</td><td>{detail}</td><td class=\"s\">{e.Sequence}</td></tr>\n");
    }

    private static (string Tag, string Label, string Detail) Describe(ReviewEvent e, ReviewSubject? subject, IReadOnlyList<FieldChange>? changes, string summary, bool zh) => e.Type switch
    {
        "alarms.alarm_reported.v1" => ("alarm", e.Text("late") == "true" ? zh ? "迟到上报" : "Late report" : zh ? "报警" : "Alarm", Join(Word(e, "state", zh), Word(e, "level", zh), e.Text("value"), e.Text("description"))),
        "alarms.report_repeated.v1" => ("alarm", zh ? "重复上报" : "Repeated report", Join(
            Word(e, "state", zh), Moment(e, "eventTime"), $"{e.Text("times")}×", $"{(zh ? "同版本" : "the same as version")} {e.Text("repeats")}")),
        "alarms.alarm_expired.v1" => ("alarm", zh ? "超时清除" : "Expired", ""),
        "alarms.alarm_acknowledged.v1" => ("people", zh ? "确认" : "Acknowledged", Join(e.Text("by"), e.Text("note"))),
        "alarms.alarm_shelved.v1" => ("people", zh ? "搁置" : "Shelved", Join(Who(e), e.Text("reason"), $"{(zh ? "至" : "until")} {Moment(e, "until")}")),
        "alarms.alarm_unshelved.v1" => ("people", zh ? "取消搁置" : "Unshelved", Who(e)),
        "rules.alarm_decided.v1" => Decision(e, zh),
        "delivery.notification_requested.v1" => ("decision", zh ? "通知" : "Notification", Request(e, subject, zh)),
        "delivery.notification_suppressed.v1" => ("bad", zh ? "未发送" : "Not sent", Join(subject?.Receivers, Reason(e.Text("reason"), zh))),
        "delivery.attempt_started.v1" => ("decision", zh ? "发送" : "Attempt", Join(
            subject?.Receivers, $"{(zh ? "第" : "no.")} {e.Text("number")}{(zh ? " 次" : "")}", e.Text("mergedInto") is { } into ? $"{(zh ? "合并于" : "merged into")} {into}" : null)),
        "delivery.attempt_succeeded.v1" => Succeeded(e, subject, zh),
        AuditModule.DeadLetterFoundEvent => ("bad", zh ? "内部消息处理失败" : "Dead letter", Join(Concerned(e), e.Text("fault"), e.Text("detail"))),
        "delivery.notification_failed.v1" => ("bad", zh ? "无法生成" : "Failed in Notify", Join(subject?.Receivers, e.Text("stage"), e.Text("reason"))),
        "delivery.attempt_failed.v1" => ("bad", zh ? "发送失败" : "Attempt failed", Join(subject?.Receivers, e.Text("platformCode"), e.Text("platformMessage"), Again(e, zh))),
        "delivery.attempt_outcome_unknown.v1" => ("bad", zh ? "结果未知" : "Outcome unknown", Join(subject?.Receivers, e.Text("why"), Again(e, zh))),
        "delivery.notification_dismissed.v1" => ("people", zh ? "忽略" : "Dismissed", Join(Who(e), e.Text("reason"))),
        "delivery.notification_resent.v1" => ("people", zh ? "重发" : "Resent", Join(Who(e), e.Text("as"))),
        "delivery.notification_cancelled.v1" => ("people", zh ? "取消" : "Cancelled", Join(Who(e), e.Text("reason"))),
        "delivery.lane_blocked.v1" => ("bad", zh ? "通道受阻" : "Blocked", Escape(summary)),
        "delivery.lane_mended.v1" => ("ok", zh ? "通道恢复" : "Resumed", Escape(summary)),
        "delivery.test_requested.v1" or "delivery.test_sent.v1" => ("people", zh ? "测试" : "Test", $"{Escape(summary)} {Who(e)}"),
        _ when e.IsConfiguration => Configuration(e, changes ?? [], summary, zh),
        _ => ("decision", zh ? "其他" : "Other", $"{Escape(summary)} {Who(e)}"),
    };

    private static string Concerned(ReviewEvent e) =>
        string.Join("; ", e.Json.GetProperty("alarms").EnumerateArray().Select(x => $"{x.GetProperty("alarmPath").GetString()}/{x.GetProperty("alarmName").GetString()}".TrimStart('/')));

    private static (string, string, string) Decision(ReviewEvent e, bool zh)
    {
        if (e.Text("nobody") is { } nobody) return ("bad", zh ? "无人可通知" : "Nobody", Escape(Reason(nobody, zh)));
        var told = e.Json.GetProperty("notifications").EnumerateArray().Select(x =>
            $"{Escape(string.Join(", ", ReviewEntry.Receivers(x)))}{(x.TryGetProperty("suppressed", out var why) ? $" <span class=\"quiet\">({Escape(Reason(why.GetString(), zh))})</span>" : "")}");
        return ("decision", zh ? "决定" : "Decision", $"{string.Join("; ", told)} <span class=\"quiet\">{(zh ? "配置" : "configuration")} {e.Text("configurationVersion")}</span>");
    }

    private static string Request(ReviewEvent e, ReviewSubject? subject, bool zh)
    {
        string Ref(string name) => e.Json.TryGetProperty(name, out var x) ? $"{x.GetProperty("name").GetString()} v{x.GetProperty("version").GetInt64()}" : "";
        var text = e.Json.GetProperty("content").GetProperty("text").GetString();
        var repeat = e.Text("replayOf") is { } of ? $"<br>{(zh ? "重发自" : "Repeats")} {Escape(of)}" : "";
        return $"{Escape(subject?.Receivers)}<br><span class=\"quiet\">{Escape($"{Ref("rule")} · {Ref("service")} · {Ref("message")} · {Ref("schedule")}")}</span>{repeat}<pre>{Escape(text)}</pre>";
    }

    private static (string, string, string) Succeeded(ReviewEvent e, ReviewSubject? subject, bool zh)
    {
        var failed = e.Json.GetProperty("failedReceivers").EnumerateArray()
            .Select(x => $"{x.GetProperty("account").GetString()}: {(x.TryGetProperty("reason", out var why) ? why.GetString() : "?")}").ToList();
        return failed.Count == 0 ? ("ok", zh ? "已送达" : "Delivered", Join(subject?.Receivers))
            : ("bad", zh ? "部分送达" : "Partly delivered", Join(subject?.Receivers, $"{(zh ? "未送达" : "not to")} {string.Join(", ", failed)}"));
    }

    private static (string, string, string) Configuration(ReviewEvent e, IReadOnlyList<FieldChange> changes, string summary, bool zh)
    {
        var differences = changes.Select(x =>
            $"<br>{Escape(x.Path)}: <span class=\"was\">{Escape(x.From?.ToJsonString(NotifyJson.Options))}</span> <span class=\"is\">{Escape(x.To?.ToJsonString(NotifyJson.Options))}</span>");
        return ("config", zh ? "配置" : "Configuration",
            $"{Escape(summary)} <span class=\"quiet\">{Escape(e.StreamId)} v{e.Version}</span> {Who(e)}{string.Concat(differences)}");
    }

    private static string? Again(ReviewEvent e, bool zh) => e.Text("retryAt") is not null ? $"{(zh ? "将于" : "again at")} {Moment(e, "retryAt")}{(zh ? " 重试" : "")}" : zh ? "不再重试" : "not tried again";

    private static string? Word(ReviewEvent e, string field, bool zh) => e.Text(field) is { } code ? SummaryWords.Of(code, zh) : null;

    private static string? Moment(ReviewEvent e, string field) =>
        e.Text(field) is { } text ? Instants.TryParseFine(text, out var at) ? Time(at) : text : null;

    private static string Who(ReviewEvent e)
    {
        var actor = ReviewEntry.ActorOf(e.UserName, e.Headers);
        return actor.Kind == Actor.SystemKind ? "" : Join(actor.Name, ReviewEntry.Header(e.Headers, AuditContext.ReasonHeader));
    }

    private static string Join(params string?[] parts) => string.Join(" · ", parts.Where(x => !string.IsNullOrEmpty(x)).Select(Escape));

    public static string Reason(string? code, bool zh) => code is null ? "" : CodeWords.Of(code)?.In(zh) ?? code;
}
