using System.Text.Json;
using Notify.Channels.Messages;
using Notify.Channels.Sending;
using Notify.Contracts.Rules;

namespace Notify.Channels.WeCom;

/// <summary>The requests that bring one rendered message to members through an app, in order. Mentions are for groups and are left out.</summary>
public static class AppMessage
{
    /// <summary>Receivers of one request.</summary>
    public const int MostAccounts = 1000;

    private static readonly TimeSpan longestDuplicateCheck = TimeSpan.FromHours(4);

    /// <param name="accounts">At least one. <c>@all</c> among them stands for everyone in the app's visible range, and the others are left
    /// out.</param>
    /// <param name="link">Where a click on a card leads; without it a card is sent as text.</param>
    /// <param name="duplicates">When not null, the platform drops requests equal to this one, byte for byte as far as is known.</param>
    /// <param name="form">How it is to be made up, after the platform has refused it otherwise.</param>
    public static IReadOnlyList<WeComPayload> Plan(
        int agentId, IReadOnlyList<string> accounts, RenderedMessage message, Uri? link, DuplicateCheck? duplicates = null,
        MessageForm form = MessageForm.AsWritten)
    {
        if (accounts.Count == 0) throw new ArgumentException("An app's message needs a receiver.", nameof(accounts));
        var (format, content) = WeComFormats.Choose(robot: false, message, link, form);
        var payloads = new List<WeComPayload>();
        var part = 0;
        foreach (var some in Groups(accounts))
        {
            part = 0;
            if (format == WeComFormats.TemplateCard)
            {
                var (card, rest) = WeComCard.Fill(content, WeComFormats.CardCharacters(robot: false));
                Add(some, format, json => card.Write(json, link!));
                if (rest.Length > 0) AddParts(some, WeComFormats.Text, rest);
            }
            else AddParts(some, format, content);
        }
        return payloads;

        void AddParts(IReadOnlyList<string> some, string type, string text)
        {
            foreach (var piece in MessageSplitter.Split(
                text, WeComFormats.LimitBytes(robot: false, type) / WeComFormats.DivisorOf(form), markup: type == WeComFormats.Markdown))
                Add(some, type, json => json.WriteText("content"u8, piece.ToString()));
        }

        void Add(IReadOnlyList<string> some, string type, Action<Utf8JsonWriter> write)
        {
            var number = part++;
            payloads.Add(WeComPayload.Write(type, some, json => WriteHead(json, agentId, some, duplicates, number), write));
        }
    }

    private static void WriteHead(Utf8JsonWriter json, int agentId, IReadOnlyList<string> accounts, DuplicateCheck? duplicates, int part)
    {
        json.WriteText("touser"u8, string.Join('|', accounts));
        json.WriteNumber("agentid"u8, agentId);
        if (duplicates is null) return;
        var seconds = (int)Math.Clamp(duplicates.Interval.TotalSeconds, 1, longestDuplicateCheck.TotalSeconds);
        json.WriteNumber("enable_duplicate_check"u8, 1);
        json.WriteNumber("duplicate_check_interval"u8, seconds);
        // Not a member the platform knows: it keeps two alarms with the same words from being taken for one message sent twice.
        json.WriteText("notify_id"u8, part == 0 ? duplicates.DeliveryId : $"{duplicates.DeliveryId}/{part + 1}");
    }

    private static IEnumerable<IReadOnlyList<string>> Groups(IReadOnlyList<string> accounts)
    {
        if (accounts.Contains(Receiver.All, StringComparer.OrdinalIgnoreCase)) return [[Receiver.All]];
        return accounts.Distinct(StringComparer.OrdinalIgnoreCase).Chunk(MostAccounts);
    }
}

/// <param name="Interval">How long the platform remembers; 1 second to 4 hours.</param>
/// <param name="DeliveryId">The same for every try of one delivery, another for every other delivery.</param>
public sealed record DuplicateCheck(TimeSpan Interval, string DeliveryId);
