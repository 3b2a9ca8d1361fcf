using System.Collections;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace Notify.Kernel;

/// <summary>
/// Omitted parts of a document have their defaults. The serializer leaves an omitted parameter of a record null, even if its type is not nullable;
/// here a non-nullable list or dictionary becomes empty instead, for every reader of a request, an event, a document or a message.
/// </summary>
public static class AbsentParts
{
    /// <summary>A modifier of the serializer's contracts.</summary>
    internal static void AreEmpty(JsonTypeInfo type)
    {
        if (type.Kind != JsonTypeInfoKind.Object) return;
        var collections = new List<(Func<object, object?> Get, Action<object, object?> Set, Type Type)>();
        foreach (var property in type.Properties)
        {
            if (property.IsSetNullable || property is not { Get: { } get, Set: { } set } || !IsCollection(property.PropertyType)) continue;
            property.IsSetNullable = true;
            // A null in the document counts as omitted: the property keeps its initial value.
            if (property.AssociatedParameter is null) property.Set = (owner, value) => set(owner, value ?? get(owner));
            collections.Add((get, set, property.PropertyType));
        }

        if (collections.Count == 0) return;
        var then = type.OnDeserialized;
        type.OnDeserialized = owner =>
        {
            foreach (var (get, set, of) in collections)
                if (get(owner) is null) set(owner, Empty(of, type.Options));
            then?.Invoke(owner);
        };
    }

    /// <summary>Removes nulls from a document in which a null means the same as omitting the property. The entries of a dictionary are data, and
    /// stay.</summary>
    /// <param name="type">The type to be read from it; properties that it lacks stay, so that they are refused.</param>
    public static void RemoveNulls(JsonNode? node, Type type, JsonSerializerOptions options)
    {
        var info = options.GetTypeInfo(Nullable.GetUnderlyingType(type) ?? type);
        switch (node)
        {
            case JsonObject body when info.Kind == JsonTypeInfoKind.Object:
                foreach (var property in info.Properties)
                {
                    if (!body.TryGetPropertyValue(property.Name, out var value)) continue;
                    if (value is null) body.Remove(property.Name);
                    else RemoveNulls(value, property.PropertyType, options);
                }

                break;
            case JsonArray items when info.Kind == JsonTypeInfoKind.Enumerable:
                foreach (var item in items) RemoveNulls(item, info.ElementType!, options);
                break;
            case JsonObject entries when info.Kind == JsonTypeInfoKind.Dictionary:
                foreach (var (_, entry) in entries) RemoveNulls(entry, info.ElementType!, options);
                break;
        }
    }

    internal static bool IsCollection(Type type) =>
        type != typeof(string) && typeof(IEnumerable).IsAssignableFrom(type) && !typeof(JsonNode).IsAssignableFrom(type);

    private static object? Empty(Type type, JsonSerializerOptions options) => type == typeof(byte[])
        ? Array.Empty<byte>()
        : JsonSerializer.Deserialize(options.GetTypeInfo(type).Kind == JsonTypeInfoKind.Dictionary ? "{}" : "[]", type, options);
}
