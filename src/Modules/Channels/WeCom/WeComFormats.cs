using System.Text.RegularExpressions;
using Notify.Channels.Messages;
using Notify.Channels.Sending;
using Notify.Contracts.Rules;

namespace Notify.Channels.WeCom;

/// <summary>Those of the platform's message types that Notify uses, and their size limits.</summary>
public static partial class WeComFormats
{
    public const string Text = "text";
    public const string Markdown = "markdown";
    public const string MarkdownV2 = "markdown_v2";

    /// <summary>Written as lines, the first of which is the card's title; a value never adds a line.</summary>
    public const string TemplateCard = "template_card";

    /// <summary>The maximum content in UTF-8 bytes: a robot refuses more (40058), an app silently truncates the text.</summary>
    public static int LimitBytes(bool robot, string format) => (robot, format) switch
    {
        (true, Markdown or MarkdownV2) => 4096,
        (_, Text or Markdown) => 2048,
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, "There is no such text format here."),
    };

    /// <summary>The maximum title and text of a card in characters, as the platform recommends; it shows no more.</summary>
    public static (int Title, int Text) CardCharacters(bool robot) => robot ? (26, 112) : (36, 160);

    /// <summary>The divisor of the limits, after the platform has refused a message within them.</summary>
    public static int DivisorOf(MessageForm form) => form == MessageForm.Shorter ? 2 : 1;

    /// <summary>The format to send, and the text in it without characters that the platform refuses.</summary>
    public static (string Format, string Content) Choose(bool robot, RenderedMessage message, Uri? link, MessageForm form)
    {
        var content = ChatText.Clean(message.Text);
        return form < MessageForm.PlainText || message.Format == Text ? Choose(robot, message.Format, content, link)
            : (Text, message.Format == TemplateCard ? content : ChatText.Clean(ChatText.WithoutMarkup(content)));
    }

    /// <summary>
    /// The format to send. Apps do not support markdown_v2: a text with elements that the older markdown lacks too (tables, code blocks) is sent as
    /// plain text, which is more readable, others as markdown. A card requires a link.
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
