using System.Text.Json.Nodes;

namespace Notify.Channels.Fields;

/// <summary>Describes fields in JSON Schema (2020-12).</summary>
public static class FieldSchema
{
    /// <param name="shown">Whether the schema is of settings as they are shown, instead of as they are entered.</param>
    public static JsonObject Of(IReadOnlyList<Field> fields, bool shown = false)
    {
        var properties = new JsonObject();
        foreach (var field in fields) properties[field.Name] = Of(field, shown);
        if (shown && fields.Any(x => x.Type == FieldType.SecretAddress)) properties[FieldReader.Fingerprint] = new JsonObject { ["type"] = "string" };
        var schema = new JsonObject { ["type"] = "object", ["properties"] = properties };
        string[] required = [.. fields.Where(x => x.Required && IsNeeded(x, shown)).Select(x => x.Name)];
        if (required.Length > 0) schema["required"] = new JsonArray([.. required.Select(x => (JsonNode)x)]);
        return schema;
    }

    /// <summary>A secret may be omitted in a change: the stored one is kept. What has a default may be omitted at any time.</summary>
    private static bool IsNeeded(Field field, bool shown) =>
        shown || (field.Default is null && field.Type is not (FieldType.Secret or FieldType.SecretAddress));

    private static JsonObject Of(Field field, bool shown)
    {
        var schema = field.Type switch
        {
            FieldType.Number => new JsonObject { ["type"] = "integer" },
            FieldType.Flag => new JsonObject { ["type"] = "boolean" },
            FieldType.Choice => Choice(field),
            FieldType.Texts => new JsonObject { ["type"] = "array", ["items"] = new JsonObject { ["type"] = "string" } },
            FieldType.Choices => new JsonObject { ["type"] = "array", ["items"] = Choice(field) },
            FieldType.Secret => Secret(shown),
            FieldType.Object => Of(field.Fields, shown),
            FieldType.List => new JsonObject { ["type"] = "array", ["items"] = Of(field.Fields, shown) },
            FieldType.Map => new JsonObject { ["type"] = "object", ["additionalProperties"] = new JsonObject { ["type"] = "string" } },
            FieldType.SecretMap => new JsonObject { ["type"] = "object", ["additionalProperties"] = Secret(shown) },
            _ => new JsonObject { ["type"] = "string" },
        };
        schema["title"] = field.Title.En;
        if (field.Help is { } help) schema["description"] = help.En;
        if (shown) return schema;
        if (field.Default is { } value) schema["default"] = value.DeepClone();
        var (least, most) = field.Type switch
        {
            FieldType.Number => ("minimum", "maximum"),
            FieldType.List or FieldType.Texts => ("minItems", "maxItems"),
            FieldType.Map or FieldType.SecretMap => ("minProperties", "maxProperties"),
            _ => ("minLength", "maxLength"),
        };
        if (field.Type is FieldType.Secret or FieldType.SecretMap or FieldType.Object or FieldType.Choice or FieldType.Choices) return schema;
        if (field.Min is { } min) schema[least] = min;
        if (field.Max is { } max) schema[most] = max;
        return schema;
    }

    private static JsonObject Choice(Field field) =>
        new() { ["type"] = "string", ["enum"] = new JsonArray([.. field.Choices.Select(x => (JsonNode)x.Value)]) };

    /// <summary>When entered, a secret is a text, or the object that was shown.</summary>
    private static JsonObject Secret(bool shown) => shown
        ? new JsonObject
        {
            ["type"] = "object",
            ["properties"] = new JsonObject
            {
                ["set"] = new JsonObject { ["type"] = "boolean" },
                [FieldReader.Fingerprint] = new JsonObject { ["type"] = "string" },
            },
        }
        : new JsonObject { ["type"] = new JsonArray("string", "object", "null") };
}
