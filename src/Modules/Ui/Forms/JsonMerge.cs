using System.Text.Json.Nodes;

namespace Notify.Ui.Forms;

/// <summary>Merges another person's changes of a document into the one being edited.</summary>
public static class JsonMerge
{
    /// <summary>A part that both have changed; the edited value stays until the editor chooses.</summary>
    public sealed class Conflict(string path, JsonNode? theirs, JsonNode? mine)
    {
        public string Path { get; } = path;

        public JsonNode? Theirs { get; } = theirs;

        public JsonNode? Mine { get; } = mine;

        public bool TakesTheirs { get; set; }
    }

    /// <param name="mine">The edited document; receives what only the other person has changed.</param>
    /// <param name="before">The document from which both started.</param>
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
            // Both may have changed different properties of an object; a list is merged only as a whole.
            else if (his is JsonObject hisPart && own is JsonObject ownPart) Merge(at, document, old as JsonObject, hisPart, ownPart, conflicts);
            else conflicts.Add(new(at, his?.DeepClone(), own?.DeepClone()));
        }
    }
}
