using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using Notify.Kernel.Http;

namespace Notify.Host;

/// <summary>Adds to a schema the fields and shapes that depend on what is registered, given as JSON Schema.</summary>
internal static class OpenApiAddedFields
{
    public static void AddTo(OpenApiSchema schema, AddedFields added, OpenApiDocument? document)
    {
        schema.Properties ??= new Dictionary<string, IOpenApiSchema>();
        foreach (var field in added.Fields)
        {
            if (field.Component is { } id && document is not null)
            {
                if (document.Components?.Schemas?.ContainsKey(id) != true) document.AddComponent(id, Read(field.Schema));
                schema.Properties[field.Name] = new OpenApiSchemaReference(id, document);
            }
            else schema.Properties[field.Name] = Read(field.Schema);
        }

        // Each shape names its type or kind, so only one can match. Client generators turn anyOf, unlike oneOf, into one class with all fields.
        schema.AnyOf = [.. added.Shapes.Select(Read)];
    }

    private static IOpenApiSchema Read(JsonNode json)
    {
        var schema = new OpenApiSchema
        {
            Type = TypeOf(json["type"]),
            Title = (string?)json["title"],
            Description = (string?)json["description"],
            Default = json["default"]?.DeepClone(),
            Minimum = json["minimum"]?.ToJsonString(),
            Maximum = json["maximum"]?.ToJsonString(),
            MinLength = Count(json["minLength"]),
            MaxLength = Count(json["maxLength"]),
            MinItems = Count(json["minItems"]),
            MaxItems = Count(json["maxItems"]),
            MinProperties = Count(json["minProperties"]),
            MaxProperties = Count(json["maxProperties"]),
        };
        if (json["enum"] is JsonArray values) schema.Enum = [.. values.Select(x => x!.DeepClone())];
        if (json["items"] is { } items) schema.Items = Read(items);
        if (json["additionalProperties"] is { } others) schema.AdditionalProperties = Read(others);
        if (json["properties"] is JsonObject properties) schema.Properties = properties.ToDictionary(x => x.Key, x => Read(x.Value!));
        if (json["required"] is JsonArray required) schema.Required = required.Select(x => (string)x!).ToHashSet(StringComparer.Ordinal);
        return schema;
    }

    private static int? Count(JsonNode? number) => number is null ? null : int.Parse(number.ToJsonString(), CultureInfo.InvariantCulture);

    private static JsonSchemaType? TypeOf(JsonNode? type) => type switch
    {
        null => null,
        JsonArray several => several.Select(x => TypeOf(x)!.Value).Aggregate((a, b) => a | b),
        _ => (string)type! switch
        {
            "object" => JsonSchemaType.Object,
            "array" => JsonSchemaType.Array,
            "integer" => JsonSchemaType.Integer,
            "boolean" => JsonSchemaType.Boolean,
            "null" => JsonSchemaType.Null,
            _ => JsonSchemaType.String,
        },
    };
}
