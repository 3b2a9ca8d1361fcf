using Notify.Channels.Messages;

namespace Notify.Channels.WeCom;

/// <summary>WeCom's message types, as far as they are used.</summary>
internal sealed class WeComMessages : IChannelMessages
{
    public IReadOnlyList<IMessageFormat> Formats => WeComFormat.All;
    public bool TakesMentions => true;
}

/// <summary>The formats as they are named in messages, which is also how the platform names its message types.</summary>
public static class WeComFormat
{
    public const string Text = "text";
    public const string Markdown = "markdown";
    public const string MarkdownV2 = "markdown_v2";

    /// <summary>Written as lines, the first of which is the card's title; a value never adds a line.</summary>
    public const string TemplateCard = "template_card";

    public static readonly ChatFormat[] All =
    [
        new(Text, new("Plain text", "纯文本")) { KeepsLines = true },
        new(Markdown, new("Markdown", "Markdown")) { IsMarkdown = true },
        new(MarkdownV2, new("Markdown with tables", "Markdown（含表格）")) { IsMarkdown = true, HasTables = true },
        new(TemplateCard, new("Card", "卡片")),
    ];

    public static ChatFormat Of(string name) => Array.Find(All, x => x.Name == name) ?? All[0];
}
