using System.Text;
using Notify.Channels.Messages;
using Notify.Channels.Receivers;
using Notify.Channels.Sending;
using Notify.Contracts.Rules;

namespace Notify.Channels.SmsTwilio;

/// <summary>Plain text. The preview shows in how many segments each message is billed.</summary>
/// <param name="segmentPrice">What the platform charges for one segment; null: unknown.</param>
internal sealed class TwilioMessages(SmsPrice? segmentPrice) : IChannelMessages
{
    /// <summary>The platform accepts 1600 characters. Counted in bytes here, so that a phone can reassemble every message: at most 11 segments of
    /// Latin text, or 8 of Chinese.</summary>
    public const int LimitBytes = 1600;

    private static readonly PlainFormat text = new(isOneLine: false);

    public IReadOnlyList<IMessageFormat> Formats { get; } = [text];
    public IReadOnlyList<FormatLimit> Limits { get; } = [new(PlainFormat.FormatName, Bytes: LimitBytes)];
    public MessageLook Look => MessageLook.Phone;
    public bool TakesMentions => false;
    public int TestBytes => LimitBytes;

    public IReadOnlyList<MessagePlan> Plan(RenderedMessage message, Uri link) =>
    [
        new(MobileNumber.KindName, PlainFormat.FormatName, LimitBytes, null,
            [.. PartsOf(message, MessageForm.AsWritten).Select(
                x => new MessagePart(PlainFormat.FormatName, x, Encoding.UTF8.GetByteCount(x), Mentions.None) { Sms = SizeOf(x) })]),
    ];

    public RenderedMessage WordsOf(INotice notice, MessageForm form, Uri link) =>
        form >= MessageForm.Minimal ? OwnWords.InPlaceOfRefused(notice, link, calls: false, text, this)
        : string.IsNullOrWhiteSpace(notice.Content.Text) ? OwnWords.InPlaceOfNothing(notice, text)
        : notice.Content;

    public (RenderedMessage Words, int Count)? Merge(IReadOnlyList<IUnsent> waiting) => MergedText.Of(
        [.. waiting.Select(x => x.Notice)], text, LimitBytes / (waiting.Any(x => x.Form > MessageForm.AsWritten) ? 2 : 1), calls: false, this);

    public RenderedMessage List(IReadOnlyList<INotice> notices, string heading) =>
        MergedText.All(notices, text, LimitBytes - Encoding.UTF8.GetByteCount(heading), calls: false, this);

    private SmsSize SizeOf(string text)
    {
        var size = SmsSegments.Of(text);
        return segmentPrice is null ? size : size with { Price = segmentPrice with { Amount = segmentPrice.Amount * size.Segments } };
    }

    /// <summary>Splits a text into messages, in order.</summary>
    public static IReadOnlyList<string> PartsOf(RenderedMessage message, MessageForm form) =>
    [
        .. MessageSplitter.Split(ChatText.Clean(message.Text), LimitBytes / (form == MessageForm.Shorter ? 2 : 1), markup: false)
            .Select(x => x.ToString()),
    ];
}
