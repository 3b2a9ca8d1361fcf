using System.Text.Json;

namespace Notify.Peers.WeCom;

/// <summary>What an app accepts, type by type. Its texts are cut where a robot's would be rejected; its markdown is half as long.</summary>
internal static class AppMessages
{
    public const int TextBytes = 2048;
    private const int markdownBytes = 2048;

    public static Verdict Check(JsonElement body, string type)
    {
        if (type is not ("text" or "image" or "voice" or "video" or "file" or "textcard" or "news" or "mpnews" or "markdown"
            or "miniprogram_notice" or "template_card"))
            return new(40008);
        if (body.Field(type) is not { ValueKind: JsonValueKind.Object } message)
            return new(40063);
        if (type is "news" && body.Integer("safe") == 1)
            return new(40074);
        return type switch
        {
            "text" => MessageRules.Text(message, type, int.MaxValue),
            // The behaviour of over-long app markdown is not documented; rejecting it is the reading that hurts more.
            "markdown" => MessageRules.Text(message, type, markdownBytes),
            "textcard" => TextCard(message),
            "news" => MessageRules.News(message),
            "template_card" => MessageRules.Card(message, app: true),
            "image" or "voice" or "video" or "file" when message.Text("media_id").Length == 0 => new(40007),
            _ => Verdict.Ok,
        };
    }

    private static Verdict TextCard(JsonElement message)
    {
        if (message.Text("title").Length == 0)
            return new(41016);
        if (message.Text("description").Length == 0)
            return new(41033);
        return MessageRules.Address(message.Text("url"), 2048);
    }
}
