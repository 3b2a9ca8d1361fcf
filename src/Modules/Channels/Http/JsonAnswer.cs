using System.Text.Json;

namespace Notify.Channels.Http;

/// <summary>Reads a platform's JSON answer.</summary>
internal static class JsonAnswer
{
    /// <returns>Null unless the body is a single JSON object: a proxy's page or a truncated body is not the platform's answer.</returns>
    public static JsonElement? Read(ReadOnlySpan<byte> body)
    {
        try
        {
            var reader = new Utf8JsonReader(body);
            using var answer = JsonDocument.ParseValue(ref reader);
            return reader.Read() || answer.RootElement.ValueKind != JsonValueKind.Object ? null : answer.RootElement.Clone();
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>A text, or a number as text; null if there is neither.</summary>
    public static string? TextOf(this JsonElement answer, string name) =>
        answer.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String or JsonValueKind.Number ? value.ToString() : null;
}
