using System.Text;
using System.Text.Json;

namespace Notify.Peers.WeCom;

/// <summary>Reading messages whose fields may be missing or of any type.</summary>
internal static class Json
{
    public static JsonElement? Field(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var found) && found.ValueKind != JsonValueKind.Null
            ? found
            : null;

    /// <summary>The text of a field; "" when it is missing or not a string.</summary>
    public static string Text(this JsonElement element, string name) =>
        element.Field(name) is { ValueKind: JsonValueKind.String } text ? text.GetString()! : "";

    public static string Text(this JsonElement? element, string name) => element is { } some ? some.Text(name) : "";

    /// <summary>A whole number, or null. A number in quotes is not one.</summary>
    public static int? Integer(this JsonElement element, string name) =>
        element.Field(name) is { ValueKind: JsonValueKind.Number } number && number.TryGetInt32(out var value) ? value : null;

    /// <summary>The items of an array field; none when it is missing or no array.</summary>
    public static JsonElement[] Items(this JsonElement element, string name) =>
        element.Field(name) is { ValueKind: JsonValueKind.Array } list ? [.. list.EnumerateArray()] : [];

    public static bool LongerThan(this string text, int bytes) => text.Length > bytes || Encoding.UTF8.GetByteCount(text) > bytes;

    /// <summary>The longest beginning of at most so many UTF-8 bytes that does not split a character.</summary>
    public static string CutTo(this string text, int bytes)
    {
        if (!text.LongerThan(bytes))
            return text;
        var taken = 0;
        var used = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            if (used + rune.Utf8SequenceLength > bytes)
                break;
            used += rune.Utf8SequenceLength;
            taken += rune.Utf16SequenceLength;
        }

        return text[..taken];
    }

    public static async Task<byte[]> ReadBodyAsync(HttpRequest request)
    {
        if (request.ContentLength is { } length)
        {
            var exact = new byte[length];
            await request.Body.ReadExactlyAsync(exact, request.HttpContext.RequestAborted);
            return exact;
        }

        using var memory = new MemoryStream();
        await request.Body.CopyToAsync(memory, request.HttpContext.RequestAborted);
        return memory.ToArray();
    }
}
