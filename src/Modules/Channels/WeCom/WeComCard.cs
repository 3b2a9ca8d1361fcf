using System.Text.Json;
using Notify.Channels.Messages;

namespace Notify.Channels.WeCom;

/// <summary>A card of type <c>text_notice</c>, the only type that Notify uses. The platform requires a title or a text, and a link.</summary>
public readonly record struct WeComCard(string Title, string Text)
{
    /// <summary>Makes the first line the title if it fits, and the following lines the text. Returns the remainder, which the card would not
    /// show.</summary>
    /// <param name="content">As returned by <see cref="ChatText.Clean"/>.</param>
    public static (WeComCard Card, string Remainder) Fill(string content, (int Title, int Text) characters)
    {
        content = content.Trim();
        var lineEnd = content.IndexOf('\n', StringComparison.Ordinal);
        var first = lineEnd < 0 ? content : content[..lineEnd].TrimEnd();
        var (title, text) = ChatText.Fits(first, characters.Title, out _) ? (first, lineEnd < 0 ? "" : content[lineEnd..].Trim()) : ("", content);
        if (ChatText.Fits(text, characters.Text, out var stop)) return (new(title, text), "");
        // "…" takes one character. It is cut at a line end, unless that would leave less than half.
        ChatText.Fits(text, characters.Text - 1, out stop);
        var line = text.LastIndexOf('\n', stop - 1);
        if (line > stop / 2) stop = line;
        return (new(title, text[..stop].TrimEnd() + "…"), text[stop..].TrimStart());
    }

    public void Write(Utf8JsonWriter json, Uri link)
    {
        json.WriteString("card_type"u8, "text_notice"u8);
        json.WriteStartObject("main_title"u8);
        if (Title.Length > 0) json.WriteText("title"u8, Title);
        json.WriteEndObject();
        if (Text.Length > 0) json.WriteText("sub_title_text"u8, Text);
        json.WriteStartObject("card_action"u8);
        json.WriteNumber("type"u8, 1);
        json.WriteText("url"u8, link.AbsoluteUri);
        json.WriteEndObject();
    }
}
