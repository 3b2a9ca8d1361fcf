using System.Text.Json.Serialization;

namespace Notify.Channels.Sending;

/// <summary>How a message goes out. Each form is tried once: when the platform refuses it too, somebody has to look.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<MessageForm>))]
public enum MessageForm
{
    [JsonStringEnumMemberName("asWritten")] AsWritten,

    /// <summary>In parts half as long as the platform's documented limit: it counts differently from what it documents.</summary>
    [JsonStringEnumMemberName("shorter")] Shorter,

    /// <summary>As plain text: the format, or something in it, is refused.</summary>
    [JsonStringEnumMemberName("plainText")] PlainText,

    /// <summary>In words of Notify's own: something in the words is refused.</summary>
    [JsonStringEnumMemberName("minimal")] Minimal,
}

/// <summary>What might make a refused message pass.</summary>
public enum Remedy
{
    None,
    Shorter,
    PlainText,
    Minimal,
}

public static class MessageForms
{
    /// <summary>Which form follows from a remedy, for a channel whose formats can all be shortened and turned into plain text.</summary>
    /// <param name="isPlain">The message is plain text anyway, which refused for its form would be refused again.</param>
    /// <param name="canBeShorter">The format has a length that can be halved.</param>
    /// <returns>The form to try at once; null when there is none left, or the message was not what was refused.</returns>
    public static MessageForm? Next(MessageForm current, bool isPlain, bool canBeShorter, SendOutcome outcome)
    {
        if (outcome.Class != OutcomeClass.Message) return null;
        var next = outcome.Remedy switch
        {
            Remedy.Shorter when current == MessageForm.AsWritten && canBeShorter => MessageForm.Shorter,
            Remedy.Shorter or Remedy.PlainText => MessageForm.PlainText,
            Remedy.Minimal => MessageForm.Minimal,
            _ => MessageForm.AsWritten,
        };
        if (next == MessageForm.PlainText && isPlain) return null;
        return next > current ? next : null;
    }
}
