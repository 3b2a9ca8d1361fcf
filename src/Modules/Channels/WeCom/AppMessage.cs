using System.Text.Json;
using Notify.Channels.Messages;
using Notify.Channels.Sending;
using Notify.Contracts.Rules;

namespace Notify.Channels.WeCom;

/// <summary>Builds the requests that send one rendered message to members through an app, in order. Mentions are only for groups and are
/// omitted.</summary>
public static class AppMessage
{
    /// <summary>The maximum number of accounts in one request.</summary>
    public const int MostAccounts = 1000;

    /// <summary>The maximum number of departments, and of tags, in one request.</summary>
    public const int MostGroups = 100;

    private static readonly TimeSpan longestDuplicateCheck = TimeSpan.FromHours(4);

    /// <param name="accounts">At least one, unless there are groups. <c>@all</c> among them means everyone in the app's visible range, and the others
    /// are omitted.</param>
    /// <param name="link">The target of a card; without it a card is sent as text.</param>
    /// <param name="duplicates">If not null, the platform drops repeated requests; as far as is known they must be equal byte for byte.</param>
    /// <param name="form">The form to use, after the platform has refused another.</param>
    /// <param name="groups">Departments and tags to send to as well; null: none.</param>
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
            payloads.Add(To(some.Accounts, some.Groups));

            WeComPayload To(IReadOnlyList<string> accounts, MemberGroups of) =>
                WeComPayload.Write(type, accounts, json => WriteHead(json, agentId, new(accounts, of), duplicates, number), write) with
                {
                    Groups = of,
                    To = To,
                };
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
        // A property unknown to the platform: it distinguishes two alarms with the same text from one message sent twice.
        json.WriteText("notify_id"u8, part == 0 ? duplicates.DeliveryId : $"{duplicates.DeliveryId}/{part + 1}");
    }

    /// <summary>The addressees of one request. Within a request, the platform notifies somebody addressed in several ways only once.</summary>
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

/// <param name="Interval">How long the platform remembers requests; 1 second to 4 hours.</param>
/// <param name="DeliveryId">Unique to a delivery and the same for all its attempts.</param>
public sealed record DuplicateCheck(TimeSpan Interval, string DeliveryId);
