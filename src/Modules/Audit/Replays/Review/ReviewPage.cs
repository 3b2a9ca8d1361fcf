using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Notify.Kernel;
using Notify.Kernel.Texts;
using static Notify.Audit.Replays.Reports.HtmlPage;

namespace Notify.Audit.Replays.Review;

/// <summary>The parts of the HTML page around the timeline: the summary before it, the configuration that was used after it.</summary>
public static class ReviewPage
{
    private static readonly JsonSerializerOptions indented = new(NotifyJson.Options) { WriteIndented = true };

    private static readonly BilingualText[] key = [new("alarms", "报警"), new("notifications", "通知"), new("delivered", "已送达"),
        new("failed or not sent", "失败或未发送")];

    private static readonly (string Name, BilingualText Text, bool Bad)[] figures =
    [
        ("alarmsRaised", new("alarms raised", "新报警"), false),
        ("alarmChanges", new("further changes", "报警变化"), false),
        ("reportsRepeated", new("repeated reports", "重复上报"), false),
        ("reportsLate", new("late reports", "迟到上报"), false),
        ("acknowledged", new("acknowledged", "确认"), false),
        ("shelved", new("shelved", "搁置"), false),
        ("decisions", new("decisions", "通知决定"), false),
        ("nobodyToTell", new("nobody to notify", "无人可通知"), true),
        ("notifications", new("notifications", "通知"), false),
        ("delivered", new("delivered", "已送达"), false),
        ("partlyDelivered", new("partly delivered", "部分送达"), true),
        ("failed", new("failed", "失败"), true),
        ("suppressed", new("not sent", "未发送"), true),
        ("stillOpen", new("still open at the end", "时段结束时未完成"), true),
        ("attemptsFailed", new("failed attempts", "失败的发送"), true),
        ("repeats", new("repeats", "再次发送"), false),
        ("configurationChanges", new("configuration changes", "配置变更"), false),
    ];

    /// <summary>What one of the figures counts.</summary>
    public static BilingualText NameOf(string figure) => figures.First(x => x.Name == figure).Text;

    public static string Head(string language, ReplayRequested request, ReviewState state)
    {
        var zh = language == "zh";
        var filter = request.Filter;
        var html = Begin(
            language, zh ? "事件回顾" : "Incident review",
            zh ? "按记录顺序列出报警、决定、发送、确认与配置变更；配置均为当时的版本。时间为 UTC。"
                : "Alarms, decisions, deliveries, acknowledgements and changes of the configuration, in the order of the record, each with the configuration of that moment. Times are UTC.",
            [
                (zh ? "时段" : "Period", $"{Time(request.From)} – {Time(request.To)} UTC"),
                (zh ? "报警路径" : "Alarm path", filter.AlarmPath), (zh ? "规则" : "Rule", filter.RuleId), (zh ? "通知服务" : "Service", filter.ServiceId),
                (zh ? "接收人" : "Receiver", filter.Receiver), (zh ? "状态" : "Status", filter.Status),
                (zh ? "事件" : "Events", string.Create(
                CultureInfo.InvariantCulture, $"{state.Entries:N0} ({state.FirstSequence} – {state.LastSequence})")),
            ]);
        Figures(html, figures.Select(x => (x.Text.In(zh), state.Counts.GetValueOrDefault(x.Name), x.Bad)));
        Chart(html, zh, request, state);
        if (state.Receivers.Count > 0)
        {
            html.Append(CultureInfo.InvariantCulture, $"<h2>{(zh ? "接收人" : "Receivers")}</h2>\n");
            BeginTable(html, zh ? ["接收人", "#通知", "#已送达", "#失败", "#未发送", "#未完成"] : ["Receiver", "#Notifications", "#Delivered", "#Failed", "#Not sent",
                "#Still open"]);
            foreach (var (receiver, counts) in state.Receivers) NumbersRow(html, receiver, counts.Select(x => (double)x), "N0");
            EndTable(html);
        }

        html.Append(CultureInfo.InvariantCulture, $"<h2>{(zh ? "时间线" : "Timeline")}</h2>\n");
        if (state.Entries > ReviewMode.MostRows)
        {
            html.Append(zh
                ? string.Create(CultureInfo.InvariantCulture,
                    $"<p><b>仅列出前 {ReviewMode.MostRows:N0} 条，共 {state.Entries:N0} 条。</b>JSON 报告包含全部；也可缩短时段或加过滤条件。</p>\n")
                : string.Create(CultureInfo.InvariantCulture,
                    $"<p><b>The first {ReviewMode.MostRows:N0} of {state.Entries:N0} entries.</b> The JSON report contains all of them; for fewer, use a shorter period or a filter.</p>\n"));
        }

        BeginTable(html, zh ? ["时间（UTC）", "", "报警或资源", "内容", "#序号"] : ["Time (UTC)", "", "Alarm or resource", "What happened", "#Sequence"]);
        return html.ToString();
    }

