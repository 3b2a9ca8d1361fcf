using Notify.Channels.Fields;
using Notify.Channels.Sending;
using Notify.Contracts.Delivery;
using Notify.Contracts.Rules;

namespace Notify.Channels.Messages;

/// <summary>The messages that a channel can send.</summary>
public interface IChannelMessages
{
    /// <summary>At least one; the first is the default of messages without a format.</summary>
    IReadOnlyList<IMessageFormat> Formats { get; }

    /// <summary>The size limits of each format, by kind of receiver if they differ.</summary>
    IReadOnlyList<FormatLimit> Limits { get; }

    /// <summary>The fields of a message other than format, content and mentions, such as a subject.</summary>
    IReadOnlyList<MessageField> Fields => [];

    /// <summary>Whether a message has a <c>content</c>; if not, its text is made from its <see cref="Fields"/>.</summary>
    bool TakesContent => true;

    MessageLook Look => MessageLook.Chat;

    /// <summary>Whether a message can mention people by account or mobile number (<c>mentions</c>).</summary>
    bool TakesMentions { get; }

    /// <summary>The maximum size of a test message in UTF-8 bytes: every kind of receiver gets it as one message.</summary>
    int TestBytes { get; }

    /// <summary>How a message would be sent, one plan for each kind of receiver. Made by the code that sends, so that a plan cannot differ from
    /// what is sent.</summary>
    IReadOnlyList<MessagePlan> Plan(RenderedMessage message, Uri link);

    /// <summary>The text to send: the message's own, or Notify's if the platform has refused that one or it is empty.</summary>
    RenderedMessage WordsOf(INotice notice, MessageForm form, Uri link);

    /// <summary>Merges as many of these as fit, from the first, into one message. All are on one lane and go to the same receivers.</summary>
    /// <returns>The merged text, and the number of notifications in it, at least two. Null if not even two fit.</returns>
    (RenderedMessage Words, int Count)? Merge(IReadOnlyList<IUnsent> waiting);

    /// <summary>A text that lists all of these, whatever its length.</summary>
    RenderedMessage List(IReadOnlyList<INotice> notices, string heading);
}

/// <summary>The maximum size of one message.</summary>
/// <param name="ReceiverKind">Null: the same for all kinds.</param>
/// <param name="Bytes">UTF-8 bytes of one part; null: not limited in bytes.</param>
/// <param name="Characters">Characters of one part; null: not limited in characters.</param>
/// <param name="Parts">The maximum number of parts into which a longer text is split; null: unlimited.</param>
public sealed record FormatLimit(string Format, string? ReceiverKind = null, int? Bytes = null, int? Characters = null, int? Parts = null);

/// <summary>A field of a channel's messages.</summary>
/// <param name="Template">The format that escapes the values of parameters in it; null: it cannot contain parameters. Only texts and maps
/// can.</param>
public sealed record MessageField(Field Field, IMessageFormat? Template = null);

public static class ChannelMessages
{
    /// <summary>Null if the channel has no such format.</summary>
    public static IMessageFormat? Find(this IChannelMessages messages, string format)
    {
        foreach (var x in messages.Formats)
            if (x.Name == format) return x;
        return null;
    }

    /// <summary>If the channel lacks the format (of an older event, or of another type's message), its first format.</summary>
    public static IMessageFormat Of(this IChannelMessages messages, string format) => messages.Find(format) ?? messages.Formats[0];
}
