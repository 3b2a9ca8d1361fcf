using System.Text.Json.Serialization;

namespace Notify.Delivery.Channels;

/// <summary>How a message goes out. Each form is tried once: when the platform refuses it too, somebody has to look.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<MessageForm>))]
public enum MessageForm
{
    [JsonStringEnumMemberName("asWritten")] AsWritten,

    /// <summary>In parts half as long as the platform's documented limit: it counts otherwise than it says.</summary>
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
    /// <returns>The form to try at once; null when there is none left, or the message was not what was refused.</returns>
    public static MessageForm? Next(MessageForm current, string format, SendOutcome outcome)
    {
        if (outcome.Class != OutcomeClass.Message) return null;
        var next = outcome.Remedy switch
        {
            Remedy.Shorter when current == MessageForm.AsWritten && format != "template_card" => MessageForm.Shorter,
            Remedy.Shorter or Remedy.PlainText => MessageForm.PlainText,
            Remedy.Minimal => MessageForm.Minimal,
            _ => MessageForm.AsWritten,
        };
        // Plain text that was refused for its form would be refused again.
        if (next == MessageForm.PlainText && format == "text") return null;
        return next > current ? next : null;
    }
}
