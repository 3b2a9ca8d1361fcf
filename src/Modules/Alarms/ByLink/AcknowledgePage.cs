using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Unicode;
using Notify.Contracts.Alarms;
using Notify.Contracts.People;
using Notify.Contracts.Rules;
using Notify.Kernel.Texts;

namespace Notify.Alarms.ByLink;

/// <summary>The reader's input so far, and its faults by field.</summary>
/// <param name="SignedIn">The name of the person who has signed in; null: the page asks for a name, unless the link belongs to one person.</param>
/// <param name="Faults">In the reader's language.</param>
public sealed record AcknowledgeForm(string? SignedIn, string Name = "", string Note = "", IDictionary<string, string[]>? Faults = null)
{
    public string? FaultOf(string field) => Faults?.TryGetValue(field, out var faults) == true ? faults[0] : null;
}

/// <summary>The page behind a link in a message: one alarm, one button. It needs neither scripts nor images, and fits a phone's screen.</summary>
public sealed class AcknowledgePage(bool chinese, string zone, DateTimeOffset now)
{
    private const string Style =
        """
        *{box-sizing:border-box}
        :root{color-scheme:light dark;--ink:#1a1d21;--quiet:#565d66;--line:#cfd3d8;--ground:#fff;--field:#fff;--act:#0b5cad;--bad:#a3200f}
        @media(prefers-color-scheme:dark){:root{--ink:#e8eaed;--quiet:#a9b0b8;--line:#454b53;--ground:#16181b;--field:#1f2226;--act:#7fb0ff;--bad:#ff9c8c}}
        body{margin:0;font:16px/1.5 "Helvetica Neue",Arial,"Noto Sans SC","PingFang SC","Microsoft YaHei",sans-serif;color:var(--ink);background:var(--ground)}
        main{max-width:40rem;margin:0 auto;padding:1rem}
        h1{font-size:1.5rem;line-height:1.25;margin:.5rem 0;overflow-wrap:anywhere}
        p{margin:.5rem 0;overflow-wrap:anywhere}
        .level{display:inline-block;padding:.1rem .6rem;border-radius:.25rem;font-weight:600;color:#fff}
        .critical{background:#a3200f}.high{background:#96480a}.medium{background:#6b5900}.low{background:#2f5d82}
        dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1rem;margin:1rem 0}
        dt{color:var(--quiet)}dd{margin:0;overflow-wrap:anywhere;white-space:pre-line;font-variant-numeric:tabular-nums}
        .said{border-left:4px solid var(--act);padding:.25rem 0 .25rem 1rem;margin:1rem 0}
        label{display:block;margin:1rem 0 .25rem;font-weight:600}
        input,textarea{width:100%;font:inherit;color:inherit;background:var(--field);border:1px solid var(--quiet);border-radius:.25rem;padding:.6rem}
        .fault{color:var(--bad);font-weight:600}
        button{width:100%;min-height:3.5rem;margin:1.25rem 0 0;font:inherit;font-size:1.25rem;font-weight:600;color:#fff;background:#0b5cad;border:0;border-radius:.4rem}
        a{color:var(--act)}a,button{touch-action:manipulation}
        p>a:only-child,footer a{display:inline-block;padding:.6rem .25rem}
        :focus-visible{outline:3px solid var(--act);outline-offset:2px}
        footer{margin-top:2rem;padding-top:.5rem;border-top:1px solid var(--line);font-size:.85rem;color:var(--quiet)}
        """;

    private static readonly HtmlEncoder encoder = HtmlEncoder.Create(UnicodeRanges.All);

    /// <summary>Permits the page's own style and form, and nothing else.</summary>
    public static readonly string ContentSecurityPolicy =
        $"default-src 'none'; style-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Style)))}'; form-action 'self'; "
        + "base-uri 'none'; frame-ancestors 'none'";

    private readonly MessageWords words = MessageWords.Of(chinese ? MessageWords.Chinese : MessageWords.English);
    private readonly StringBuilder html = new();

