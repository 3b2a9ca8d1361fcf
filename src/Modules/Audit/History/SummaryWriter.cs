using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Http;
using Notify.Kernel.Texts;

namespace Notify.Audit.History;

/// <summary>Fills the templates of <see cref="EventSummary"/>.</summary>
public sealed class SummaryWriter(IEnumerable<EventSummary> templates, ProblemTexts texts)
{
    /// <summary>How many items of a list are shown.</summary>
    private const int MostItems = 5;

    private readonly FrozenDictionary<string, EventSummary> byType = templates.ToFrozenDictionary(x => x.EventType, StringComparer.Ordinal);

    /// <param name="before">The earlier event that contains the stream's name.</param>
    public BilingualText Write(string type, JsonNode data, JsonNode? before, Actor actor)
    {
        // A later version may have written a type that this one does not know.
        var template = byType.GetValueOrDefault(type) ?? new EventSummary(type, type, type);
        var (english, chinese) = (Fill(template.Text.En, data, before, chinese: false), Fill(template.Text.Zh, data, before, chinese: true));
        return IsNamed(english, actor)
            ? new(english, chinese)
            : new($"{english}, {template.By.En} {actor.Name}", $"{chinese}（{template.By.Zh}：{actor.Name}）");
    }

    /// <summary>A summary in either language for where its actor is shown beside it.</summary>
    public static string WithoutActor(string summary, Actor actor)
    {
        if (!IsNamed(summary, actor))
            foreach (var (begin, end) in new[] { (", ", $"by {actor.Name}"), ("（", $"：{actor.Name}）") })
                if (summary.EndsWith(end, StringComparison.Ordinal)
                    && summary[..^end.Length].LastIndexOf(begin, StringComparison.Ordinal) is > 0 and var at) return summary[..at];
        return summary;
    }

    /// <summary>Whether the sentence itself names the actor, or nobody need be named.</summary>
    private static bool IsNamed(string summary, Actor actor) =>
        actor.Kind == Actor.SystemKind || summary.StartsWith($"“{actor.Name}”", StringComparison.Ordinal);

    private string Fill(string template, JsonNode data, JsonNode? before, bool chinese)
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
    private bool FillPart(StringBuilder text, ReadOnlySpan<char> part, JsonNode data, JsonNode? before, bool chinese)
    {
        var complete = true;
        while (part.IndexOf('{') is >= 0 and var open)
        {
            text.Append(part[..open]);
            var close = part.IndexOf('}');
            var parts = part[(open + 1)..close].ToString().Split('|');
            var (field, name) = (parts[0], parts[0].Trim('?', '#', '~'));
            var value = At(data, name) ?? (before is null ? null : At(before, name));
            if (field[^1] == '#') value = (value as JsonArray)?.Count;
            // A name may be the same as a code.
            var shown = value is null ? ""
                : field[0] == '~' && chinese ? texts.Chinese(value.ToString())
                : name.EndsWith("name", StringComparison.OrdinalIgnoreCase) ? value.ToString()
                : Show(value, chinese);
            complete &= shown.Length > 0 && (shown != "0" || value!.GetValueKind() != JsonValueKind.Number);
            if (field[0] != '?') text.Append(shown.Length > 0 ? shown : "?");
            if (parts is [_, var one, var many]) text.Append(' ').Append(shown == "1" ? one : many);
            part = part[(close + 1)..];
        }

        text.Append(part);
        return complete;
    }

    private static string Show(JsonNode value, bool chinese) => value switch
    {
        JsonArray items => string.Join(chinese ? "、" : ", ", items.Take(MostItems).Select(x => x is null ? "" : Show(x, chinese)))
            + (items.Count > MostItems ? " …" : ""),
        JsonObject counts when counts.All(x => x.Value?.GetValueKind() == JsonValueKind.Number) => Counts(counts, chinese),
        JsonObject item => (item["alias"] ?? item["account"] ?? item["name"])?.ToString() ?? "",
        _ when value.GetValueKind() is JsonValueKind.False or JsonValueKind.Null => "",
        _ when value.GetValueKind() == JsonValueKind.Number => value.ToJsonString(),
        _ => SummaryWords.Of(value.ToString(), chinese),
    };

    /// <summary>How many of each.</summary>
    private static string Counts(JsonObject counts, bool chinese) =>
        counts.Count == 0 ? chinese ? "无" : "none"
        : string.Join(chinese ? "、" : ", ", counts.Select(
            x => $"{x.Value!.ToJsonString()} {(chinese ? "条" : "")}{SummaryWords.Of(x.Key, chinese)}"));

    private static JsonNode? At(JsonNode node, string path)
    {
        JsonNode? at = node;
        foreach (var name in path.Split('.')) at = (at as JsonObject)?[name];
        return at;
    }
}
