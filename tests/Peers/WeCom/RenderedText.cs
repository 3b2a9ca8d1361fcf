using System.Text;
using System.Text.Json;

namespace Notify.Peers.WeCom;

/// <summary>What a reader sees of a message, as plain lines, cut where the platform cuts.</summary>
internal static class RenderedText
{
    public static string Of(JsonElement body, string type, WeComChannel channel)
    {
        if (body.Field(type) is not { } message)
            return "";
        return type switch
        {
            "text" when channel == WeComChannel.App => message.Text("content").CutTo(AppMessages.TextBytes),
            "text" => string.Concat(message.Text("content"), Mentions(message, "mentioned_list"), Mentions(message, "mentioned_mobile_list")),
            "markdown" or "markdown_v2" => message.Text("content"),
            "news" => string.Join('\n', message.Items("articles").Select(Article)),
            // Characters here, bytes in news: so the vendor's page has it.
            "textcard" => $"{Cut(message.Text("title"), 128)}\n{Cut(message.Text("description"), 512)}\n{message.Text("url")}",
            "template_card" => Card(message),
            _ => $"[{type}]",
        };
    }

    private static string Mentions(JsonElement message, string list) =>
        string.Concat(message.Items(list).Where(who => who.ValueKind == JsonValueKind.String).Select(who => $" @{who.GetString()!.TrimStart('@')}"));

    private static string Article(JsonElement article)
    {
        string[] lines = [article.Text("title").CutTo(128), article.Text("description").CutTo(512), article.Text("url")];
        return string.Join('\n', lines.Where(line => line.Length > 0));
    }

    private static string Cut(string text, int characters) => text.Length <= characters ? text : text[..characters];

    private static string Card(JsonElement card)
    {
        var lines = new StringBuilder();
        Line(card.Field("source").Text("desc"));
        Line(card.Field("main_title").Text("title"));
        Line(card.Field("main_title").Text("desc"));
        Line(card.Field("emphasis_content").Text("title"), card.Field("emphasis_content").Text("desc"));
        Line(card.Field("image_text_area").Text("title"), card.Field("image_text_area").Text("desc"));
        Line(card.Field("quote_area").Text("title"), card.Field("quote_area").Text("quote_text"));
        Line(card.Text("sub_title_text"));
        foreach (var row in card.Items("vertical_content_list"))
            Line(row.Text("title"), row.Text("desc"));
        foreach (var row in card.Items("horizontal_content_list"))
            Line(row.Text("keyname"), row.Text("value"));
        foreach (var row in card.Items("jump_list"))
            Line(row.Text("title"), row.Text("url"));
        Line(card.Field("card_action").Text("url"));
        return lines.ToString().TrimEnd('\n');

        void Line(string first, string second = "")
        {
            if (first.Length + second.Length > 0)
                lines.Append(first).Append(first.Length > 0 && second.Length > 0 ? ": " : "").Append(second).Append('\n');
        }
    }
}
