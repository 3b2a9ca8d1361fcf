using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Notify.Channels.Messages;
using Notify.Channels.Sending;
using Notify.Contracts.Rules;
using Notify.Kernel;
using Notify.Kernel.Texts;

namespace Notify.Channels.DingTalk;

/// <summary>Builds the requests that send one rendered message to a robot's group, or to members, in order.</summary>
public static partial class DingTalkMessage
{
    public const string Text = "text";
    public const string Markdown = "markdown";
    public const string ActionCard = "actionCard";

    /// <summary>The maximum number of members in one request.</summary>
    public const int MostUsers = 20;

    /// <summary>The maximum number of people mentioned in one message.</summary>
    private const int MostCalls = 50;

    private const int TitleCharacters = 40;
    private const string Everyone = "all";

    /// <summary>The maximum size of one part, in UTF-8 bytes. The platform accepts 20,000 bytes for a robot's body and 15,000 for the parameters of
    /// an app's robot; the limits are below half of that, since JSON escaping may double a text.</summary>
    public static int LimitBytes(bool robot, string format) => !robot ? 5000 : format == Text ? 8000 : 6000;

    /// <param name="Shown">The text that readers see.</param>
    /// <param name="Calls">The people mentioned.</param>
    /// <param name="Users">The members it goes to; empty for a robot.</param>
    public sealed record Part(JsonObject Body, string Format, string Shown, Mentions Calls, IReadOnlyList<string> Users);

    /// <param name="link">The target of a card's button.</param>
    /// <param name="form">The form to use, after the platform has refused another.</param>
    /// <param name="keyword">Added to parts that lack it; null: the robot requires none.</param>
    /// <param name="deliveryId">The same for every attempt (<c>msgUuid</c>); null: a preview.</param>
    public static IReadOnlyList<Part> ToRobot(
        RenderedMessage message, Uri link, MessageForm form = MessageForm.AsWritten, string? keyword = null, string? deliveryId = null)
    {
        var (format, content) = Choose(message, form);
        string[] people = [.. message.Mentions.Accounts.Concat(message.Mentions.Mobiles).Select(x => x == Receiver.All ? Everyone : x)];
        string[] missing = [.. people.Select(x => $"<@{x}>").Distinct(StringComparer.OrdinalIgnoreCase)
            .Where(x => !content.Contains(x, StringComparison.OrdinalIgnoreCase))];
        // Mentions must appear in the text. A card cannot mention anybody, so a text follows it.
        string[] called = [.. Call().Matches(content).Select(x => x.Value).Concat(missing).Distinct(StringComparer.OrdinalIgnoreCase)];
        if (format != ActionCard && missing.Length > 0) content = $"{content.TrimEnd('\n')}\n{string.Join(' ', missing)}";
        var parts = new List<Part>();
        foreach (var piece in Split(content, format, robot: true, form)) Add(piece, format);
        if (format == ActionCard && called.Length > 0)
            Add($"↑ {ChatText.Headline(Words(content), TitleCharacters)}\n{string.Join(' ', called)}", Text);
        return parts;

        void Add(string piece, string type)
        {
            var calls = type == ActionCard ? Mentions.None : CallsIn(piece, message.Mentions.Mobiles);
            var words = ChatText.WithKeyword(Words(piece), keyword);
            var body = new JsonObject { ["msgtype"] = type, [type] = Content(type, words, link, message.Language) };
            if (AtOf(calls) is { } at) body["at"] = at;
            if (deliveryId is not null) body["msgUuid"] = parts.Count == 0 ? deliveryId : $"{deliveryId}/{parts.Count + 1}";
            parts.Add(new(body, type, words, calls, []));
        }
    }

    /// <param name="users">At least one. Mentions are only for groups and are omitted.</param>
    public static IReadOnlyList<Part> ToMembers(
        string robotCode, IReadOnlyList<string> users, RenderedMessage message, Uri link, MessageForm form = MessageForm.AsWritten)
    {
        var (format, content) = Choose(message, form);
        var pieces = Split(content, format, robot: false, form).Select(Words).ToList();
        return
        [
            .. from some in users.Chunk(MostUsers)
               from piece in pieces
               select new Part(
                   new JsonObject
                   {
                       ["robotCode"] = robotCode,
                       ["userIds"] = new JsonArray([.. some.Select(x => (JsonNode)x)]),
                       ["msgKey"] = format switch { Markdown => "sampleMarkdown", ActionCard => "sampleActionCard", _ => "sampleText" },
                       ["msgParam"] = Content(format, piece, link, message.Language).ToJsonString(NotifyJson.Options),
                   },
                   format, piece, Mentions.None, some),
        ];
    }

    private static (string Format, string Content) Choose(RenderedMessage message, MessageForm form)
    {
        var content = ChatText.Clean(message.Text);
        return message.Format is not (Markdown or ActionCard) ? (Text, content)
            : form >= MessageForm.PlainText ? (Text, ChatText.Clean(ChatText.WithoutMarkup(content)))
            : (message.Format, content);
    }

    private static IEnumerable<string> Split(string content, string format, bool robot, MessageForm form) => MessageSplitter.Split(
        content, LimitBytes(robot, format) / (form == MessageForm.Shorter ? 2 : 1), markup: format != Text).Select(x => x.ToString());

    /// <summary>The title is shown only in lists of chats. Markdown needs two spaces before a line end to break the line.</summary>
    private static JsonObject Content(string format, string text, Uri link, string? language)
    {
        if (format == Text) return new() { ["content"] = text };
        var content = new JsonObject
        {
            ["title"] = ChatText.Headline(text, TitleCharacters),
            ["text"] = text.Replace("\n", "  \n", StringComparison.Ordinal),
        };
        if (format == ActionCard)
        {
            content["singleTitle"] = language == MessageWords.Chinese ? "查看报警" : "Open the alarm";
            content["singleURL"] = link.AbsoluteUri;
        }

        return content;
    }

    private static string Words(string piece) => Call().Replace(piece, "@${who}");

    private static Mentions CallsIn(string piece, IReadOnlyList<string> mobiles)
    {
        var called = Call().Matches(piece).Select(x => x.Groups["who"].Value).Distinct(StringComparer.OrdinalIgnoreCase).Take(MostCalls)
            .ToLookup(x => mobiles.Contains(x, StringComparer.Ordinal));
        return new([.. called[false].Select(x => x == Everyone ? Receiver.All : x)], [.. called[true]]);
    }

    private static JsonObject? AtOf(Mentions calls)
    {
        if (calls.Accounts.Count + calls.Mobiles.Count == 0) return null;
        var at = new JsonObject();
        if (calls.Mobiles.Count > 0) at["atMobiles"] = new JsonArray([.. calls.Mobiles.Select(x => (JsonNode)x)]);
        string[] users = [.. calls.Accounts.Where(x => x != Receiver.All)];
        if (users.Length > 0) at["atUserIds"] = new JsonArray([.. users.Select(x => (JsonNode)x)]);
        if (users.Length < calls.Accounts.Count) at["isAtAll"] = true;
        return at;
    }

    [GeneratedRegex("<@(?<who>[A-Za-z0-9_.@$:+-]{1,64})>", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Call();
}
