using System.Text;
using System.Text.Json;
using Notify.Channels.Messages;
using Notify.Channels.Sending;
using Notify.Contracts.Rules;

namespace Notify.Channels.WeCom;

/// <summary>Those of WeCom's message types that Notify uses.</summary>
internal sealed class WeComMessages : IChannelMessages
{
    public static readonly WeComMessages Instance = new();

    private static readonly ChatFormat text = WeComFormat.Of(WeComFormats.Text);

    public IReadOnlyList<IMessageFormat> Formats => WeComFormat.All;
    public bool TakesMentions => true;

    public IReadOnlyList<FormatLimit> Limits { get; } =
    [
        .. from kind in (string[])[WeComSettings.Bot, WeComSettings.Account]
           from format in WeComFormat.All
           let robot = kind == WeComSettings.Bot
           let sentAs = WeComFormats.Choose(robot, format.Name, "", link: new("https://notify.invalid")).Format
           select sentAs == WeComFormats.TemplateCard
               ? new FormatLimit(format.Name, kind, Characters: WeComFormats.CardCharacters(robot).Title + WeComFormats.CardCharacters(robot).Text)
               : new FormatLimit(format.Name, kind, WeComFormats.LimitBytes(robot, sentAs)),
    ];

    public int TestBytes => WeComFormats.LimitBytes(robot: false, WeComFormats.Text);

    public IReadOnlyList<MessagePlan> Plan(RenderedMessage message, Uri link) =>
    [
        Plan(WeComSettings.Bot, RobotMessage.Plan(message, link)),
        Plan(WeComSettings.Account, AppMessage.Plan(1, ["sample"], message, link)),
    ];

    public RenderedMessage WordsOf(INotice notice, MessageForm form, Uri link) =>
        form >= MessageForm.Minimal ? OwnWords.InPlaceOfRefused(notice, link, calls: IsForRobot(notice), text, this)
        : string.IsNullOrWhiteSpace(notice.Content.Text) ? OwnWords.InPlaceOfNothing(notice, text)
        : notice.Content;

    public (RenderedMessage Words, int Count)? Merge(IReadOnlyList<IUnsent> waiting)
    {
        var first = waiting[0].Notice;
        var robot = IsForRobot(first);
        // Mentions everybody whom one of them mentions; only text can mention everyone and mobile numbers in the same message.
        var plain = !robot || first.Content.Format == WeComFormats.Text || waiting.Any(x => x.Form >= MessageForm.PlainText)
            || waiting.Any(x => x.Notice.Content.Mentions.Accounts.Count + x.Notice.Content.Mentions.Mobiles.Count > 0);
        var format = plain ? WeComFormats.Text : WeComFormats.Markdown;
        var limit = WeComFormats.LimitBytes(robot, format) / (waiting.Any(x => x.Form > MessageForm.AsWritten) ? 2 : 1);
        return MergedText.Of([.. waiting.Select(x => x.Notice)], WeComFormat.Of(format), limit, calls: robot, this);
    }

    public RenderedMessage List(IReadOnlyList<INotice> notices, string heading)
    {
        var robot = IsForRobot(notices[0]);
        return MergedText.All(
            notices, text, WeComFormats.LimitBytes(robot, WeComFormats.Text) - Encoding.UTF8.GetByteCount(heading), calls: robot, this);
    }

    private static bool IsForRobot(INotice notice) => notice.Receivers[0].Kind == WeComSettings.Bot;

    private static MessagePlan Plan(string receiverKind, IReadOnlyList<WeComPayload> payloads)
    {
        var (robot, format) = (receiverKind == WeComSettings.Bot, payloads[0].Format);
        var isCard = format == WeComFormats.TemplateCard;
        var (title, text) = WeComFormats.CardCharacters(robot);
        return new MessagePlan(
            receiverKind, format, isCard
            ? null : WeComFormats.LimitBytes(robot, format), isCard ? new CardLimit(title, text) : null, [.. payloads.Select(Read)]);
    }

    private static MessagePart Read(WeComPayload payload)
    {
        using var body = JsonDocument.Parse(payload.Body);
        var content = body.RootElement.GetProperty(payload.Format);
        var text = payload.Format == WeComFormats.TemplateCard ? CardText(content) : content.GetProperty("content").GetString()!;
        return new MessagePart(
            payload.Format, text, Encoding.UTF8.GetByteCount(text),
            new Mentions(List(content, "mentioned_list"), List(content, "mentioned_mobile_list")));
    }

    private static string CardText(JsonElement card)
    {
        var title = card.GetProperty("main_title").TryGetProperty("title", out var first) ? first.GetString() : null;
        var text = card.TryGetProperty("sub_title_text", out var rest) ? rest.GetString() : null;
        return string.Join('\n', new[] { title, text }.Where(x => x is not null));
    }

    private static IReadOnlyList<string> List(JsonElement content, string name) =>
        content.TryGetProperty(name, out var list) ? [.. list.EnumerateArray().Select(x => x.GetString()!)] : [];
}

/// <summary>The formats by the names in messages, which are also the platform's names of its message types.</summary>
public static class WeComFormat
{
    public static readonly ChatFormat[] All =
    [
        new(WeComFormats.Text, new("Plain text", "纯文本")) { KeepsLines = true, Calls = true },
        new(WeComFormats.Markdown, new("Markdown", "Markdown")) { IsMarkdown = true, Calls = true },
        new(WeComFormats.MarkdownV2, new("Markdown with tables", "Markdown（含表格）")) { IsMarkdown = true, HasTables = true },
        new(WeComFormats.TemplateCard, new("Card", "卡片")),
    ];

    public static ChatFormat Of(string name) => Array.Find(All, x => x.Name == name) ?? All[0];
}
