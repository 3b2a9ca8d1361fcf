using Notify.Kernel.Texts;

namespace Notify.Rules.Messages;

/// <summary>In which formats the messages of a channel type can be written.</summary>
public static class MessageFormats
{
    public const string Text = TextFormats.Text;
    public const string Markdown = TextFormats.Markdown;
    public const string MarkdownV2 = TextFormats.MarkdownV2;
    public const string TemplateCard = TextFormats.TemplateCard;

    private static readonly Dictionary<string, string[]> byType = new(StringComparer.Ordinal)
    {
        ["wecom"] = [Text, Markdown, MarkdownV2, TemplateCard],
    };

    public static IReadOnlyCollection<string> Types => byType.Keys;

    /// <summary>Empty for an unknown type.</summary>
    public static IReadOnlyList<string> Of(string type) => byType.GetValueOrDefault(type) ?? [];
}
