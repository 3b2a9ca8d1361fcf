using System.Text;
using Notify.Channels.Fields;
using Notify.Channels.Messages;
using Notify.Channels.Sending;
using Notify.Contracts.Rules;

namespace Notify.Channels.Email;

/// <summary>Plain text or HTML, with a subject. A text is never split; several waiting notifications are merged into one mail.</summary>
internal sealed class EmailMessages : IChannelMessages
{
    /// <summary>What a person may read; far below what servers accept.</summary>
    public const int LimitBytes = 256 * 1024;

    public const string Subject = "subject";

    /// <summary>The maximum length of a subject made from the text, in characters.</summary>
    private const int SubjectCharacters = 100;

    private static readonly PlainFormat text = new(isOneLine: false);
    private static readonly HtmlMail html = new();

    public IReadOnlyList<IMessageFormat> Formats { get; } = [text, html];

    public IReadOnlyList<FormatLimit> Limits { get; } =
        [new(PlainFormat.FormatName, Bytes: LimitBytes, Parts: 1), new(HtmlMail.FormatName, Bytes: LimitBytes, Parts: 1)];

    public IReadOnlyList<MessageField> Fields { get; } =
    [
        new(
            Field.Text(Subject, "Subject", "主题") with
            {
                Max = 500,
                Fault = EmailSettings.FaultOfLine,
                Help = new("May have parameters. Without one, the first line of the text is the subject.", "可含参数；不填则以正文首行为主题。"),
            },
            new PlainFormat(isOneLine: true)),
    ];

    public MessageLook Look => MessageLook.Mail;
    public bool TakesMentions => false;
    public int TestBytes => 2048;

    public IReadOnlyList<MessagePlan> Plan(RenderedMessage message, Uri link) =>
    [
        new(EmailChannel.Address, message.Format, LimitBytes, null,
            [new(message.Format, message.Text, Encoding.UTF8.GetByteCount(message.Text), Mentions.None)]),
    ];

    public RenderedMessage WordsOf(INotice notice, MessageForm form, Uri link) =>
        form >= MessageForm.Minimal ? OwnWords.InPlaceOfRefused(notice, link, calls: false, text, this) with { Fields = null }
        : string.IsNullOrWhiteSpace(notice.Content.Text) ? OwnWords.InPlaceOfNothing(notice, text)
        : notice.Content;

    public (RenderedMessage Words, int Count)? Merge(IReadOnlyList<IUnsent> waiting) =>
        MergedText.Of([.. waiting.Select(x => x.Notice)], text, LimitBytes, calls: false, this);

    public RenderedMessage List(IReadOnlyList<INotice> notices, string heading) =>
        MergedText.All(notices, text, LimitBytes - Encoding.UTF8.GetByteCount(heading), calls: false, this);

    /// <summary>The message's own subject, or else the first line of its text.</summary>
    public static string SubjectOf(RenderedMessage message)
    {
        var given = message.Fields?.GetValueOrDefault(Subject);
        return MailText.FirstLine(
            !string.IsNullOrWhiteSpace(given) ? given : message.Format == HtmlMail.FormatName ? HtmlText.Of(message.Text) : message.Text,
            string.IsNullOrWhiteSpace(given) ? SubjectCharacters : int.MaxValue);
    }
}
