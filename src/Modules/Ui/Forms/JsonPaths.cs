using System.Globalization;
using System.Text.Json.Nodes;

namespace Notify.Ui.Forms;

/// <summary>Reads and writes parts of a JSON document by the API's field paths: <c>actions[0].receivers[1].alias</c>.</summary>
public static class JsonPaths
{
    public static JsonNode? Get(JsonObject document, string path)
    {
        JsonNode? node = document;
        foreach (var step in Steps(path))
        {
            node = step switch
            {
                int index => node is JsonArray array && index < array.Count ? array[index] : null,
                string name => node is JsonObject part && part.TryGetPropertyValue(name, out var value) ? value : null,
                _ => null,
            };
            if (node is null) return null;
        }

        return node;
    }

    /// <summary>Creates missing parts of the path. Null removes a property.</summary>
    public static void Set(JsonObject document, string path, JsonNode? value)
    {
        var steps = Steps(path).ToList();
        JsonNode node = document;
        for (var i = 0; i < steps.Count - 1; i++)
        {
            var next = node switch
            {
                JsonObject part => part[(string)steps[i]],
                JsonArray array when steps[i] is int index && index < array.Count => array[index],
                _ => null,
            };
            if (next is null)
            {
                next = steps[i + 1] is int ? new JsonArray() : new JsonObject();
                Put(node, steps[i], next);
            }

            node = next;
        }

        if (value is null && node is JsonObject parent && steps[^1] is string name) parent.Remove(name);
        else Put(node, steps[^1], value);
    }

    private static void Put(JsonNode node, object step, JsonNode? value)
    {
        if (node is JsonObject part) part[(string)step] = value;
        else if (node is JsonArray array && step is int index)
        {
            while (array.Count <= index) array.Add((JsonNode?)null);
            array[index] = value;
        }
    }

    private static IEnumerable<object> Steps(string path)
    {
        foreach (var part in path.Split('.'))
        {
            var at = part.IndexOf('[', StringComparison.Ordinal);
            yield return at < 0 ? part : part[..at];
            while (at >= 0)
            {
                var end = part.IndexOf(']', at);
                yield return int.Parse(part[(at + 1)..end], CultureInfo.InvariantCulture);
                at = part.IndexOf('[', end);
            }
        }
    }
}
