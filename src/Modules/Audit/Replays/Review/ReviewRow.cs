using System.Globalization;
using System.Text;
using Notify.Audit.History;
using Notify.Kernel;
using Notify.Kernel.Resources;
using Notify.Kernel.Reviewing;
using Notify.Kernel.Texts;
using static Notify.Audit.Replays.Reports.HtmlPage;

namespace Notify.Audit.Replays.Review;

/// <summary>Writes a row of the timeline as HTML, with the text that the event's module provides.</summary>
public static class ReviewRow
{
    private static readonly Dictionary<ReviewTag, string> styles = new()
    {
        [ReviewTag.Alarm] = "alarm",
        [ReviewTag.People] = "people",
        [ReviewTag.Decision] = "decision",
        [ReviewTag.Ok] = "ok",
        [ReviewTag.Bad] = "bad",
        [ReviewTag.Configuration] = "config",
    };

    /// <param name="summary">The event's summary in the history.</param>
    public static void Write(
        StringBuilder html, string language, ReviewEvent e, ReviewSubject? subject, IReadOnlyList<FieldChange>? changes, Approver? approver,
        BilingualText summary)
    {
        var zh = language == "zh";
        var say = new ReviewVoice(zh, summary.In(zh), Who(e, zh), Time);
        var line = (e.Description is { } type && e.As(type.ClrType) is { } content ? type.LineOf(content, subject, say) : null)
            ?? Undescribed(e, say);
        var alarm = subject?.AlarmName ?? line.AlarmName ?? (e.IsConfiguration ? e.Field("name")?.ToString() : null);
        html.Append(CultureInfo.InvariantCulture,
            $"<tr><td class=\"t\">{Time(e.Row.At)}</td><td class=\"k\"><span class=\"tag {styles[line.Tag]}\">{Escape(line.Label)}</span></td><td class=\"a\">");
        html.Append(Escape(alarm));
        if (!string.IsNullOrEmpty(subject?.AlarmPath)) html.Append(
            CultureInfo.InvariantCulture, $"<br><span class=\"quiet\">{Escape(subject.AlarmPath)}</span>");
        html.Append("</td><td>");
        foreach (var text in line.Texts) html.Append(Html(text));
        foreach (var x in changes ?? [])
        {
            html.Append(CultureInfo.InvariantCulture,
                $"<br>{Escape(x.Path)}: <span class=\"was\">{Escape(x.From?.ToJsonString(NotifyJson.Options))}</span>");
            html.Append(CultureInfo.InvariantCulture, $" <span class=\"is\">{Escape(x.To?.ToJsonString(NotifyJson.Options))}</span>");
        }

        if (approver is not null) html.Append(CultureInfo.InvariantCulture, $"<br><span class=\"quiet\">{Escape(ApprovalText(approver, zh))}</span>");
        html.Append(CultureInfo.InvariantCulture, $"</td><td class=\"s\">{e.Row.Sequence}</td></tr>\n");
    }

    /// <summary>Who approved it and what was signed: names, meanings, instants, and the proposal's id.</summary>
    public static string ApprovalText(Approver approver, bool zh)
    {
        var signatures = string.Join(zh ? "、" : ", ", approver.Signatures.Select(x => zh
            ? $"{x.DisplayName}（{SummaryWords.Of(x.Meaning, zh)}，{Time(x.SignedAt)}，{x.Hash[..Math.Min(16, x.Hash.Length)]}）"
            : $"{x.DisplayName} ({SummaryWords.Of(x.Meaning, zh)} {Time(x.SignedAt)}, {x.Hash[..Math.Min(16, x.Hash.Length)]})"));
        return zh
            ? $"批准人：{approver.Name}{(signatures.Length == 0 ? "" : $"，签名：{signatures}")}，审批单 {approver.Proposal}"
            : $"approved by {approver.Name}{(signatures.Length == 0 ? "" : $", signed by {signatures}")}, {approver.Proposal}";
    }

    private static ReviewLine Undescribed(ReviewEvent e, ReviewVoice say) => e.IsConfiguration
        ? new(ReviewTag.Configuration, say.Say("Configuration", "配置"), say.Summary, " ",
            ReviewText.Quiet(string.Create(CultureInfo.InvariantCulture, $"{e.Row.StreamId} v{e.Row.Version}")), " ", say.By)
        : new(ReviewTag.Decision, say.Say("Other", "其他"), $"{say.Summary} {say.By}");

    private static string Html(ReviewText text) => text.Style switch
    {
        ReviewStyle.Quiet => $"<span class=\"quiet\">{Escape(text.Text)}</span>",
        ReviewStyle.NewLine => "<br>",
        ReviewStyle.Block => $"<pre>{Escape(text.Text)}</pre>",
        _ => Escape(text.Text),
    };

    private static string Who(ReviewEvent e, bool zh)
    {
        var actor = ReviewEntry.ActorOf(e.Row.UserName, e.Row.Headers);
        if (actor.Kind == Actor.SystemKind) return "";
        var emergency = ReviewEntry.Header(e.Row.Headers, AuditContext.EmergencyHeader) is { } id ? zh ? $"应急变更 {id}，未经审批" : $"without approval, in {id}" : null;
        return ReviewText.Join(actor.Name, ReviewEntry.Header(e.Row.Headers, AuditContext.ReasonHeader), emergency).Text!;
    }
}
