using System.Text;
using System.Text.Json;

namespace Notify.Audit.Index;

/// <summary>The texts by which an event is found. One that is the same in many events costs nothing; numbers, values and message bodies are left out.</summary>
internal static class SearchTexts
{
    private const int MaxLength = 4000;

    /// <summary>Kinds of streams that the way of an alarm fills; of the others, what people do, every text counts.</summary>
    private static readonly HashSet<string> bulk = new(["alarm", "decision", "notification"], StringComparer.Ordinal);

    /// <summary>Bodies and codes of what went well: there is nothing in them to look for, and they are the largest.</summary>
    private static readonly HashSet<string> silent = new(["delivery.attempt_started.v1", "delivery.attempt_succeeded.v1"], StringComparer.Ordinal);

    /// <summary>The fields that are texts of their own, wherever the event comes from.</summary>
    private static readonly string[] spoken = ["nobody", "reason", "note", "why"];

    /// <summary>What the event's resource is called, and where it is; null when this event does not say.</summary>
    public static string? SubjectOf(JsonElement data)
    {
        if ((Text(data, "name") ?? Text(data, "alarmName")) is not { } name) return null;
        return (Text(data, "path") ?? Text(data, "alarmPath")) is { } path ? $"{name}\n{path}" : name;
    }

    public static bool HasNone(string type) => silent.Contains(type);

    public static void AddTo(ICollection<string> texts, string kind, JsonElement data)
    {
        if (!bulk.Contains(kind))
        {
            var all = new StringBuilder();
            AddAll(all, data);
            if (all.Length > 0) texts.Add(all.ToString());
            return;
        }

        foreach (var field in spoken)
            if (Text(data, field) is { Length: > 0 } text) texts.Add(text);
        foreach (var field in (string[])["rule", "service"])
            if (data.TryGetProperty(field, out var reference) && reference.ValueKind == JsonValueKind.Object && Text(reference, "name") is { Length: > 0 } name) texts.Add(name);
        if (data.TryGetProperty("platformCode", out var code) && code.ValueKind == JsonValueKind.Number) texts.Add(code.GetRawText());
        if (!data.TryGetProperty("receivers", out var receivers) || receivers.ValueKind != JsonValueKind.Array) return;
        foreach (var receiver in receivers.EnumerateArray())
            if ((Text(receiver, "alias") ?? Text(receiver, "account")) is { Length: > 0 } name) texts.Add(name);
    }

    private static void AddAll(StringBuilder all, JsonElement value)
    {
        if (all.Length > MaxLength) return;
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var property in value.EnumerateObject()) AddAll(all, property.Value);
                break;
            case JsonValueKind.Array:
                foreach (var item in value.EnumerateArray()) AddAll(all, item);
                break;
            case JsonValueKind.String when value.GetString() is { Length: > 0 } text:
                all.Append(all.Length == 0 ? "" : "\n").Append(text);
                break;
        }
    }

    private static string? Text(JsonElement value, string field) =>
        value.ValueKind == JsonValueKind.Object && value.TryGetProperty(field, out var x) && x.ValueKind == JsonValueKind.String ? x.GetString() : null;
}