    /// <summary>The alarm, with the form if it can be acknowledged.</summary>
    public string Of(LinkedAlarm linked, AcknowledgeForm form) => linked switch
    {
        { State: LinkState.Expired } => Say(
            new("The link has expired", "链接已过期"), new("Open the alarm in Notify, or use the link in a newer message.", "请在 Notify 中打开该报警，或使用较新通知中的链接。")),
        { State: LinkState.Revoked } => Say(
            new("The link is no longer valid", "链接已失效"), new(
                "It was sent to one person, whose account has been disabled or removed. Nothing can be acknowledged with it.",
                "此链接仅发给一人，其账户已停用或删除，无法再通过此链接确认。")),
        { State: LinkState.Ended, Alarm: { } alarm } => Ended(alarm),
        { Alarm: { } alarm } => OfAlarm(linked, alarm, form),
        _ => Say(new("There is nothing at this link", "此链接无效"), new(
            "It may be incomplete, or the alarm is no longer kept. Copy the whole link from the message.", "链接可能不完整，或该报警已不再保留。请从通知中复制完整链接。")),
    };

    /// <summary>A drill, with the form if it waits for confirmation.</summary>
    /// <param name="done">Whether this request confirmed it.</param>
    public string Of(LinkedDrill? drill, bool done, AcknowledgeForm form)
    {
        if (drill is null) return Of(new LinkedAlarm(LinkState.Unknown), form);
        Begin($"{Word("Drill", "演练")}{Word(": ", "：")}{drill.Name}", drill.Name);
        Paragraph(Word("This is a drill; nothing has happened.", "这是演练，并无报警。"));
        if (drill.ConfirmedBy is { } by)
        {
            html.Append("<div class=\"said\" role=\"status\">\n");
            Paragraph(done ? Word($"Confirmed by {by}. Thank you.", $"已由 {by} 确认收到，谢谢。") : Word($"Already confirmed by {by}.", $"已由 {by} 确认收到。"));
            if (drill.ConfirmedAt is { } at) Paragraph(TimeOf(at));
            if (drill.Note is { } note) Paragraph(Word($"Note: {note}", $"备注：{note}"));
            html.Append("</div>\n");
        }

        html.Append("<dl>\n");
        Row(Word("Sent", "发送时间"), TimeOf(drill.StartedAt));
        if (drill.ConfirmBy is { } until) Row(Word("To be confirmed by", "确认期限"), TimeOf(until));
        html.Append("</dl>\n");
        if (drill.IsOpen) Form(
            form, needsNote: false, null, Word($"You confirm as {form.SignedIn}.", $"您将以 {form.SignedIn} 的身份确认。"),
            Word("Confirm that you were reached", "确认收到"));
        else if (drill.ConfirmedBy is null) Paragraph(Word("The drill is over; nobody confirmed it in time.", "演练已结束，未在期限内确认。"));
        return End();
    }

    /// <summary>A page that says why the reader cannot see the alarm.</summary>
    /// <param name="again">Whether opening the same link again can help.</param>
    /// <param name="signInFor">The token of the link to which the console's sign-in leads back; null: a sign-in does not help. It stands behind the
    /// <c>#</c>, which browsers send to nobody.</param>
    public string Say(BilingualText title, BilingualText text, bool again = false, string? signInFor = null)
    {
        Begin(title.In(chinese), title.In(chinese));
        Paragraph(text.In(chinese));
        if (signInFor is not null) html.Append(
            CultureInfo.InvariantCulture, $"<p><a href=\"../sign-in#to={Encode(Uri.EscapeDataString($"a/{signInFor}"))}\">{Encode(Word("Sign in", "登录"))}</a></p>\n");
        if (again) html.Append(CultureInfo.InvariantCulture, $"<p><a href=\"\">{Encode(Word("Open the link again", "重新打开链接"))}</a></p>\n");
        return End();
    }

