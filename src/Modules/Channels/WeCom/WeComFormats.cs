using System.Text.RegularExpressions;
using Notify.Channels.Messages;
using Notify.Channels.Sending;
using Notify.Contracts.Rules;

namespace Notify.Channels.WeCom;

/// <summary>The platform's message types, as far as they are used, and what fits in them.</summary>
public static partial class WeComFormats
{
    public const string Text = "text";
    public const string Markdown = "markdown";
    public const string MarkdownV2 = "markdown_v2";

    /// <summary>Written as lines, the first of which is the card's title; a value never adds a line.</summary>
    public const string TemplateCard = "template_card";

    /// <summary>The longest content in UTF-8 bytes: a robot refuses more (40058), an app cuts text without a word.</summary>
    public static int LimitBytes(bool robot, string format) => (robot, format) switch
    {
        (true, Markdown or MarkdownV2) => 4096,
        (_, Text or Markdown) => 2048,
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, "There is no such text format here."),
    };

    /// <summary>The longest title and text of a card in characters; the platform recommends these, and shows no more.</summary>
    public static (int Title, int Text) CardCharacters(bool robot) => robot ? (26, 112) : (36, 160);

    /// <summary>By how much the limits are divided, after the platform has refused what keeps to them.</summary>
    public static int DivisorOf(MessageForm form) => form == MessageForm.Shorter ? 2 : 1;

    /// <summary>The format that will do, and the text in it, cleaned of what the platform refuses in any.</summary>
    public static (string Format, string Content) Choose(bool robot, RenderedMessage message, Uri? link, MessageForm form)
    {
        var content = ChatText.Clean(message.Text);
        return form < MessageForm.PlainText || message.Format == Text ? Choose(robot, message.Format, content, link)
            : (Text, message.Format == TemplateCard ? content : ChatText.Clean(ChatText.WithoutMarkup(content)));
    }

    /// <summary>
    /// The format that will do. An app has no markdown_v2: what the older markdown cannot show either (tables, blocks of code) is easier to read
    /// as plain text, the rest as markdown. A card needs an address to lead to.
    /// </summary>
    public static (string Format, string Content) Choose(bool robot, string format, string content, Uri? link) => format switch
    {
        Text or Markdown => (format, content),
        MarkdownV2 when robot => (format, content),
        MarkdownV2 when OnlyInV2().IsMatch(content) => (Text, content),
        MarkdownV2 => (Markdown, Image().Replace(content, "[")),
        TemplateCard when link is not null => (format, content),
        _ => (Text, content),
    };

    [GeneratedRegex(@"^\s*(```|\|?[ :]*-{2,}[ :]*\|[-:| ]*$)", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex OnlyInV2();

    [GeneratedRegex(@"!\[(?=[^\[\]\n]*\]\([^()\n]*\))", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Image();
}
