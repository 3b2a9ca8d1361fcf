using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Notify.Acceptance.Tests.OpenApi;

/// <summary>
/// Holds a value to a schema of the document, as far as the document uses JSON Schema. Stricter than the standard in one thing: a field that the
/// schema does not name is a fault, since a reader of the document could not know of it.
/// </summary>
internal sealed class Shape(Contract contract)
{
    public IEnumerable<string> FaultsOf(JsonNode? schema, JsonNode? value, string at) => Faults(schema, value, at, isPart: false);

    /// <param name="isPart">One of several that describe the value together; none of them knows all its fields.</param>
    private List<string> Faults(JsonNode? node, JsonNode? value, string at, bool isPart)
    {
        if (contract.Follow(node) is not JsonObject schema) return [$"{at}: there is no schema."];
        var faults = new List<string>();
        foreach (var part in schema["allOf"]?.AsArray() ?? []) faults.AddRange(Faults(part, value, at, isPart: true));
        if ((schema["oneOf"] ?? schema["anyOf"]) is JsonArray choices)
        {
            // What has fields of its own leaves to the choices which of them belong together.
            var tried = choices.Select(x => Faults(x, value, at, isPart || schema["properties"] is not null).ToList()).ToList();
            if (tried.All(x => x.Count > 0)) faults.AddRange(tried[^1]);
            else if (schema["oneOf"] is not null && tried.Count(x => x.Count == 0) > 1) faults.Add(
                $"{at}: {value?.ToJsonString() ?? "null"} is more than one of its kinds.");
        }

        if (TypesOf(schema) is { Count: > 0 } types && !types.Any(x => IsOf(x, value))) return [.. faults,
            $"{at}: {value?.ToJsonString() ?? "null"} is not of type {string.Join(" or ", types)}."];
        if (schema["enum"] is JsonArray values && !values.Any(x => JsonNode.DeepEquals(x, value))) faults.Add(
            $"{at}: {value?.ToJsonString()} is none of {values.ToJsonString()}.");
        if ((string?)schema["format"] == "date-time" && value is JsonValue
            && !DateTimeOffset.TryParse(value.ToString(), CultureInfo.InvariantCulture, out _)) faults.Add($"{at}: {value} is no instant.");
        if (value is JsonArray items && schema["items"] is { } item) faults.AddRange(items.SelectMany((x, i) => FaultsOf(item, x, $"{at}[{i}]")));
        if (value is JsonObject fields) faults.AddRange(FieldFaults(schema, fields, at, isPart));
        return faults;
    }

    private IEnumerable<string> FieldFaults(JsonObject schema, JsonObject fields, string at, bool isPart)
    {
        var required = (schema["required"]?.AsArray() ?? []).Select(x => x!.GetValue<string>()).Where(x => !fields.ContainsKey(x))
            .Select(x => $"{at}.{x} is missing.");
        var named = fields.Where(x => schema["properties"]?[x.Key] is not null)
            .SelectMany(x => FaultsOf(schema["properties"]![x.Key], x.Value, $"{at}.{x.Key}"));
        var known = KnownFields(schema);
        var others = fields.Where(x => known?.Contains(x.Key) == false).SelectMany(x =>
            schema["additionalProperties"] is JsonObject any ? FaultsOf(any, x.Value, $"{at}.{x.Key}")
            : isPart ? []
            : [$"{at}.{x.Key} is not in the document."]);
        return [.. required, .. named, .. others];
    }

    /// <summary>Null when the schema leaves the fields open.</summary>
    private HashSet<string>? KnownFields(JsonObject schema)
    {
        var parts = (schema["allOf"]?.AsArray() ?? []).Select(x => KnownFields(contract.Follow(x)!.AsObject())).ToList();
        if (parts.Contains(null)) return null;
        if (schema["properties"] is not JsonObject properties) return parts.Count == 0 && schema["additionalProperties"] is null
            ? null : [.. parts.SelectMany(x => x!)];
        return [.. properties.Select(x => x.Key), .. parts.SelectMany(x => x!)];
    }

    private static List<string> TypesOf(JsonObject schema) => schema["type"] switch
    {
        JsonArray several => [.. several.Select(x => x!.GetValue<string>())],
        JsonValue one => [one.GetValue<string>()],
        _ => [],
    };

    private static bool IsOf(string type, JsonNode? value) => (type, value?.GetValueKind() ?? JsonValueKind.Null) switch
    {
        ("null", JsonValueKind.Null) or ("string", JsonValueKind.String) or ("object", JsonValueKind.Object) or ("array", JsonValueKind.Array) =>
            true,
        ("boolean", JsonValueKind.True or JsonValueKind.False) or ("number", JsonValueKind.Number) => true,
        ("integer", JsonValueKind.Number) => decimal.TryParse(value!.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
        && number == decimal.Truncate(number),
        _ => false,
    };
}
