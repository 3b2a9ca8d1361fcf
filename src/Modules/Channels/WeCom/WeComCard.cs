using System.Text.Json;
using Notify.Channels.Messages;

namespace Notify.Channels.WeCom;

/// <summary>The one kind of card that alarms need: <c>text_notice</c>. It cannot exist without a title or text, nor without an address to lead
/// to.</summary>
public readonly record struct WeComCard(string Title, string Text)
{
    /// <summary>The first line becomes the title if it fits, what follows the text. The rest, which the card would not show, is handed
    /// back.</summary>
    /// <param name="content">Cleaned.</param>
    public static (WeComCard Card, string Remainder) Fill(string content, (int Title, int Text) characters)
    {
        content = content.Trim();
        var lineEnd = content.IndexOf('\n', StringComparison.Ordinal);
        var first = lineEnd < 0 ? content : content[..lineEnd].TrimEnd();
        var (title, text) = ChatText.Fits(first, characters.Title, out _) ? (first, lineEnd < 0 ? "" : content[lineEnd..].Trim()) : ("", content);
        if (ChatText.Fits(text, characters.Text, out var stop)) return (new(title, text), "");
        // "…" takes a character; a line's end is the better place, unless little would be left.
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
