using System.Text.Json;

namespace Notify.Channels.Http;

/// <summary>What a platform answers in JSON.</summary>
internal static class JsonAnswer
{
    /// <returns>Null unless the body is one whole JSON object: a proxy's page and a cut body are not the platform's word.</returns>
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

    /// <summary>A text or a number; null when there is none.</summary>
    public static string? TextOf(this JsonElement answer, string name) =>
        answer.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String or JsonValueKind.Number ? value.ToString() : null;
}