    /// <summary>Of an occurrence that is over, or of the next one, which needs no less attention; what it says is in its own message.</summary>
    private string Ended(Alarm alarm)
    {
        var facts = alarm.Facts;
        Begin((alarm.IsActive ? Word("Active again", "再次触发") : Word("The alarm has ended", "报警已结束")) + Word(": ", "：") + NameOf(alarm), NameOf(alarm));
        LevelAndState(facts);
        html.Append("<div class=\"said\" role=\"status\">\n");
        Paragraph((alarm.IsActive, alarm.IsAcked) switch
        {
            (false, _) => Word("The alarm has ended; there is nothing to acknowledge with this link.", "报警已结束，无需再通过此链接确认。"),
            (true, true) => Word("The alarm is active again and is already acknowledged.", "该报警已再次触发，并已确认。"),
            _ => Word(
                "The alarm is active again and needs a new acknowledgement: open it in Notify, or use the link in the newer message.",
                "该报警已再次触发，需重新确认：请在 Notify 中打开，或使用较新通知中的链接。"),
        });
        html.Append("</div>\n<dl>\n");
        Row(Word("Path", "路径"), facts.Path);
        if (alarm.IsActive) Since(facts);
        else Row(Word("Ended", "结束时间"), TimeOf(facts.EventTime));
        html.Append(CultureInfo.InvariantCulture,
            $"</dl>\n<p><a href=\"../alarms/{Encode(Uri.EscapeDataString(alarm.Id))}\">{Encode(Word("Open in Notify", "在 Notify 中打开"))}</a></p>\n");
        return End();
    }

    private string OfAlarm(LinkedAlarm linked, Alarm alarm, AcknowledgeForm form)
    {
        var facts = alarm.Facts;
        var acknowledged = linked.State != LinkState.Open;
        Begin((acknowledged ? Word("Acknowledged", "已确认") : Word("Acknowledge", "确认报警")) + Word(": ", "：") + NameOf(alarm), NameOf(alarm));
        LevelAndState(facts);
        if (linked.By is { } by) Acknowledged(linked.State, by);
        html.Append("<dl>\n");
        Row(Word("Path", "路径"), facts.Path);
        Row(Word("Description", "描述"), facts.Description);
        Row(Word("Value", "值"), facts.Value);
        Since(facts);
        Row(Word("Acknowledgement", "确认方式"), ModeOf(alarm.AckMode));
        if (alarm.ShelvedUntil is { } until) Row(Word("Shelved until", "搁置至"), TimeOf(until));
        html.Append("</dl>\n");
        if (!acknowledged)
        {
            var person = form.SignedIn ?? linked.Person?.Name;
            Form(
                form, alarm.NeedsNote, linked.Person, Word($"You acknowledge as {person}.", $"您将以 {person} 的身份确认。"),
                Word("Acknowledge", "确认"));
        }

        return End();
    }

    private void LevelAndState(AlarmFacts facts)
    {
        html.Append(CultureInfo.InvariantCulture,
            $"<p><span class=\"level {facts.Level.ToString().ToLowerInvariant()}\"><span aria-hidden=\"true\">{SignOf(facts.Level)}</span> ");
        html.Append(CultureInfo.InvariantCulture, $"{Encode(words.Of(facts.Level))}</span> {Encode(words.Of(facts.State))}</p>\n");
    }

    private void Since(AlarmFacts facts)
    {
        if (facts.StartTime is { } start) Row(Word("Active since", "触发时间"), $"{TimeOf(start)}{Word(" (", "（")}{words.Duration(now - start)}{Word(")", "）")}");
        if (facts.EventTime != facts.StartTime) Row(Word("In this state since", "进入当前状态"), TimeOf(facts.EventTime));
    }

    private void Acknowledged(LinkState state, Acknowledgement by)
    {
        html.Append("<div class=\"said\" role=\"status\">\n");
        Paragraph((state, by.Name) switch
        {
            (LinkState.Done, var name) => Word($"Acknowledged by {name}. Thank you.", $"已由 {name} 确认，谢谢。"),
            (_, "") => Word("The alarm is already acknowledged.", "报警已确认。"),
            (_, var name) => Word($"Already acknowledged by {name}.", $"已由 {name} 确认。"),
        });
        if (by.At is { } at) Paragraph(TimeOf(at));
        if (by.Note.Length > 0) Paragraph(Word($"Note: {by.Note}", $"备注：{by.Note}"));
        html.Append("</div>\n");
    }

