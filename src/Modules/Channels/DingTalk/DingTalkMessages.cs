using System.Text;
using Notify.Channels.Messages;
using Notify.Channels.Sending;
using Notify.Contracts.Rules;

namespace Notify.Channels.DingTalk;

/// <summary>Those of DingTalk's message types that Notify uses.</summary>
internal sealed class DingTalkMessages : IChannelMessages
{
    private static readonly ChatFormat text = new(DingTalkMessage.Text, new("Plain text", "纯文本")) { KeepsLines = true, Calls = true };

    private static readonly ChatFormat[] formats =
    [
        text,
        new(DingTalkMessage.Markdown, new("Markdown", "Markdown")) { IsMarkdown = true, Calls = true },
        new(DingTalkMessage.ActionCard, new("Card: markdown with a button", "卡片（Markdown 加按钮）")) { IsMarkdown = true, Calls = true },
    ];

    public IReadOnlyList<IMessageFormat> Formats => formats;
    public bool TakesMentions => true;

    public IReadOnlyList<FormatLimit> Limits { get; } =
    [
        .. from kind in (string[])[DingTalkSettings.Bot, DingTalkSettings.Member]
           from format in formats
           select new FormatLimit(format.Name, kind, DingTalkMessage.LimitBytes(kind == DingTalkSettings.Bot, format.Name)),
    ];

    public int TestBytes => DingTalkMessage.LimitBytes(robot: false, DingTalkMessage.Text);

    public IReadOnlyList<MessagePlan> Plan(RenderedMessage message, Uri link) =>
    [
        Plan(DingTalkSettings.Bot, DingTalkMessage.ToRobot(message, link)),
        Plan(DingTalkSettings.Member, DingTalkMessage.ToMembers("sample", ["sample"], message, link)),
    ];

    public RenderedMessage WordsOf(INotice notice, MessageForm form, Uri link) =>
        form >= MessageForm.Minimal ? OwnWords.InPlaceOfRefused(notice, link, calls: IsForRobot(notice), text, this)
        : string.IsNullOrWhiteSpace(notice.Content.Text) ? OwnWords.InPlaceOfNothing(notice, text)
        : notice.Content;

    public (RenderedMessage Words, int Count)? Merge(IReadOnlyList<IUnsent> waiting)
    {
        var robot = IsForRobot(waiting[0].Notice);
        var limit = RoomFor(robot) / (waiting.Any(x => x.Form > MessageForm.AsWritten) ? 2 : 1);
        return MergedText.Of([.. waiting.Select(x => x.Notice)], text, limit, calls: robot, this);
    }

    public RenderedMessage List(IReadOnlyList<INotice> notices, string heading)
    {
        var robot = IsForRobot(notices[0]);
        return MergedText.All(notices, text, RoomFor(robot) - Encoding.UTF8.GetByteCount(heading), calls: robot, this);
    }

    private static int RoomFor(bool robot) => DingTalkMessage.LimitBytes(robot, DingTalkMessage.Text);

    private static bool IsForRobot(INotice notice) => notice.Receivers[0].Kind == DingTalkSettings.Bot;

    private static MessagePlan Plan(string kind, IReadOnlyList<DingTalkMessage.Part> parts) => new(
        kind, parts[0].Format, DingTalkMessage.LimitBytes(kind == DingTalkSettings.Bot, parts[0].Format), null,
        [.. parts.Select(x => new MessagePart(x.Format, x.Shown, Encoding.UTF8.GetByteCount(x.Shown), x.Calls))]);
}
