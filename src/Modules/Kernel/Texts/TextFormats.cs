namespace Notify.Kernel.Texts;

/// <summary>In which a text is written, and so what in it is markup.</summary>
public static class TextFormats
{
    public const string Text = "text";
    public const string Markdown = "markdown";
    public const string MarkdownV2 = "markdown_v2";

    /// <summary>Written as lines, the first of which is the card's title; a value never adds a line.</summary>
    public const string TemplateCard = "template_card";
}
