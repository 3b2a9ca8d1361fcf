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

    /// <summary>Departments of one request, and tags.</summary>
    public const int MostGroups = 100;

    private static readonly TimeSpan longestDuplicateCheck = TimeSpan.FromHours(4);

    /// <param name="accounts">At least one, unless there are groups. <c>@all</c> among them stands for everyone in the app's visible range, and all
    /// others are left out.</param>
    /// <param name="link">Where a click on a card leads; without it a card is sent as text.</param>
    /// <param name="duplicates">When not null, the platform drops requests equal to this one, byte for byte as far as is known.</param>
    /// <param name="form">How it is to be made up, after the platform has refused it otherwise.</param>
    /// <param name="groups">Departments and tags that get it too; null: none.</param>
    public static IReadOnlyList<WeComPayload> Plan(
        int agentId, IReadOnlyList<string> accounts, RenderedMessage message, Uri? link, DuplicateCheck? duplicates = null,
        MessageForm form = MessageForm.AsWritten, MemberGroups? groups = null)
    {
        groups ??= MemberGroups.None;
        if (accounts.Count == 0 && !groups.Any) throw new ArgumentException("An app's message needs a receiver.", nameof(accounts));
        var (format, content) = WeComFormats.Choose(robot: false, message, link, form);
        var payloads = new List<WeComPayload>();
        var part = 0;
        foreach (var some in Requests(accounts, groups))
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

        void AddParts(Addressees some, string type, string text)
        {
            foreach (var piece in MessageSplitter.Split(
                text, WeComFormats.LimitBytes(robot: false, type) / WeComFormats.DivisorOf(form), markup: type == WeComFormats.Markdown))
                Add(some, type, json => json.WriteText("content"u8, piece.ToString()));
        }

        void Add(Addressees some, string type, Action<Utf8JsonWriter> write)
        {
            var number = part++;
            payloads.Add(WeComPayload.Write(type, some.Accounts, json => WriteHead(json, agentId, some, duplicates, number), write) with
            {
                Groups = some.Groups,
            });
        }
    }

    private static void WriteHead(Utf8JsonWriter json, int agentId, Addressees to, DuplicateCheck? duplicates, int part)
    {
        if (to.Accounts.Count > 0) json.WriteText("touser"u8, string.Join('|', to.Accounts));
        if (to.Groups.Parties.Count > 0) json.WriteText("toparty"u8, string.Join('|', to.Groups.Parties));
        if (to.Groups.Tags.Count > 0) json.WriteText("totag"u8, string.Join('|', to.Groups.Tags));
        json.WriteNumber("agentid"u8, agentId);
        if (duplicates is null) return;
        var seconds = (int)Math.Clamp(duplicates.Interval.TotalSeconds, 1, longestDuplicateCheck.TotalSeconds);
        json.WriteNumber("enable_duplicate_check"u8, 1);
        json.WriteNumber("duplicate_check_interval"u8, seconds);
        // Not a member the platform knows: it keeps two alarms with the same words from being taken for one message sent twice.
        json.WriteText("notify_id"u8, part == 0 ? duplicates.DeliveryId : $"{duplicates.DeliveryId}/{part + 1}");
    }

    /// <summary>Whom one request goes to. The platform tells somebody who is meant in several ways only once, as far as one request goes.</summary>
    private sealed record Addressees(IReadOnlyList<string> Accounts, MemberGroups Groups);

    private static IEnumerable<Addressees> Requests(IReadOnlyList<string> accounts, MemberGroups groups)
    {
        if (accounts.Contains(Receiver.All, StringComparer.OrdinalIgnoreCase)) return [new([Receiver.All], MemberGroups.None)];
        var users = accounts.Distinct(StringComparer.OrdinalIgnoreCase).Chunk(MostAccounts).ToList();
        var (parties, tags) = (groups.Parties.Distinct().Chunk(MostGroups).ToList(), groups.Tags.Distinct().Chunk(MostGroups).ToList());
        return Enumerable.Range(0, new[] { users.Count, parties.Count, tags.Count }.Max()).Select(i => new Addressees(
            users.ElementAtOrDefault(i) ?? [],
            parties.Count <= i && tags.Count <= i
                ? MemberGroups.None : new(parties.ElementAtOrDefault(i) ?? [], tags.ElementAtOrDefault(i) ?? [])));
    }
}

/// <param name="Interval">How long the platform remembers; 1 second to 4 hours.</param>
/// <param name="DeliveryId">The same for every try of one delivery, another for every other delivery.</param>
public sealed record DuplicateCheck(TimeSpan Interval, string DeliveryId);
