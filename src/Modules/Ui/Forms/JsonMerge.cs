using System.Text.Json.Nodes;

namespace Notify.Ui.Forms;

/// <summary>Two people have changed the same document: merges one person's changes into what the other is typing.</summary>
public static class JsonMerge
{
    /// <summary>Both have changed this; the typed value stays until somebody chooses.</summary>
    public sealed class Conflict(string path, JsonNode? theirs, JsonNode? mine)
    {
        public string Path { get; } = path;

        public JsonNode? Theirs { get; } = theirs;

        public JsonNode? Mine { get; } = mine;

        public bool TakesTheirs { get; set; }
    }

    /// <param name="mine">Gets what only the other has changed.</param>
    /// <param name="before">From which both began.</param>
    public static IReadOnlyList<Conflict> Into(JsonObject mine, JsonObject before, JsonObject theirs)
    {
        var conflicts = new List<Conflict>();
        Merge("", mine, before, theirs, mine, conflicts);
        return conflicts;
    }

    private static void Merge(string path, JsonObject document, JsonObject? before, JsonObject? theirs, JsonObject? mine, List<Conflict> conflicts)
    {
        var names = new[] { before, theirs, mine }.OfType<JsonObject>().SelectMany(x => x.Select(y => y.Key))
            .Distinct(StringComparer.Ordinal).ToList();
        foreach (var name in names)
        {
            var (at, old, his, own) = (path.Length == 0 ? name : $"{path}.{name}", before?[name], theirs?[name], mine?[name]);
            if (JsonNode.DeepEquals(old, his) || JsonNode.DeepEquals(his, own)) continue;
            if (JsonNode.DeepEquals(old, own)) JsonPaths.Set(document, at, his?.DeepClone());
            // Inside of a part both may have changed different things; lists are one thing.
            else if (his is JsonObject hisPart && own is JsonObject ownPart) Merge(at, document, old as JsonObject, hisPart, ownPart, conflicts);
            else conflicts.Add(new(at, his?.DeepClone(), own?.DeepClone()));
        }
    }
}
