using System.Text;
using Notify.Channels.WeCom;
using Notify.Contracts.Rules;
using Notify.Delivery.Notifications;
using Notify.Kernel.Texts;

namespace Notify.Delivery.WeCom;

/// <summary>
/// What Notify says of notifications in words of its own, where those of their messages will not do: in the message's language, with times on the
/// same clock,
/// and calling the same people.
/// </summary>
public static class OwnWords
{
    /// <summary>Something in the message's words is refused: which alarm it is, and where to read of it.</summary>
    /// <param name="calls">Whether the receiver is a group, in which people can be called.</param>
    public static RenderedMessage InPlaceOfRefused(NotificationRequested request, Uri link, bool calls)
    {
        var (content, words) = (request.Content, MessageWords.Of(request.Content.Language));
        var line = calls ? InlineCalls.Line([content]) : "";
        return content with
        {
            Format = WeComFormats.Text,
            Text = $"{words.Of(request.Level)} {words.Of(request.State)}  {LocalTimes.Text(request.EventTime, content.TimeZone)}\n"
                + $"{words.Refused}\n{link}{(line.Length == 0 ? "" : $"\n{line}")}",
        };
    }

    /// <summary>A message may come to nothing for an alarm that has nothing of what it tells.</summary>
    public static RenderedMessage InPlaceOfNothing(NotificationRequested request)
    {
        var (content, words) = (request.Content, MessageWords.Of(request.Content.Language));
        var text = new StringBuilder($"{words.Of(request.Level)} {words.Of(request.State)} ");
        WeComFormat.All[0].Append(text, request.AlarmName, oneLine: true);
        text.Append(": ");
        WeComFormat.All[0].Append(text, request.AlarmPath, oneLine: true);
        return content with { Format = WeComFormats.Text, Text = text.ToString() };
    }

    /// <summary>Says that the message was sent before, and when.</summary>
    public static RenderedMessage AsRepeat(RenderedMessage message, DateTimeOffset at) =>
        message with { Text = $"{MessageWords.Of(message.Language).Repeat}{LocalTimes.Text(at, message.TimeZone)}\n{message.Text}" };
}
