using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Notify.Channels.Messages;
using Notify.Channels.Sending;
using Notify.Contracts.Alarms;
using Notify.Contracts.Rules;
using Notify.Kernel.Texts;

namespace Notify.Channels.Feishu;

/// <summary>Builds the requests that send one rendered message to a robot's group, in order, without their signatures.</summary>
public static partial class FeishuMessage
{
    public const string Text = "text";
    public const string Post = "post";
    public const string Card = "card";

    /// <summary>The maximum size of one part, in UTF-8 bytes. The platform accepts bodies of 20 KB; the limits are below half of that, since JSON
    /// escaping may double a text, and the markup of a rich text's lines counts too.</summary>
    public static int LimitBytes(string format) => format == Text ? 8000 : 6000;

    /// <summary>The maximum length of a title, in characters.</summary>
    private const int TitleCharacters = 60;

    /// <param name="Shown">The text that readers see.</param>
    public sealed record Part(JsonObject Body, string Format, string Shown);

    /// <param name="link">The target of a card's button.</param>
    /// <param name="form">The form to use, after the platform has refused another.</param>
    /// <param name="notice">The alarm that determines a card's colour; null: a test.</param>
    /// <param name="keyword">Added to parts that lack it; null: the robot requires none.</param>
    public static IReadOnlyList<Part> Plan(
        RenderedMessage message, Uri link, MessageForm form = MessageForm.AsWritten, INotice? notice = null, string? keyword = null)
    {
        var (format, content) = (message.Format, ChatText.Clean(message.Text));
        if (form >= MessageForm.PlainText && format == Card) content = ChatText.Clean(ChatText.WithoutMarkup(content));
        if (form >= MessageForm.PlainText || format is not (Post or Card)) format = Text;
        // A title calls nobody: a line with a mention stays in the text.
        var title = ChatText.Headline(TitleCall().Replace(content, ""), TitleCharacters);
        var limit = LimitBytes(format) / (form == MessageForm.Shorter ? 2 : 1);
        if (format != Text)
        {
            content = BelowTitle(content, title);
            limit = Math.Max(MessageSplitter.SmallestLimit, limit - Encoding.UTF8.GetByteCount(title) - 1);
        }

        var parts = MessageSplitter.Split(content, limit, markup: format == Card);
        return [.. parts.Select(x => format switch
        {
            Post => OfPost($"{x.Number}{title}".Replace("\n", " ", StringComparison.Ordinal), WithKeyword($"{x.Open}{x.Slice}{x.Close}")),
            Card => OfCard($"{x.Number}{title}".Replace("\n", " ", StringComparison.Ordinal), WithKeyword($"{x.Open}{x.Slice}{x.Close}")),
            _ => OfText(WithKeyword(x.ToString())),
        })];

        string WithKeyword(string text) => ChatText.WithKeyword(text, keyword);

        Part OfCard(string heading, string text) => new(
            new JsonObject
            {
                ["msg_type"] = "interactive",
                ["card"] = new JsonObject
                {
                    ["config"] = new JsonObject { ["wide_screen_mode"] = true },
                    ["header"] = new JsonObject { ["title"] = PlainText(heading), ["template"] = ColourOf(notice) },
                    ["elements"] = new JsonArray(
                        new JsonObject { ["tag"] = "markdown", ["content"] = Call().Replace(text, "<at id=${who}></at>") },
                        new JsonObject
                        {
                            ["tag"] = "action",
                            ["actions"] = new JsonArray(new JsonObject
                            {
                                ["tag"] = "button",
                                ["type"] = "primary",
                                ["text"] = PlainText(message.Language == MessageWords.Chinese ? "查看报警" : "Open the alarm"),
                                ["url"] = link.AbsoluteUri,
                            }),
                        }),
                },
            },
            Card, $"{heading}\n{text}");
    }

    /// <summary>The text without its first line if the title shows that line in full and more lines follow; otherwise the whole text.</summary>
    private static string BelowTitle(string content, string title)
    {
        var end = content.IndexOf('\n', StringComparison.Ordinal);
        return end > 0 && content[..end].Trim() == title && content[end..].Trim().Length > 0 ? content[(end + 1)..] : content;
    }

    private static Part OfText(string text) => new(
        new JsonObject
        {
            ["msg_type"] = "text",
            ["content"] = new JsonObject { ["text"] = Call().Replace(text, """<at user_id="${who}"></at>""") },
        },
        Text, text);

    private static Part OfPost(string heading, string text)
    {
        var lines = text.Split('\n').Select(x => (JsonNode)new JsonArray([.. ElementsOf(x)])).ToArray();
        var post = new JsonObject { ["title"] = heading, ["content"] = new JsonArray(lines) };
        return new(
            new JsonObject { ["msg_type"] = "post", ["content"] = new JsonObject { ["post"] = new JsonObject { ["zh_cn"] = post } } },
            Post, $"{heading}\n{text}");
    }

    /// <summary>Splits a line into an element for each text, address and mention.</summary>
    private static IEnumerable<JsonNode> ElementsOf(string line)
    {
        var at = 0;
        foreach (var match in CallOrAddress().Matches(line).Cast<Match>())
        {
            if (match.Index > at) yield return Words(line[at..match.Index]);
            yield return match.Groups["who"] is { Success: true } who
                ? new JsonObject { ["tag"] = "at", ["user_id"] = who.Value }
                : new JsonObject { ["tag"] = "a", ["text"] = match.Value, ["href"] = match.Value };
            at = match.Index + match.Length;
        }

        if (at < line.Length || at == 0) yield return Words(line[at..]);

        static JsonObject Words(string text) => new() { ["tag"] = "text", ["text"] = text };
    }

    private static JsonObject PlainText(string text) => new() { ["tag"] = "plain_text", ["content"] = text };

    private static string ColourOf(INotice? notice) => notice switch
    {
        null => "blue",
        { State: AlarmState.ClearedUnacked or AlarmState.ClearedAcked } => "green",
        { Level: AlarmLevel.Critical } => "red",
        { Level: AlarmLevel.High } => "orange",
        { Level: AlarmLevel.Medium } => "yellow",
        _ => "blue",
    };

    private const string CallPattern = "<@(?<who>[A-Za-z0-9_.-]{1,64})>";

    [GeneratedRegex($" ?{CallPattern}", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex TitleCall();

    [GeneratedRegex(CallPattern, RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Call();

    [GeneratedRegex($"{CallPattern}|https?://[!-)+-;=?-_a-~]+", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex CallOrAddress();
}
