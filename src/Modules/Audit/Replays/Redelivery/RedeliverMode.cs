using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Notify.Audit.Replays.Reports;
using Notify.Audit.Replays.Review;
using Notify.Contracts;
using Notify.Contracts.Replays;
using Notify.Kernel;
using Notify.Kernel.Resources;
using Wolverine;
using Wolverine.Runtime;
using static Notify.Audit.Replays.Reports.HtmlPage;

namespace Notify.Audit.Replays.Redelivery;

/// <summary>
/// Resends notifications, a few at a time. The Delivery module sends; this mode counts. The next ones start only when earlier ones have ended, so
/// that live alarms are not delayed, and a cancellation leaves the rest unsent.
/// </summary>
public sealed class RedeliverMode(IWolverineRuntime runtime, ReviewReader reader) : IReplayMode
{
    private const int MostOpen = 20;
    private static readonly TimeSpan pause = TimeSpan.FromMilliseconds(500);

    private sealed class State
    {
        public long Position { get; set; }
        [JsonPropertyName("steps")]
        public int LastPart { get; set; }
        public long Taken { get; set; }
        public long LeftOut { get; set; }
        public List<string> Open { get; set; } = [];
        public SortedDictionary<string, long> Outcomes { get; set; } = new(StringComparer.Ordinal);
    }

    public ReplayMode Mode => ReplayMode.Redeliver;

    public async Task<ReplayChunk> NextAsync(Replay replay, byte[]? state, CancellationToken cancellation)
    {
        var request = replay.Request;
        var current = state is null ? new State() : JsonSerializer.Deserialize<State>(state, NotifyJson.Options)!;
        var by = new Requester(
            replay.RequestedBy.Id, replay.RequestedBy.Name, replay.RequestedBy.Kind, replay.CorrelationId, null, request.Reason, null);
        var answer = await new MessageBus(runtime).InvokeAsync<NotificationsRedelivered>(
            new RedeliverNotifications(
            replay.Id, request.From, request.To, current.Position, request.Filter, request.ServiceId, current.Open, MostOpen, by), cancellation);

        foreach (var ended in answer.Ended) current.Outcomes[ended.Status] = current.Outcomes.GetValueOrDefault(ended.Status) + 1;
        current.Open = [.. current.Open.Except(answer.Ended.Select(x => x.NotificationId), StringComparer.Ordinal),
            .. answer.Taken.Where(x => x.NotificationId is not null).Select(x => x.NotificationId!)];
        var (json, rows) = (new StringBuilder(), new StringBuilder());
        foreach (var x in answer.Taken)
        {
            json.Append(current.Taken++ == 0 ? "\n" : ",\n").Append(JsonSerializer.Serialize(x, NotifyJson.Options));
            if (x.LeftOut is not null) current.LeftOut++;
            rows.Append(CultureInfo.InvariantCulture,
                $"<tr><td class=\"t\">{Time(x.RequestedAt)}</td><td>{Escape(x.AlarmName)}</td><td>{Escape(x.Receivers)}</td>");
            rows.Append(CultureInfo.InvariantCulture, $"<td>{Escape(x.ReplayOf)}</td><td>{Escape(x.NotificationId ?? x.LeftOut)}</td></tr>\n");
        }

        current.Position = answer.Position;
        var parts = new List<ReportPart>();
        if (answer.Taken.Count > 0)
        {
            current.LastPart++;
            parts.Add(new(ReportPart.Json, current.LastPart, Encoding.UTF8.GetBytes(json.ToString())));
            parts.AddRange(HtmlPage.Languages.Select(
                x => new ReportPart(ReportPart.Html(x), current.LastPart, Encoding.UTF8.GetBytes(rows.ToString()))));
        }

        var done = current.Outcomes.Values.Sum() + current.LeftOut;
        var total = current.Taken + answer.Remaining;
        if (answer.Remaining > 0 || current.Open.Count > 0)
            return new(JsonSerializer.SerializeToUtf8Bytes(current, NotifyJson.Options), done, total, parts, Wait: pause);

        var result = new JsonObject
        {
            ["notifications"] = current.Taken,
            ["sent"] = current.Taken - current.LeftOut,
            ["leftOut"] = current.LeftOut,
            ["outcomes"] = JsonSerializer.SerializeToNode(current.Outcomes, NotifyJson.Options),
        };
        var approver = await reader.ApproverAsync(replay.Id, cancellation);
        var head = new JsonObject
        {
            ["report"] = "redeliver",
            ["replayId"] = replay.Id,
            ["from"] = JsonSerializer.SerializeToNode(request.From, NotifyJson.Options),
            ["to"] = JsonSerializer.SerializeToNode(request.To, NotifyJson.Options),
            ["filter"] = JsonSerializer.SerializeToNode(request.Filter, NotifyJson.Options),
            ["reason"] = request.Reason,
            ["approvedBy"] = approver is null ? null : JsonSerializer.SerializeToNode(approver, NotifyJson.Options),
            ["summary"] = result.DeepClone(),
        }.ToJsonString(NotifyJson.Options);
        parts.Add(new(ReportPart.Json, 0, Encoding.UTF8.GetBytes($"{head[..^1]},\"notifications\":[")));
        parts.Add(new(ReportPart.Json, ReportPart.Tail, "\n]}\n"u8.ToArray()));
        foreach (var language in HtmlPage.Languages)
        {
            parts.Add(new(ReportPart.Html(language), 0, Encoding.UTF8.GetBytes(Head(language, replay, approver, current))));
            parts.Add(new(ReportPart.Html(language), ReportPart.Tail, Encoding.UTF8.GetBytes(Tail(language))));
        }

        return new(JsonSerializer.SerializeToUtf8Bytes(current, NotifyJson.Options), done, total, parts, result);
    }

    private static string Head(string language, Replay replay, Approver? approver, State state)
    {
        var zh = language == "zh";
        var html = Begin(
            language, zh ? "补发" : "Redelivery",
            zh ? "再次发送以前的通知，正文注明为补发及原时间。时间为 UTC。" : "Notifications sent again; each says that it is a repeat, and the original time. Times are UTC.",
            [
                (zh ? "时段" : "Period", $"{Time(replay.Request.From)} – {Time(replay.Request.To)} UTC"), (zh ? "原因" : "Reason", replay.Request.Reason),
                (zh ? "申请人" : "Requested by", replay.RequestedBy.Name), (zh ? "申请时间" : "Requested at", Time(replay.RequestedAt)),
                (zh ? "审批" : "Approval", approver is null ? null : ReviewRow.ApprovalText(approver, zh)),
                ("Replay", replay.Id),
            ]);
        Figures(html, state.Outcomes.Select(x => (x.Key, x.Value, x.Key != "Delivered")).Prepend((zh ? "未补发" : "left out", state.LeftOut, true))
            .Prepend((zh ? "通知" : "notifications", state.Taken, false)));
        html.Append(CultureInfo.InvariantCulture, $"<h2>{(zh ? "通知" : "Notifications")}</h2>\n");
        BeginTable(html, zh ? ["原时间（UTC）", "报警", "接收人", "原通知", "补发的通知，或未补发的原因"] : ["Originally (UTC)", "Alarm", "Receivers", "Original",
            "Repeat, or why there is none"]);
        return html.ToString();
    }

    private static string Tail(string language)
    {
        var html = new StringBuilder();
        EndTable(html);
        return html.Append(End(language == "zh" ? "每条通知的记录见 /api/v1/notifications/{id}。" : "/api/v1/notifications/{id} shows each in full."))
            .ToString();
    }
}
