using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Texts;

namespace Notify.Audit.History;

/// <summary>Fills the templates of <see cref="EventSummary"/>.</summary>
public sealed class SummaryWriter(IEnumerable<EventSummary> templates)
{
    /// <summary>A list names so many of its items.</summary>
    private const int MostItems = 5;

    private readonly FrozenDictionary<string, EventSummary> byType = templates.ToFrozenDictionary(x => x.EventType, StringComparer.Ordinal);

    /// <param name="before">The event that named the stream.</param>
    public BilingualText Write(string type, JsonNode data, JsonNode? before, Actor actor)
    {
        // A type that this version does not know: written by a later one.
        var template = byType.GetValueOrDefault(type) ?? new EventSummary(type, type, type);
        var (english, chinese) = (Fill(template.Text.En, data, before, chinese: false), Fill(template.Text.Zh, data, before, chinese: true));
        return actor.Kind == Actor.SystemKind ? new(english, chinese) : new($"{english}, by {actor.Name}", $"{chinese}（操作人：{actor.Name}）");
    }

    private static string Fill(string template, JsonNode data, JsonNode? before, bool chinese)
    {
        var text = new StringBuilder();
        for (var rest = template.AsSpan(); rest.Length > 0;)
        {
            var open = rest.IndexOf('[');
            if (open < 0) open = rest.Length;
            FillPart(text, rest[..open], data, before, chinese);
            if (open == rest.Length) break;
            var close = rest.IndexOf(']');
            var start = text.Length;
            if (!FillPart(text, rest[(open + 1)..close], data, before, chinese)) text.Length = start;
            rest = rest[(close + 1)..];
        }

        return text.ToString();
    }

    /// <returns>Whether every field had a value.</returns>
    private static bool FillPart(StringBuilder text, ReadOnlySpan<char> part, JsonNode data, JsonNode? before, bool chinese)
    {
        var complete = true;
        while (part.IndexOf('{') is >= 0 and var open)
        {
            text.Append(part[..open]);
            var close = part.IndexOf('}');
            var field = part[(open + 1)..close].ToString();
            var value = Show(field.Trim('?', '#'), field[^1] == '#', data, before, chinese);
            complete &= value.Length > 0;
            if (field[0] != '?') text.Append(value.Length > 0 ? value : "?");
            part = part[(close + 1)..];
        }

        text.Append(part);
        return complete;
    }

    private static string Show(string field, bool count, JsonNode data, JsonNode? before, bool chinese)
    {
        var value = At(data, field) ?? (before is null ? null : At(before, field));
        // Something may be called what a code is called.
        if (!count) return value is null ? "" : field.EndsWith("name", StringComparison.OrdinalIgnoreCase) ? value.ToString() : Show(value, chinese);
        return value is JsonArray { Count: > 0 } items ? items.Count.ToString(CultureInfo.InvariantCulture) : "";
    }

    private static string Show(JsonNode value, bool chinese) => value switch
    {
        JsonArray items => string.Join(chinese ? "、" : ", ", items.Take(MostItems).Select(x => x is null ? "" : Show(x, chinese)))
            + (items.Count > MostItems ? " …" : ""),
        JsonObject item => (item["alias"] ?? item["account"] ?? item["name"])?.ToString() ?? "",
        _ when value.GetValueKind() is JsonValueKind.False or JsonValueKind.Null => "",
        _ when value.GetValueKind() == JsonValueKind.Number => value.ToJsonString() is "0" ? "" : value.ToJsonString(),
        _ => SummaryWords.Of(value.ToString(), chinese),
    };

    private static JsonNode? At(JsonNode node, string path)
    {
        JsonNode? at = node;
        foreach (var name in path.Split('.')) at = (at as JsonObject)?[name];
        return at;
    }
}
