using System.Text.Json;

namespace Notify.Peers.WeCom;

/// <summary>Rules the two channels share: news, cards, addresses.</summary>
internal static class MessageRules
{
    private static readonly string[] robotCards = ["text_notice", "news_notice"];
    private static readonly string[] appCards = [.. robotCards, "button_interaction", "vote_interaction", "multiple_interaction"];

    public static Verdict Text(JsonElement message, string type, int limit)
    {
        if (message.Field("content") is not { } content)
            return new(44004);
        if (content.ValueKind != JsonValueKind.String)
            return Verdict.BadField($"{type}.content");
        var text = content.GetString()!;
        if (text.Length == 0)
            return new(44004);
        return text.LongerThan(limit) ? Verdict.TooLong($"{type}.content", limit) : Verdict.Ok;
    }

    public static Verdict Address(string url, int limit)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var address) || address.Scheme.Length == 0 || !url.Contains("://", StringComparison.Ordinal))
            return new(40094);
        return url.LongerThan(limit) ? new(40039) : Verdict.Ok;
    }

    public static Verdict News(JsonElement message)
    {
        var articles = message.Items("articles");
        if (articles.Length == 0)
            return Verdict.BadField("news.articles");
        if (articles.Length > 8)
            return new(45008);
        foreach (var article in articles)
        {
            if (article.Text("title").Length == 0)
                return new(41016);
            if (Address(article.Text("url"), 1024) is { Code: not 0 } bad)
                return bad;
        }

        return Verdict.Ok;
    }

    /// <summary>Counts and required fields of a template card. Its lengths are recommendations and reject nothing.</summary>
    public static Verdict Card(JsonElement card, bool app)
    {
        var type = card.Text("card_type");
        if (!(app ? appCards : robotCards).Contains(type))
            return Verdict.BadField("template_card.card_type");
        var title = card.Field("main_title");
        if (title is not { ValueKind: JsonValueKind.Object })
            return Verdict.BadField("template_card.main_title");
        if (title.Text("title").Length == 0 && (type != "text_notice" || card.Text("sub_title_text").Length == 0))
            return Verdict.BadField("template_card.main_title.title");
        if (type == "news_notice" && card.Field("card_image").Text("url").Length == 0 && card.Field("image_text_area") is null)
            return Verdict.BadField("template_card.card_image.url");
        var action = CardAction(card, required: type is "text_notice" or "news_notice");
        return action.Code != 0 ? action : CardLists(card);
    }

    private static Verdict CardAction(JsonElement card, bool required)
    {
        if (card.Field("card_action") is not { } action)
            return required ? Verdict.BadField("template_card.card_action") : Verdict.Ok;
        return action.Integer("type") switch
        {
            1 when action.Text("url").Length > 0 => Verdict.Ok,
            1 => Verdict.BadField("template_card.card_action.url"),
            2 when action.Text("appid").Length > 0 => Verdict.Ok,
            2 => Verdict.BadField("template_card.card_action.appid"),
            _ => Verdict.BadField("template_card.card_action.type"),
        };
    }

    private static Verdict CardLists(JsonElement card)
    {
        if (TooMany(card, "vertical_content_list", 4, "title") is { Code: not 0 } vertical)
            return vertical;
        if (TooMany(card, "horizontal_content_list", 6, "keyname") is { Code: not 0 } horizontal)
            return horizontal;
        if (TooMany(card, "jump_list", 3, "title") is { Code: not 0 } jump)
            return jump;
        foreach (var row in card.Items("horizontal_content_list"))
        {
            var missing = row.Integer("type") switch { 1 => "url", 2 => "media_id", 3 => "userid", _ => null };
            if (missing is not null && row.Text(missing).Length == 0)
                return Verdict.BadField($"template_card.horizontal_content_list.{missing}");
        }

        return Verdict.Ok;
    }

    private static Verdict TooMany(JsonElement card, string list, int limit, string required)
    {
        var items = card.Items(list);
        if (items.Length > limit)
            return Verdict.BadField($"template_card.{list} size");
        return Array.Exists(items, item => item.Text(required).Length == 0) ? Verdict.BadField($"template_card.{list}.{required}") : Verdict.Ok;
    }
}
