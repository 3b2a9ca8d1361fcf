using System.Text;
using System.Text.Json;

namespace Notify.Audit.Index;

/// <summary>Selects the texts by which an event is found: certain fields of alarms, decisions and notifications; every text of other
/// events.</summary>
internal ref struct SearchTexts
{
    private const int MaxLength = 4000;

    /// <summary>The bodies of an event, as SQL columns.</summary>
    public const string Bodies = "e.data->>'value', e.data->>'description', e.data->'content'->>'text'";

    /// <summary>The name and the path of the event's resource, as escaped in JSON; empty if the event does not contain them.</summary>
    public ReadOnlySpan<byte> Name { get; private set; }
    public ReadOnlySpan<byte> Path { get; private set; }

    /// <summary>Whether the event belongs to the processing of alarms, which accounts for most events.</summary>
    public static bool IsBulk(ReadOnlySpan<byte> kind) =>
        kind.SequenceEqual("alarm"u8) || kind.SequenceEqual("decision"u8) || kind.SequenceEqual("notification"u8);

    /// <param name="texts">Receives texts that recur, as escaped in JSON.</param>
    /// <param name="bodies">Receives texts that are mostly new: values, descriptions, what was sent.</param>
    public void Read(ReadOnlySpan<byte> data, IndexBatch? texts, BodyGrams bodies)
    {
        var reader = new Utf8JsonReader(data, new JsonReaderOptions { MaxDepth = 128 });
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.ValueSpan;
            reader.Read();
            switch (reader.TokenType)
            {
                case JsonTokenType.String when reader.ValueSpan.Length > 0:
                    if (name.SequenceEqual("name"u8) || name.SequenceEqual("displayName"u8) || (name.SequenceEqual("alarmName"u8) && Name.IsEmpty))
                        Name = reader.ValueSpan;
                    else if (name.SequenceEqual("path"u8) || (name.SequenceEqual("alarmPath"u8) && Path.IsEmpty)) Path = reader.ValueSpan;
                    else if (name.SequenceEqual("nobody"u8) || name.SequenceEqual("reason"u8) || name.SequenceEqual("note"u8)
                        || name.SequenceEqual("why"u8) || name.SequenceEqual("platformCode"u8))
                        texts?.AddText(reader.ValueSpan);
                    else if (name.SequenceEqual("value"u8) || name.SequenceEqual("description"u8)) bodies.Add(ref reader);
                    break;
                case JsonTokenType.Number when name.SequenceEqual("platformCode"u8):
                    texts?.AddText(reader.ValueSpan);
                    break;
                case JsonTokenType.StartObject when name.SequenceEqual("rule"u8) || name.SequenceEqual("service"u8):
                    ReadObject(ref reader, texts, bodies, "name"u8);
                    break;
                case JsonTokenType.StartObject when name.SequenceEqual("content"u8):
                    ReadObject(ref reader, texts, bodies, default);
                    break;
                case JsonTokenType.StartArray when name.SequenceEqual("receivers"u8):
                    while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                    {
                        if (reader.TokenType == JsonTokenType.StartObject) ReadObject(ref reader, texts, bodies, "alias"u8, "account"u8);
                        else reader.Skip();
                    }

                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
    }

    /// <summary>Every text of an event, one per line, up to about <see cref="MaxLength"/> characters.</summary>
    public static string All(JsonElement data)
    {
        var all = new StringBuilder();
        AddAll(all, data);
        return all.ToString();
    }

    /// <summary>The name and the path of the event's resource; null if the event does not contain a name.</summary>
    public static string? SubjectOf(JsonElement data)
    {
        if ((Text(data, "name") ?? Text(data, "displayName") ?? Text(data, "alarmName")) is not { } name) return null;
        return (Text(data, "path") ?? Text(data, "alarmPath")) is { Length: > 0 } path ? $"{name}\n{path}" : name;
    }

    /// <param name="name">The property whose text recurs; empty: the object is a message, and its text is a body.</param>
    private static void ReadObject(
        ref Utf8JsonReader reader, IndexBatch? texts, BodyGrams bodies, ReadOnlySpan<byte> name, ReadOnlySpan<byte> other = default)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var property = reader.ValueSpan;
            reader.Read();
            if (reader.TokenType != JsonTokenType.String || reader.ValueSpan.IsEmpty) reader.Skip();
            else if (name.IsEmpty && property.SequenceEqual("text"u8)) bodies.Add(ref reader);
            else if (property.SequenceEqual(name) || property.SequenceEqual(other)) texts?.AddText(reader.ValueSpan);
        }
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
        value.ValueKind == JsonValueKind.Object && value.TryGetProperty(field, out var x) && x.ValueKind == JsonValueKind.String
            ? x.GetString() : null;
}
