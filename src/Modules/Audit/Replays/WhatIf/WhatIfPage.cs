using System.Globalization;
using System.Text;
using Notify.Audit.History;
using Notify.Contracts.Replays;
using Notify.Contracts.Rules;
using static Notify.Audit.Replays.Reports.HtmlPage;

namespace Notify.Audit.Replays.WhatIf;

public static class WhatIfPage
{
    public static string Head(string language, ReplayRequested request, WhatIfState state)
    {
        var zh = language == "zh";
        var filter = request.Filter;
        var html = Begin(
            language, zh ? "假设分析" : "What if",
            zh ? "用另一套规则重新判断已记录的报警：谁会多收到、少收到、晚收到。未发送任何内容。时间为 UTC。"
                : "The recorded alarms, decided again with other rules: who would have been notified more, less or later. Nothing was sent. Times are UTC.",
            [
                (zh ? "时段" : "Period", $"{Time(request.From)} – {Time(request.To)} UTC"),
                (zh ? "配置" : "Configuration", string.Create(CultureInfo.InvariantCulture, $"{request.ConfigurationVersion}")),
                (zh ? "规则草稿" : "Drafts", request.Rules is null ? null : string.Join(
                ", ", request.Rules.Select(x => (string?)(x["name"] ?? x["id"])))),
                (zh ? "报警路径" : "Alarm path", filter.AlarmPath), (zh ? "规则" : "Rule", filter.RuleId), (zh ? "通知服务" : "Service", filter.ServiceId),
                (zh ? "接收人" : "Receiver", filter.Receiver),
            ]);
        Figures(html,
        [
            (zh ? "决定" : "decisions", state.Decisions, false), (zh ? "不同" : "different", state.Different, false),
            (zh ? "多通知" : "notified more", state.Receivers.Values.Sum(x => x.More), false),
            (zh ? "少通知" : "notified less", state.Receivers.Values.Sum(x => x.Less), true),
            (zh ? "更晚得知" : "notified later", state.Receivers.Values.Sum(x => x.Later), true),
            (zh ? "不再通知" : "no longer notified", state.Receivers.Values.Sum(x => x.NoLonger), true),
        ]);
        html.Append(CultureInfo.InvariantCulture, $"<h2>{(zh ? "接收人" : "Receivers")}</h2>\n");
        BeginTable(html, zh
            ? ["接收人", "#当时的通知", "#其中后续通知", "#假设的通知", "#其中后续通知", "#多", "#少", "#更早得知", "#更晚得知", "#最长延迟（秒）", "#不再通知", "#新增通知"]
            :
            [
                "Receiver", "#Notifications then", "#Of these later", "#Would be", "#Of these later", "#More", "#Less", "#Alarms sooner", "#Later",
                "#Longest delay (s)", "#No longer", "#Newly",
            ]);
        foreach (var (receiver, x) in state.Receivers)
            NumbersRow(
                html, receiver,
                [
                    x.Recorded, x.RecordedSteps, x.WouldBe, x.WouldBeSteps, x.More, x.Less, x.Sooner, x.Later, x.LongestDelaySeconds, x.NoLonger,
                    x.Newly,
                ], "#,0.#");
        EndTable(html);
        html.Append(CultureInfo.InvariantCulture, $"<h2>{(zh ? "不同的决定" : "Decisions that would differ")}</h2>\n");
        if (state.Different > WhatIfMode.MostRows)
        {
            html.Append(zh
                ? string.Create(CultureInfo.InvariantCulture,
                    $"<p><b>仅列出前 {WhatIfMode.MostRows:N0} 条，共 {state.Different:N0} 条。</b>JSON 报告包含全部。</p>\n")
                : string.Create(CultureInfo.InvariantCulture,
                    $"<p><b>The first {WhatIfMode.MostRows:N0} of {state.Different:N0}.</b> The JSON report has all of them.</p>\n"));
        }

        BeginTable(html, zh ? ["时间（UTC）", "报警", "接收人：当时 → 假设", "#序号"] : ["Time (UTC)", "Alarm", "Receiver: then → would be", "#Sequence"]);
        return html.ToString();
    }

    public static void Row(StringBuilder html, string language, ComparedDecision x)
    {
        var zh = language == "zh";
        var nobody = zh ? "不通知" : "not notified";
        html.Append(CultureInfo.InvariantCulture,
            $"<tr><td class=\"t\">{Time(x.At)}</td><td>{Escape(x.AlarmName)} <span class=\"quiet\">{SummaryWords.Of(x.Level.ToString(), zh)} · {SummaryWords.Of(x.State.ToString(), zh)}<br>{Escape(x.AlarmPath)}</span></td><td>");
        foreach (var receiver in x.Receivers.Where(r => !r.Recorded.SequenceEqual(r.WouldBe, StringComparer.Ordinal)))
        {
            html.Append(CultureInfo.InvariantCulture,
                $"{Escape(receiver.Receiver)}: <span class=\"was\">{Escape(receiver.Recorded.Count == 0 ? nobody : string.Join(", ", receiver.Recorded))}</span> → ");
            html.Append(CultureInfo.InvariantCulture,
                $"<span class=\"is\">{Escape(receiver.WouldBe.Count == 0 ? nobody : string.Join(", ", receiver.WouldBe))}</span><br>");
        }

        foreach (var step in (x.Steps ?? []).Where(s => s.Recorded != s.WouldBe))
        {
            html.Append(CultureInfo.InvariantCulture,
                $"{Escape(step.Receiver)}: {KindOf(step)}{(step.Number == 0 ? "" : $" {step.Number}")} ({Escape(step.Rule)}) ");
            html.Append(CultureInfo.InvariantCulture,
                $"<span class=\"was\">{TimeOf(step.Recorded)}</span> → <span class=\"is\">{TimeOf(step.WouldBe)}</span>{(step.Why is { } why ? $" <span class=\"quiet\">{Escape(OtherWayWords.Because(why, step.Reason).In(zh))}</span>" : "")}<br>");
        }

        html.Append(CultureInfo.InvariantCulture, $"</td><td class=\"s\">{x.Sequence}</td></tr>\n");

        string TimeOf(DateTimeOffset? at) => at is { } known ? Time(known) : nobody;

        string KindOf(ComparedStep step) => step.Kind switch
        {
            StepKind.Escalation => SummaryWords.Of("escalation", zh),
            StepKind.Reminder => SummaryWords.Of("reminder", zh),
            _ => SummaryWords.Of("otherwise", zh),
        };
    }

    public static string Tail(string language)
    {
        var html = new StringBuilder();
        EndTable(html);
        return html.Append(End(language == "zh"
            ? "搁置与日程按报警当时的时刻判断；重复上报的报警只计一次。升级与提醒按记录中的确认与变化推算，备用途径按记录中的发送结果推算，仅限时段内到期的。"
            : "Shelving and schedules apply as they were at the alarm's own instant; a repeated report counts once. "
                + "Escalations and reminders follow the acknowledgements and changes on record, other ways what the platforms answered then, "
                + "as far as they were due in the period.")).ToString();
    }
}
