using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Notify.Kernel.Resources;

/// <summary>A field before and after a change; null on one side if it was added or removed.</summary>
public sealed record FieldChange(
    string Path,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] JsonNode? From,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] JsonNode? To)
{
    public static IReadOnlyList<FieldChange> Between(JsonNode? from, JsonNode? to)
    {
        var changes = new List<FieldChange>();
        Compare("", from, to, changes);
        return changes;
    }

    private static void Compare(string path, JsonNode? from, JsonNode? to, List<FieldChange> changes)
    {
        if (JsonNode.DeepEquals(from, to)) return;
        switch (from, to)
        {
            case (JsonObject a, JsonObject b):
                foreach (var name in a.Select(x => x.Key).Union(b.Select(x => x.Key), StringComparer.Ordinal))
                    Compare(path.Length == 0 ? name : $"{path}.{name}", a[name], b[name], changes);
                break;
            case (JsonArray a, JsonArray b):
                // Equal entries at both ends are skipped, so that removing one entry is a single change instead of shifting all that follow.
                var (start, end, least) = (0, 0, Math.Min(a.Count, b.Count));
                while (start < least && JsonNode.DeepEquals(a[start], b[start])) start++;
                while (end < least - start && JsonNode.DeepEquals(a[a.Count - 1 - end], b[b.Count - 1 - end])) end++;
                for (var i = start; i < Math.Max(a.Count, b.Count) - end; i++)
                    Compare($"{path}[{i}]", i < a.Count - end ? a[i] : null, i < b.Count - end ? b[i] : null, changes);
                break;
            default:
                changes.Add(new FieldChange(path, from?.DeepClone(), to?.DeepClone()));
                break;
        }
    }
}
