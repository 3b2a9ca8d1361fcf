using System.Text.Json.Serialization;

namespace Notify.Channels.Sending;

/// <summary>The form in which a message is sent. Each form is tried once; if the platform refuses all, a person must look.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<MessageForm>))]
public enum MessageForm
{
    [JsonStringEnumMemberName("asWritten")] AsWritten,

    /// <summary>In parts of half the platform's documented limit, in case it counts differently than documented.</summary>
    [JsonStringEnumMemberName("shorter")] Shorter,

    /// <summary>As plain text, since the format, or something in it, was refused.</summary>
    [JsonStringEnumMemberName("plainText")] PlainText,

    /// <summary>With Notify's own text, since something in the text was refused.</summary>
    [JsonStringEnumMemberName("minimal")] Minimal,
}

/// <summary>What might make a refused message acceptable.</summary>
public enum Remedy
{
    None,
    Shorter,
    PlainText,
    Minimal,
}

public static class MessageForms
{
    /// <summary>The form for a remedy, for a channel whose formats can all be shortened and turned into plain text.</summary>
    /// <param name="isPlain">Whether the message is already plain text, so that sending it as such would be refused again.</param>
    /// <param name="canBeShorter">Whether the format has a length limit that can be halved.</param>
    /// <returns>The form to try immediately; null if there is none left, or the refusal was not about the message.</returns>
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
