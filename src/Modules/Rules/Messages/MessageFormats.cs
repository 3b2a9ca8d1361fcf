namespace Notify.Rules.Messages;

/// <summary>In which formats the messages of a channel type can be written.</summary>
public static class MessageFormats
{
    public const string Text = "text";
    public const string Markdown = "markdown";
    public const string MarkdownV2 = "markdown_v2";

    /// <summary>Written as lines, the first of which is the card's title; a value never adds a line.</summary>
    public const string TemplateCard = "template_card";

    private static readonly Dictionary<string, string[]> byType = new(StringComparer.Ordinal)
    {
        ["wecom"] = [Text, Markdown, MarkdownV2, TemplateCard],
    };

    public static IReadOnlyCollection<string> Types => byType.Keys;

    /// <summary>Empty for an unknown type.</summary>
    public static IReadOnlyList<string> Of(string type) => byType.GetValueOrDefault(type) ?? [];
}
