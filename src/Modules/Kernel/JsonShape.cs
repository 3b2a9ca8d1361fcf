using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace Notify.Kernel;

/// <summary>
/// Checks whether a body fits the type into which it is to be read. The serializer stops at the first fault and names .NET types; this reports every
/// field that is unknown (with a suggestion), missing, null, or of the wrong type (with what is allowed).
/// </summary>
public static class JsonShape
{
    public const string Required = "This field is required.";
    private static readonly JsonSerializerOptions options = NotifyJson.Strict;

    public static bool Has(Type type, string field) => options.GetTypeInfo(type).Properties.Any(x => x.Name == field);

    /// <summary>Checks a whole request: missing required fields are faults too.</summary>
    public static void CheckBody(JsonObject body, Type type, Errors errors)
    {
        foreach (var property in options.GetTypeInfo(type).Properties)
        {
            var needed = property is { AssociatedParameter: { HasDefaultValue: false, IsNullable: false }, IsSetNullable: false }
                || property.IsRequired;
            if (!needed || Nullable.GetUnderlyingType(property.PropertyType) is not null || body[property.Name] is not null) continue;
            errors.Add(property.Name, Required);
            body.Remove(property.Name);
        }

        Check(body, type, "", errors);
    }

    /// <param name="alsoKnown">Fields that are read elsewhere, only for suggestions.</param>
    public static void Check(JsonNode? node, Type type, string path, Errors errors, params IReadOnlyList<string> alsoKnown)
    {
        if (node is null || errors.IsFull) return;
        var info = options.GetTypeInfo(Nullable.GetUnderlyingType(type) ?? type);
        switch (info.Kind)
        {
            case JsonTypeInfoKind.Object:
                if (node is JsonObject fields) CheckFields(fields, info, path, errors, alsoKnown);
                else errors.Add(path, "Give an object.");
                break;
            case JsonTypeInfoKind.Enumerable:
                if (node is not JsonArray items) errors.Add(path, "Give a list.");
                else
                    foreach (var (i, item) in items.Index()) Check(item, info.ElementType!, JsonFault.Join(path, $"[{i}]"), errors);
                break;
            case JsonTypeInfoKind.Dictionary:
                if (node is not JsonObject entries) errors.Add(path, "Give an object.");
                else
                    foreach (var (name, value) in entries) Check(value, info.ElementType!, JsonFault.Join(path, name), errors);
                break;
            default:
                CheckValue(node, info.Type, path, errors);
                break;
        }
    }

    /// <summary>Reads a part of a body; nulls count as omitted. Faults are added under the path.</summary>
    /// <param name="alsoKnown">Fields that are read elsewhere, only for suggestions.</param>
    /// <returns>Null if there are faults.</returns>
    public static T? Read<T>(JsonNode? body, string path, Errors errors, params IReadOnlyList<string> alsoKnown)
        where T : class
    {
        AbsentParts.RemoveNulls(body, typeof(T), options);
        var faults = new Errors();
        Check(body, typeof(T), "", faults, alsoKnown);
        try
        {
            if (!faults.Any) return body.Deserialize<T>(options);
        }
        catch (JsonException e)
        {
            var (field, message) = JsonFault.Describe(e);
            faults.Add(field, message);
        }

        errors.AddAll(path, faults);
        return null;
    }

    /// <summary>The JSON names of an enum's values.</summary>
    public static IReadOnlyList<string> NamesOf(Type type) =>
        [.. Enum.GetValues(type).Cast<object>().Select(x => JsonSerializer.Serialize(x, type, options).Trim('"'))];

    private static void CheckFields(JsonObject fields, JsonTypeInfo type, string path, Errors errors, IReadOnlyList<string> alsoKnown)
    {
        var known = type.Properties.Where(x => !x.IsExtensionData).ToDictionary(x => x.Name, StringComparer.Ordinal);
        // If a type keeps unknown fields (extension data), its reader checks them.
        var keepsOthers = known.Count < type.Properties.Count;
        foreach (var (name, value) in fields)
        {
            var at = JsonFault.Join(path, name);
            if (!known.TryGetValue(name, out var property))
            {
                if (keepsOthers) continue;
                // Suggestions take time, so they are not computed once the list is full.
                errors.Add(at, errors.IsFull ? "" : Misspelling.Of("field", name, [.. alsoKnown, .. known.Keys]));
            }
            else if (value is null && !property.IsSetNullable) errors.Add(at, "The value may not be null.");
            else if (property.CustomConverter is null) Check(value, property.PropertyType, at, errors);
        }
    }

    private static void CheckValue(JsonNode value, Type type, string path, Errors errors)
    {
        if (type == typeof(JsonElement) || type == typeof(JsonNode) || type == typeof(object)) return;
        if (type == typeof(JsonObject) || type == typeof(JsonArray))
        {
            if (value.GetType() != type) errors.Add(path, type == typeof(JsonObject) ? "Give an object." : "Give a list.");
            return;
        }

        try
        {
            value.Deserialize(type, options);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            errors.Add(path, Wanted(type, value));
        }
    }

    private static string Wanted(Type type, JsonNode value)
    {
        if (type == typeof(string)) return "The value must be text.";
        if (type == typeof(bool)) return "Give true or false.";
        if (type == typeof(DateTimeOffset)) return Instants.Wanted;
        if (type == typeof(DateOnly)) return "Give a date: 2026-01-31.";
        if (type == typeof(TimeOnly)) return "Give a time of day: 08:00:00.";
        if (type == typeof(int)) return $"Give a whole number from {int.MinValue} to {int.MaxValue}.";
        if (type == typeof(long)) return "Give a whole number.";
        if (type == typeof(double) || type == typeof(decimal)) return "Give a number.";
        if (!type.IsEnum) return "The value has the wrong type or is not one of the allowed values.";
        return Misspelling.OfChoice(value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : "", NamesOf(type));
    }
}
