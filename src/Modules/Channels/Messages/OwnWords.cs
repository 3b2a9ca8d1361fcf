using System.Text;
using Notify.Channels.Sending;
using Notify.Contracts.Rules;
using Notify.Kernel.Texts;

namespace Notify.Channels.Messages;

/// <summary>
/// Notify's own words about a notification, where those of its message cannot be used: in the message's language, with times in the same zone, and
/// mentioning the same people.
/// </summary>
public static class OwnWords
{
    /// <summary>Replaces words that the platform refuses: which alarm it is, and where to read about it.</summary>
    /// <param name="calls">Whether the receiver is a group, in which people can be called.</param>
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

    /// <summary>A message may be empty for an alarm that has none of the values in it.</summary>
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

    /// <summary>Words of Notify's own before the text; a format that another program reads (JSON) stays as it is.</summary>
    /// <param name="format">Null: unknown, and left as it is.</param>
    public static RenderedMessage InFront(RenderedMessage message, string words, IMessageFormat? format) =>
        format?.TakesWordsInFront == true ? message with { Text = words + message.Text } : message;

    /// <summary>Says that it is told later than at the change of the alarm, or another way.</summary>
    /// <param name="number">Which reminder.</param>
    public static string OfStep(StepKind kind, int number, MessageWords words) => kind switch
    {
        StepKind.Escalation => words.Escalation,
        StepKind.Reminder => words.Reminder(number),
        _ => words.Otherwise,
    };

    /// <summary>Says that the message was sent before, and when.</summary>
    public static RenderedMessage AsRepeat(RenderedMessage message, DateTimeOffset at, IMessageFormat? format) =>
        InFront(message, $"{MessageWords.Of(message.Language).Repeat}{LocalTimes.Text(at, message.TimeZone)}\n", format);
}
