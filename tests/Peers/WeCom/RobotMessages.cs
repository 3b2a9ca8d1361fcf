using System.Security.Cryptography;
using System.Text.Json;

namespace Notify.Peers.WeCom;

/// <summary>What a group robot accepts, type by type. Too long is rejected whole, never cut (except the texts of news).</summary>
internal static class RobotMessages
{
    private const int textBytes = 2048;
    private const int markdownBytes = 4096;
    private const int imageBytes = 2 * 1024 * 1024;

    public static Verdict Check(JsonElement body, string type, Robot robot, DateTimeOffset now)
    {
        if (type is not ("text" or "markdown" or "markdown_v2" or "image" or "news" or "file" or "voice" or "template_card"))
            return new(40008);
        if (body.Field(type) is not { ValueKind: JsonValueKind.Object } message)
            return new(40063);
        return type switch
        {
            "text" => Text(message),
            "markdown" or "markdown_v2" => MessageRules.Text(message, type, markdownBytes),
            "image" => Image(message),
            "news" => MessageRules.News(message),
            "template_card" => MessageRules.Card(message, app: false),
            _ => robot.HasMedia(message.Text("media_id"), now) ? Verdict.Ok : new(40007),
        };
    }

    private static Verdict Text(JsonElement message)
    {
        // Unknown ids are no error: the text just shows without an alert.
        foreach (var list in (string[])["mentioned_list", "mentioned_mobile_list"])
            if (message.Field(list) is { } mentions
                && (mentions.ValueKind != JsonValueKind.Array || message.Items(list).Any(one => one.ValueKind != JsonValueKind.String)))
                return Verdict.BadField($"text.{list}");
        return MessageRules.Text(message, "text", textBytes);
    }

    private static Verdict Image(JsonElement message)
    {
        var text = message.Text("base64");
        var raw = new byte[text.Length];
        if (text.Length == 0 || text.AsSpan().IndexOfAny("\r\n:,") >= 0 || !Convert.TryFromBase64String(text, raw, out var length))
            return Verdict.BadField("image.base64");
        if (length > imageBytes)
            return new(40009);
        var image = raw.AsSpan(0, length);
        if (!image.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]) && !image.StartsWith((ReadOnlySpan<byte>)[0x89, 0x50, 0x4E, 0x47]))
            return new(40005);
#pragma warning disable CA5351 // The platform's own field: the MD5 of the picture.
        var md5 = Convert.ToHexStringLower(MD5.HashData(image));
#pragma warning restore CA5351
        return string.Equals(md5, message.Text("md5"), StringComparison.OrdinalIgnoreCase) ? Verdict.Ok : new(301019);
    }
}