    /// <param name="own">The only person to whom the link belongs; null: it belongs to nobody in particular.</param>
    private void Form(AcknowledgeForm form, bool needsNote, LinkedPerson? own, string asPerson, string button)
    {
        html.Append("<form method=\"post\">\n");
        if (form.SignedIn is not null || own is not null)
        {
            Paragraph(asPerson);
            if (form.SignedIn is null) Paragraph(Word("This link is yours alone: do not pass it on.", "此链接仅供您本人使用，请勿转发。"));
        }
        else
        {
            Label("name", Word("Your name", "您的姓名"));
            html.Append(CultureInfo.InvariantCulture,
                $"<input id=\"name\" name=\"name\" required maxlength=\"64\" autocomplete=\"name\" value=\"{Encode(form.Name)}\"{Marks("name", form)}>\n");
            Fault("name", form);
        }

        Label("note", needsNote ? Word("Note (required)", "备注（必填）") : Word("Note (optional)", "备注（选填）"));
        var required = needsNote ? " required" : "";
        // HTML ignores a line break directly after the tag, so one is added.
        html.Append(CultureInfo.InvariantCulture,
            $"<textarea id=\"note\" name=\"note\" rows=\"3\" maxlength=\"{Acknowledge.MaxNote}\"{required}{Marks("note", form)}>\n{Encode(form.Note)}</textarea>\n");
        Fault("note", form);
        html.Append(CultureInfo.InvariantCulture, $"<button type=\"submit\">{Encode(button)}</button>\n</form>\n");
    }

    private void Begin(string title, string heading)
    {
        html.Append(CultureInfo.InvariantCulture, $"<!DOCTYPE html>\n<html lang=\"{(chinese ? "zh-CN" : "en")}\">\n<head>\n<meta charset=\"utf-8\">\n");
        html.Append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
        html.Append(CultureInfo.InvariantCulture, $"<title>{Encode(title)}</title>\n<style>{Style}</style>\n</head>\n<body>\n<main>\n");
        html.Append(CultureInfo.InvariantCulture, $"<h1>{Encode(heading)}</h1>\n");
    }

    private string End()
    {
        html.Append(CultureInfo.InvariantCulture,
            $"<footer>Notify · <a href=\"?lang={(chinese ? "en" : "zh")}\" lang=\"{(chinese ? "en" : "zh-CN")}\">{(chinese ? "English" : "中文")}</a></footer>\n");
        return html.Append("</main>\n</body>\n</html>\n").ToString();
    }

    private void Paragraph(string text) => html.Append(CultureInfo.InvariantCulture, $"<p>{Encode(text)}</p>\n");

    private void Row(string label, string text)
    {
        if (text.Length > 0) html.Append(CultureInfo.InvariantCulture, $"<dt>{Encode(label)}</dt><dd>{Encode(text)}</dd>\n");
    }

    private void Label(string field, string text) => html.Append(CultureInfo.InvariantCulture, $"<label for=\"{field}\">{Encode(text)}</label>\n");

    private void Fault(string field, AcknowledgeForm form)
    {
        if (form.FaultOf(field) is { } fault) html.Append(CultureInfo.InvariantCulture,
            $"<p class=\"fault\" id=\"{field}-fault\" role=\"alert\">{Encode(fault)}</p>\n");
    }

    private static string Marks(string field, AcknowledgeForm form) =>
        form.FaultOf(field) is null ? "" : $" aria-invalid=\"true\" aria-describedby=\"{field}-fault\"";

    private string Word(string english, string chineseText) => chinese ? chineseText : english;

    private string TimeOf(DateTimeOffset at) => $"{LocalTimes.Text(at, zone)} {zone}";

    private string ModeOf(AcknowledgeMode mode) => mode switch
    {
        AcknowledgeMode.ManualWithNote => Word("manual, with a note", "手动，须填写备注"),
        AcknowledgeMode.Manual => Word("manual", "手动"),
        _ => Word("automatic", "自动"),
    };

    private static string NameOf(Alarm alarm) => alarm.Facts.Name.Length > 0 ? alarm.Facts.Name : alarm.Id;

    private static string SignOf(AlarmLevel level) =>
        level switch { AlarmLevel.Critical => "▲", AlarmLevel.High => "◆", AlarmLevel.Medium => "●", _ => "▼" };

    private static string Encode(string text) => encoder.Encode(text);
}
