using System.Text;
using Notify.Channels.Messages;
using Notify.Channels.Sending;
using Notify.Contracts.Rules;

namespace Notify.Channels.Feishu;

/// <summary>Those of Feishu's message types that Notify uses: text, rich text (<c>post</c>) and cards.</summary>
internal sealed class FeishuMessages : IChannelMessages
{
    private static readonly ChatFormat text = new(FeishuMessage.Text, new("Plain text", "纯文本")) { KeepsLines = true, Calls = true };

    public IReadOnlyList<IMessageFormat> Formats { get; } =
    [
        text,
        new ChatFormat(FeishuMessage.Post, new("Rich text: a title and lines", "富文本（标题加正文）")) { KeepsLines = true, Calls = true },
        new ChatFormat(FeishuMessage.Card, new("Card: a title and markdown", "卡片（标题加 Markdown）")) { IsMarkdown = true, Calls = true },
    ];

    public IReadOnlyList<FormatLimit> Limits { get; } =
    [
        .. ((string[])[FeishuMessage.Text, FeishuMessage.Post, FeishuMessage.Card])
            .Select(x => new FormatLimit(x, Bytes: FeishuMessage.LimitBytes(x))),
    ];

    /// <summary>Robots identify people only by id (<c>ou_…</c>), and a text contains the ids itself: <c>&lt;@ou_…&gt;</c>.</summary>
    public bool TakesMentions => false;

    public int TestBytes => FeishuMessage.LimitBytes(FeishuMessage.Text);

    public IReadOnlyList<MessagePlan> Plan(RenderedMessage message, Uri link)
    {
        var parts = FeishuMessage.Plan(message, link);
        return
        [
            new(FeishuChannel.Bot, parts[0].Format, FeishuMessage.LimitBytes(parts[0].Format), null,
                [.. parts.Select(x => new MessagePart(x.Format, x.Shown, Encoding.UTF8.GetByteCount(x.Shown), Mentions.None))]),
        ];
    }

    public RenderedMessage WordsOf(INotice notice, MessageForm form, Uri link) =>
        form >= MessageForm.Minimal ? OwnWords.InPlaceOfRefused(notice, link, calls: true, text, this)
        : string.IsNullOrWhiteSpace(notice.Content.Text) ? OwnWords.InPlaceOfNothing(notice, text)
        : notice.Content;

    public (RenderedMessage Words, int Count)? Merge(IReadOnlyList<IUnsent> waiting) => MergedText.Of(
        [.. waiting.Select(x => x.Notice)], text, TestBytes / (waiting.Any(x => x.Form > MessageForm.AsWritten) ? 2 : 1), calls: true,
        this);

    public RenderedMessage List(IReadOnlyList<INotice> notices, string heading) =>
        MergedText.All(notices, text, TestBytes - Encoding.UTF8.GetByteCount(heading), calls: true, this);
}
