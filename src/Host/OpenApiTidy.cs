using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.OpenApi;

namespace Notify.Host;

/// <summary>Corrects what schemas generated from types state wrongly or twice, so that generators and validators read them as intended.</summary>
internal static class OpenApiTidy
{
    public static void Tidy(OpenApiDocument document)
    {
        var components = document.Components?.Schemas ?? new Dictionary<string, IOpenApiSchema>();
        foreach (var schema in components.Values)
        {
            // Properties that are never null share this schema.
            if (schema is OpenApiSchema { Enum: { } values } shared) shared.Enum = [.. values.Where(x => !IsNull(x))];
        }

        var used = new HashSet<string>(StringComparer.Ordinal);
        foreach (var schema in Roots(document)) Visit(schema);
        foreach (var unused in components.Keys.Where(x => !used.Contains(x)).ToList()) components.Remove(unused);

        void Visit(IOpenApiSchema? schema)
        {
            switch (schema)
            {
                case OpenApiSchemaReference { Reference.Id: { } id } when used.Add(id):
                    Visit(components.TryGetValue(id, out var component) ? component : null);
                    break;
                case OpenApiSchema own:
                    Correct(own);
                    foreach (var part in Parts(own)) Visit(part);
                    break;
            }
        }
    }

    public static void ForbidNull(OpenApiSchema schema)
    {
        schema.Type &= ~JsonSchemaType.Null;
        schema.Enum = schema.Enum?.Where(x => !IsNull(x)).ToList();
    }

    private static void Correct(OpenApiSchema schema)
    {
        if (schema.Enum is { } values && values.Any(IsNull)) schema.Type |= JsonSchemaType.Null;
        // Null matches a schema that accepts anything, and would then match two of oneOf. All types are listed instead, because generators take a
        // missing type for "not null".
        if (schema.OneOf is [var first, var second] && (IsAnything(first) || IsAnything(second)))
        {
            schema.OneOf = null;
            schema.Type = JsonSchemaType.Null | JsonSchemaType.Boolean | JsonSchemaType.Number | JsonSchemaType.String | JsonSchemaType.Array
                | JsonSchemaType.Object;
            schema.Items = new OpenApiSchema();
        }
    }

    private static bool IsAnything(IOpenApiSchema schema) =>
        schema is { Type: null, Enum: null or { Count: 0 }, Properties: null or { Count: 0 } }
            && schema is { OneOf: null or { Count: 0 }, AllOf: null or { Count: 0 }, AnyOf: null or { Count: 0 } };

    private static bool IsNull(JsonNode? value) =>
        value is null || value.GetValueKind() == JsonValueKind.Null || JsonNullSentinel.IsJsonNullSentinel(value);

    private static IEnumerable<IOpenApiSchema?> Roots(OpenApiDocument document) =>
        from path in document.Paths.Values
        where path.Operations is not null
        from operation in path.Operations!.Values
        from schema in (operation.RequestBody?.Content?.Values.Select(x => x.Schema) ?? [])
            .Concat(operation.Parameters?.Select(x => x.Schema) ?? [])
            .Concat(operation.Responses?.Values.SelectMany(x => x.Content?.Values.Select(y => y.Schema) ?? []) ?? [])
        select schema;

    private static IEnumerable<IOpenApiSchema?> Parts(OpenApiSchema schema) =>
        [
            .. schema.Properties?.Values ?? [], .. schema.OneOf ?? [], .. schema.AllOf ?? [], .. schema.AnyOf ?? [],
            schema.Items, schema.AdditionalProperties,
        ];
}
