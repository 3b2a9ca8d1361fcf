using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Notify.Kernel.Http;

namespace Notify.Host;

/// <summary>The schemas of types, as this API writes and reads their JSON.</summary>
internal static class OpenApiSchemas
{
    /// <summary>Corrects a generated schema: null values are left out of answers, and numbers are written as numbers.</summary>
    public static Task AsWritten(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellation)
    {
        foreach (var property in context.JsonTypeInfo.Properties)
            if (property.IsGetNullable || Nullable.GetUnderlyingType(property.PropertyType) is not null) schema.Required?.Remove(property.Name);
        // The generated schemas of lists and dictionaries allow null everywhere.
        if (context.JsonPropertyInfo is { IsGetNullable: false } && schema.Type is { } own && own.HasFlag(JsonSchemaType.Null))
            OpenApiTidy.ForbidNull(schema);
        // Otherwise a generated client would send the year 1 for an instant that is left out.
        var isNullable = context.JsonPropertyInfo?.PropertyType is { } held && Nullable.GetUnderlyingType(held) is not null;
        if (schema.Format == "date-time") schema.Type = isNullable ? JsonSchemaType.String | JsonSchemaType.Null : JsonSchemaType.String;
        if (schema.Enum is { Count: > 0 }) schema.Type ??= JsonSchemaType.String;
        var isNumber = schema.Type is { } given && (given.HasFlag(JsonSchemaType.Integer) || given.HasFlag(JsonSchemaType.Number));
        if (isNumber && schema.Type is { } type && type.HasFlag(JsonSchemaType.String))
        {
            schema.Type = type & ~JsonSchemaType.String;
            schema.Pattern = null;
        }

        foreach (var added in context.ApplicationServices.GetServices<AddedFields>().Where(x => x.Owner == context.JsonTypeInfo.Type))
            OpenApiAddedFields.AddTo(schema, added, context.Document);
        return Task.CompletedTask;
    }

    /// <summary>Several modules have a type named Answer or Request; the enclosing type tells them apart.</summary>
    public static string NameOf(Type type, string id) =>
        type.DeclaringType is { } around && around != typeof(OpenApi) && !type.IsGenericType ? around.Name + id : id;

    /// <summary>A reference to the schema of the type, combined with the documented parts.</summary>
    public static async Task<IOpenApiSchema> ReferenceAsync(
        Type type, DocumentedParts? parts, OpenApiOperationTransformerContext context, CancellationToken cancellation)
    {
        var schema = await ReferenceAsync(type, context, cancellation);
        if (parts is null) return schema;
        var both = new OpenApiSchema { AllOf = [await ReferenceAsync(parts.Common, context, cancellation), schema] };
        var item = Component(parts.Name, both, context.Document!);
        return parts.IsPage ? Component($"{parts.Name}Page", PageOf(item), context.Document!) : item;
    }

    private static OpenApiSchemaReference Component(string id, OpenApiSchema schema, OpenApiDocument document)
    {
        if (document.Components?.Schemas?.ContainsKey(id) != true) document.AddComponent(id, schema);
        return new OpenApiSchemaReference(id, document);
    }

    private static OpenApiSchema PageOf(IOpenApiSchema item)
    {
        return new OpenApiSchema
        {
            Type = JsonSchemaType.Object,
            Required = new HashSet<string>(StringComparer.Ordinal) { "items", "page", "pageSize", "total" },
            Properties = new Dictionary<string, IOpenApiSchema>
            {
                ["items"] = new OpenApiSchema { Type = JsonSchemaType.Array, Items = item },
                ["page"] = Number(),
                ["pageSize"] = Number(),
                ["total"] = Number(),
            },
        };

        static OpenApiSchema Number() => new() { Type = JsonSchemaType.Integer };
    }

    /// <summary>A reference to the type's schema among the components.</summary>
    public static async Task<IOpenApiSchema> ReferenceAsync(Type type, OpenApiOperationTransformerContext context, CancellationToken cancellation)
    {
        var (document, id) = (context.Document!, NameOf(type, type.Name));
        if (document.Components?.Schemas?.ContainsKey(id) != true)
        {
            var schema = await context.GetOrCreateSchemaAsync(type, null, cancellation);
            document.AddComponent(id, schema);
            await RefineAsync(schema, type, context, cancellation);
        }

        return new OpenApiSchemaReference(id, document);
    }

    /// <summary>Applies the attributes of the properties: required although nullable, or shown as another type.</summary>
    private static async Task RefineAsync(OpenApiSchema schema, Type type, OpenApiOperationTransformerContext context, CancellationToken cancellation)
    {
        foreach (var property in type.GetProperties())
        {
            var name = JsonNamingPolicy.CamelCase.ConvertName(property.Name);
            if (property.GetCustomAttribute<ShownAsAttribute>() is { } shown)
            {
                var other = shown.Type is null
                    ? new OpenApiSchemaReference(shown.Schema!, context.Document)
                    : await ReferenceAsync(shown.Type, context, cancellation);
                if (schema.Properties![name] is OpenApiSchema { Items: not null } list) list.Items = other;
                else schema.Properties[name] = other;
            }

            if (property.GetCustomAttribute<RequiredAttribute>() is null) continue;
            (schema.Required ??= new HashSet<string>(StringComparer.Ordinal)).Add(name);
            if (schema.Properties![name] is OpenApiSchema own) OpenApiTidy.ForbidNull(own);
        }
    }
}