    public static string Tail(string language, ReviewState state, List<UsedConfiguration> used)
    {
        var zh = language == "zh";
        var html = new StringBuilder();
        EndTable(html);
        if (used.Count > 0)
        {
            html.Append(CultureInfo.InvariantCulture, $"<h2>{(zh ? "当时使用的配置" : "The configuration that was used")}</h2>\n");
            BeginTable(html, zh ? ["名称", "版本", "自（UTC）", "修改者", "设置"] : ["Name", "Version", "Since (UTC)", "By", "Settings"]);
            foreach (var x in used)
            {
                var data = ReviewEntry.Shown(x.Data);
                html.Append(CultureInfo.InvariantCulture,
                    $"<tr><td>{Escape((string?)data["name"])}<br><span class=\"quiet\">{Escape(x.Id)}</span></td><td class=\"n\">{x.Version}</td>");
                html.Append(CultureInfo.InvariantCulture, $"<td class=\"t\">{Time(x.At)}</td><td class=\"k\">{Escape(x.By.Name)}</td><td>");
                if (x.ApprovedBy is not null)
                    html.Append(CultureInfo.InvariantCulture, $"<span class=\"quiet\">{Escape(ReviewRow.ApprovalText(x.ApprovedBy, zh))}</span>");
                html.Append(CultureInfo.InvariantCulture,
                    $"<pre>{Escape((data["settings"] as JsonObject)?.ToJsonString(indented))}</pre></td></tr>\n");
            }

            EndTable(html);
        }

        return html.Append(End(zh
            ? "序号是事件在历史中的位置：/api/v1/audit 按序号给出完整记录。相同时段与条件的回顾，每次生成的内容逐字节相同。"
            : "The sequence is an event's position in the history; /api/v1/audit shows each in full. A review of the same period with the same filter is byte-for-byte identical each time.")).ToString();
    }

    private static void Chart(StringBuilder html, bool zh, ReplayRequested request, ReviewState state)
    {
        const int Width = 720;
        const int Height = 90;
        var highest = Math.Max(1, state.Timeline.Max(x => x.Max()));
        html.Append(CultureInfo.InvariantCulture, $"<svg viewBox=\"0 0 {Width} {Height + 14}\" role=\"img\">");
        foreach (var (i, bucket) in state.Timeline.Index())
        {
            foreach (var (series, count) in bucket.Index())
            {
                var height = count == 0 ? 0 : Math.Max(1.5, (double)count / highest * (Height - 6));
                if (height > 0) html.Append(CultureInfo.InvariantCulture,
                    $"<rect class=\"b{series}\" x=\"{(i * 12) + (series * 2.6):0.#}\" y=\"{Height - height:0.#}\" width=\"2.4\" height=\"{height:0.#}\"/>");
            }
        }

        html.Append(CultureInfo.InvariantCulture,
            $"<line x1=\"0\" y1=\"{Height}\" x2=\"{Width}\" y2=\"{Height}\" stroke=\"#1a1d21\"/><text x=\"0\" y=\"{Height + 11}\">{Time(request.From)}</text>");
        html.Append(CultureInfo.InvariantCulture,
            $"<text x=\"{Width}\" y=\"{Height + 11}\" text-anchor=\"end\">{Time(request.To)}</text><text x=\"0\" y=\"8\">{highest:N0}</text></svg>\n");
        html.Append("<p class=\"key\">");
        foreach (var (i, label) in key.Index())
            html.Append(CultureInfo.InvariantCulture, $"<i class=\"k{i}\"></i>{label.In(zh)}");
        html.Append("</p>\n");
    }
}
