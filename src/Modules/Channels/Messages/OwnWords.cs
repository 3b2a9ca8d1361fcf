using System.Text;
using Notify.Channels.Sending;
using Notify.Contracts.Rules;
using Notify.Kernel.Texts;

namespace Notify.Channels.Messages;

/// <summary>
/// Notify's own texts for notifications whose message cannot be used: in the message's language, with times in its time zone, and mentioning the same
/// people.
/// </summary>
public static class OwnWords
{
    /// <summary>Replaces a text that the platform refuses: states the level, the state, the time and a link to the alarm.</summary>
    /// <param name="calls">Whether the receiver is a group, in which people can be mentioned.</param>
    /// <param name="format">Plain text.</param>
    public static RenderedMessage InPlaceOfRefused(INotice request, Uri link, bool calls, IMessageFormat format, IChannelMessages channel)
    {
        var (content, words) = (request.Content, MessageWords.Of(request.Content.Language));
        var line = calls ? InlineCalls.Line([content], format, channel) : "";
        return content with
        {
            Format = format.Name,
            Text = $"{words.Of(request.Level)} {words.Of(request.State)}  {LocalTimes.Text(request.EventTime, content.TimeZone)}\n"
                + $"{words.Refused}\n{link}{(line.Length == 0 ? "" : $"\n{line}")}",
        };
    }

    /// <summary>Replaces a text that is empty because the alarm has none of the values in it.</summary>
    /// <param name="format">Plain text.</param>
    public static RenderedMessage InPlaceOfNothing(INotice request, IMessageFormat format)
    {
        var (content, words) = (request.Content, MessageWords.Of(request.Content.Language));
        var text = new StringBuilder($"{words.Of(request.Level)} {words.Of(request.State)} ");
        format.Append(text, request.AlarmName, oneLine: true);
        text.Append(": ");
        format.Append(text, request.AlarmPath, oneLine: true);
        return content with { Format = format.Name, Text = text.ToString() };
    }

    /// <summary>Puts Notify's words before the text; a format that programs read (JSON) stays unchanged.</summary>
    /// <param name="format">Null: unknown, and the text stays unchanged.</param>
    public static RenderedMessage InFront(RenderedMessage message, string words, IMessageFormat? format) =>
        format?.TakesWordsInFront == true ? message with { Text = words + message.Text } : message;

    /// <summary>States that this is an escalation, a reminder or a fallback.</summary>
    /// <param name="number">The number of the reminder.</param>
    public static string OfStep(StepKind kind, int number, MessageWords words) => kind switch
    {
        StepKind.Escalation => words.Escalation,
        StepKind.Reminder => words.Reminder(number),
        _ => words.Otherwise,
    };

    /// <summary>States that the message was sent before, and when.</summary>
    public static RenderedMessage AsRepeat(RenderedMessage message, DateTimeOffset at, IMessageFormat? format) =>
        InFront(message, $"{MessageWords.Of(message.Language).Repeat}{LocalTimes.Text(at, message.TimeZone)}\n", format);
}
