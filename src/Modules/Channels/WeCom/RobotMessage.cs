using System.Text.Json;
using Notify.Channels.Messages;
using Notify.Channels.Sending;
using Notify.Contracts.Rules;

namespace Notify.Channels.WeCom;

/// <summary>Builds the requests that send one rendered message to a robot's group, in order.</summary>
public static class RobotMessage
{
    private const int HeadlineCharacters = 60;

    /// <param name="link">The target of a card; without it a card is sent as text.</param>
    /// <param name="form">The form to use, after the platform has refused another.</param>
    public static IReadOnlyList<WeComPayload> Plan(RenderedMessage message, Uri? link, MessageForm form = MessageForm.AsWritten)
    {
        var (format, content) = WeComFormats.Choose(robot: true, message, link, form);
        var divisor = WeComFormats.DivisorOf(form);
        var mentions = new Mentions([.. message.Mentions.Accounts.Distinct(StringComparer.OrdinalIgnoreCase)],
            [.. message.Mentions.Mobiles.Distinct(StringComparer.Ordinal)]);
        return format switch
        {
            WeComFormats.TemplateCard => Card(content, link!, mentions, divisor),
            WeComFormats.Markdown => Markdown(content, mentions, divisor),
            WeComFormats.MarkdownV2 => [.. Parts(content, format, divisor), .. Call(content, mentions)],
            _ => Texts(content, mentions, divisor),
        };
    }

    /// <summary>A text has two lists of mentions. Only the first part has them, so that nobody is mentioned twice.</summary>
    private static List<WeComPayload> Texts(string content, Mentions mentions, int divisor)
    {
        var payloads = new List<WeComPayload>();
        foreach (var part in MessageSplitter.Split(content, WeComFormats.LimitBytes(robot: true, WeComFormats.Text) / divisor, markup: false))
            payloads.Add(Text(part.ToString(), payloads.Count == 0 ? mentions : Mentions.None));
        return payloads;
    }

    /// <summary>Markdown can mention people only within its text, and only by account: mobile numbers and everyone need a separate text.</summary>
    private static List<WeComPayload> Markdown(string content, Mentions mentions, int divisor)
    {
        var inline = mentions.Accounts.Where(x => !IsAll(x)).Select(x => $"<@{x}>")
            .Where(x => !content.Contains(x, StringComparison.OrdinalIgnoreCase)).ToList();
        var called = inline.Count == 0 ? content : $"{content.TrimEnd('\n')}\n{string.Join(' ', inline)}";
        return [.. Parts(called, WeComFormats.Markdown, divisor), .. Call(content, new([.. mentions.Accounts.Where(IsAll)], mentions.Mobiles))];
    }

    /// <summary>A card shows a title and a few lines; what does not fit follows as text, with the mentions.</summary>
    private static List<WeComPayload> Card(string content, Uri link, Mentions mentions, int divisor)
    {
        var (card, rest) = WeComCard.Fill(content, WeComFormats.CardCharacters(robot: true));
        var payload = WeComPayload.Write(WeComFormats.TemplateCard, [], rest: null, json => card.Write(json, link));
        return rest.Length == 0 ? [payload, .. Call(content, mentions)] : [payload, .. Texts(rest, mentions, divisor)];
    }

    private static IEnumerable<WeComPayload> Call(string content, Mentions mentions) =>
        mentions.Accounts.Count + mentions.Mobiles.Count == 0 ? [] : [Text("↑ " + ChatText.Headline(content, HeadlineCharacters), mentions)];

    private static IEnumerable<WeComPayload> Parts(string content, string format, int divisor) =>
        MessageSplitter.Split(content, WeComFormats.LimitBytes(robot: true, format) / divisor, markup: true)
            .Select(part => WeComPayload.Write(format, [], rest: null, json => json.WriteText("content"u8, part.ToString())));

    private static WeComPayload Text(string content, Mentions mentions) =>
        WeComPayload.Write(WeComFormats.Text, [], rest: null, json =>
        {
            json.WriteText("content"u8, content);
            WriteList(json, "mentioned_list", mentions.Accounts);
            WriteList(json, "mentioned_mobile_list", mentions.Mobiles);
        });

    private static void WriteList(Utf8JsonWriter json, string name, IReadOnlyList<string> people)
    {
        if (people.Count == 0) return;
        json.WriteStartArray(name);
        foreach (var person in people) json.WriteText(ChatText.Clean(person));
        json.WriteEndArray();
    }

    private static bool IsAll(string account) => string.Equals(account, Receiver.All, StringComparison.OrdinalIgnoreCase);
}
