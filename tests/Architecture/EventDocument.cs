using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Notify.Channels;
using Notify.Kernel;
using Notify.Kernel.Events;

namespace Notify.Architecture.Tests;

/// <summary>docs/events.md: every event by name, what it means, and the fields it is stored with.</summary>
internal static class EventDocument
{
    private static readonly JsonSerializerOptions json = new(NotifyJson.Options) { TypeInfoResolver = new DefaultJsonTypeInfoResolver() };

    private static readonly Dictionary<Type, string> plain = new()
    {
        [typeof(string)] = "text",
        [typeof(bool)] = "true or false",
        [typeof(int)] = "number",
        [typeof(long)] = "number",
        [typeof(double)] = "number",
        [typeof(decimal)] = "number",
        [typeof(Guid)] = "uuid",
        [typeof(DateTimeOffset)] = "instant",
        [typeof(DateOnly)] = "date",
        [typeof(TimeOnly)] = "time",
        [typeof(TimeSpan)] = "duration",
        [typeof(System.Text.Json.Nodes.JsonObject)] = "object",
        [typeof(System.Text.Json.Nodes.JsonNode)] = "any JSON",
    };

    public static string Of(EventCatalog catalog, ChannelCatalog channels)
    {
        var text = new StringBuilder("""
            # Events

            Every event that Notify stores, and its fields. `?` marks a field that may be absent. On each event there are also: its sequence, stream, version and
            instant, the actor, source address, reason and client (headers), the correlation id, and the id of the event that caused it.

            This file is generated; `tests/Architecture` fails when it is not current, and says how to write it anew.

            """);
        var shapes = new SortedDictionary<string, Type>(StringComparer.Ordinal);
        foreach (var module in catalog.Modules.OrderBy(x => x.Module, StringComparer.Ordinal))
        {
            text.Append($"\n## {module.Module}\n");
            foreach (var type in module.Types.OrderBy(x => x.Name, StringComparer.Ordinal))
            {
                text.Append($"\n### {type.Name}\n\n{type.Meaning}\n");
                AppendFields(text, type.ClrType, shapes, channels);
            }
        }

        text.Append("\n## Shapes\n\nParts of the events above.\n");
        var written = new HashSet<string>(StringComparer.Ordinal);
        while (shapes.FirstOrDefault(x => !written.Contains(x.Key)) is { Key: { } name } next)
        {
            written.Add(name);
            var part = new StringBuilder();
            AppendFields(part, next.Value, shapes, channels);
            text.Append($"\n### {name}\n{part}");
        }

        return text.ToString();
    }

    private static void AppendFields(StringBuilder text, Type type, SortedDictionary<string, Type> shapes, ChannelCatalog channels)
    {
        var fields = ChannelParts.FieldsOf(json.GetTypeInfo(type), channels).ToList();
        if (fields.Count > 0) text.Append('\n');
        foreach (var (name, of, optional) in fields) text.Append($"- `{name}`{(optional ? "?" : "")}: {Describe(of, shapes)}\n");
    }

    private static string Describe(Type type, SortedDictionary<string, Type> shapes)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (plain.TryGetValue(type, out var known)) return known;
        if (type.IsEnum) return $"one of {string.Join(", ", Enum.GetValues(type).Cast<object>().Select(x => $"`{JsonSerializer.Serialize(x, type, json).Trim('"')}`"))}";
        var info = json.GetTypeInfo(type);
        switch (info.Kind)
        {
            case JsonTypeInfoKind.Enumerable: return $"list of {Describe(info.ElementType!, shapes)}";
            case JsonTypeInfoKind.Dictionary: return $"{Describe(info.KeyType!, shapes)} → {Describe(info.ElementType!, shapes)}";
            case JsonTypeInfoKind.Object:
                if (shapes.TryAdd(type.Name, type) || shapes[type.Name] == type) return $"[{type.Name}](#{type.Name.ToLowerInvariant()})";
                throw new InvalidOperationException($"Two shapes are called {type.Name}: rename one, so that the documentation can tell them apart.");
            default: throw new InvalidOperationException($"Say in EventDocument how {type.Name} is to be described.");
        }
    }
}
