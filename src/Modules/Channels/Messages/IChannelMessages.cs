using Notify.Channels.Fields;
using Notify.Channels.Sending;
using Notify.Contracts.Delivery;
using Notify.Contracts.Rules;

namespace Notify.Channels.Messages;

/// <summary>The messages that a channel can carry.</summary>
public interface IChannelMessages
{
    /// <summary>At least one; the first is that of messages which name none.</summary>
    IReadOnlyList<IMessageFormat> Formats { get; }

    /// <summary>What fits into a message of each format, for each kind of receiver if they differ.</summary>
    IReadOnlyList<FormatLimit> Limits { get; }

    /// <summary>What a message has beside format, content and mentions, such as a subject.</summary>
    IReadOnlyList<MessageField> Fields => [];

    /// <summary>Whether a message has a <c>content</c>; else its text is made of its <see cref="Fields"/>.</summary>
    bool TakesContent => true;

    MessageLook Look => MessageLook.Chat;

    /// <summary>Whether a message can call people by account or mobile number (<c>mentions</c>).</summary>
    bool TakesMentions { get; }

    /// <summary>UTF-8 bytes of a text that every kind of receiver gets in one message: what a test send may have.</summary>
    int TestBytes { get; }

    /// <summary>How a message would go out, one plan for each kind of receiver. Made as for sending and then read back, so that a plan cannot differ
    /// from what is sent.</summary>
    IReadOnlyList<MessagePlan> Plan(RenderedMessage message, Uri link);

    /// <summary>The words that go out: those of its message, or Notify's own when the platform has refused those, or when the message came to
    /// nothing.</summary>
    RenderedMessage WordsOf(INotice notice, MessageForm form, Uri link);

    /// <summary>One message that tells of as many of these as fit, the first ones; all are on one lane and go to the same receivers.</summary>
    /// <returns>The words that tell of all, and how many those are: at least two. Null when not even two fit.</returns>
    (RenderedMessage Words, int Count)? Merge(IReadOnlyList<IUnsent> waiting);

    /// <summary>A text that lists all of these, however long it gets.</summary>
    RenderedMessage List(IReadOnlyList<INotice> notices, string heading);
}

/// <summary>What fits into one message.</summary>
/// <param name="ReceiverKind">Null: it is the same for all.</param>
/// <param name="Bytes">Of one part, in UTF-8; null: bytes do not count.</param>
/// <param name="Characters">Of one part; null: characters do not count.</param>
/// <param name="Parts">Into how many a longer text is split at most; null: as many as it takes.</param>
public sealed record FormatLimit(string Format, string? ReceiverKind = null, int? Bytes = null, int? Characters = null, int? Parts = null);

/// <summary>A field that messages of a channel have.</summary>
/// <param name="Template">The format by which the values of parameters are made harmless in it; null: it has no parameters. Only texts and maps
/// can.</param>
public sealed record MessageField(Field Field, IMessageFormat? Template = null);

public static class ChannelMessages
{
    /// <summary>Null when the channel has no such format.</summary>
    public static IMessageFormat? Find(this IChannelMessages messages, string format)
    {
        foreach (var x in messages.Formats)
            if (x.Name == format) return x;
        return null;
    }

    /// <summary>Of an older event or another type's message, the first stands in for what is not there.</summary>
    public static IMessageFormat Of(this IChannelMessages messages, string format) => messages.Find(format) ?? messages.Formats[0];
}
