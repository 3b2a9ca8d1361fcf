using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Notify.Kernel.Http;

public static class RequestBody
{
    /// <summary>The serializer would let a node with a field given twice through, to fail where it is looked at.</summary>
    private static readonly JsonDocumentOptions strict = new() { AllowDuplicateProperties = false };

    /// <exception cref="ProblemException">415: not JSON by its content type; 400: not a JSON object.</exception>
    public static async Task<JsonObject> ReadObjectAsync(this HttpRequest request)
    {
        request.RequireJson();
        try
        {
            var body = await JsonNode.ParseAsync(request.Body, documentOptions: strict, cancellationToken: request.HttpContext.RequestAborted) as JsonObject
                ?? throw ProblemException.Invalid("", "The body must be a JSON object.");
            CheckTexts(body, "");
            return body;
        }
        catch (InvalidOperationException)
        {
            throw ProblemException.Invalid("", "A field's name is not valid Unicode.");
        }
        catch (JsonException e)
        {
            throw Invalid(e);
        }
    }

    /// <exception cref="ProblemException">415 or 400, as above; the path of the field that does not fit is named.</exception>
    public static async Task<T> ReadAsync<T>(this HttpRequest request, JsonSerializerOptions? options = null)
    {
        request.RequireJson();
        try
        {
            return await JsonSerializer.DeserializeAsync<T>(request.Body, options ?? NotifyJson.Strict, request.HttpContext.RequestAborted)
                ?? throw ProblemException.Invalid("", "The body may not be null.");
        }
        catch (JsonException e)
        {
            throw Invalid(e);
        }
    }

    /// <summary>As <see cref="ReadAsync"/>, for bodies with parts of any shape: their texts are checked too.</summary>
    /// <exception cref="ProblemException">415 or 400, as above.</exception>
    public static async Task<T> ReadCheckedAsync<T>(this HttpRequest request)
    {
        var body = await request.ReadObjectAsync();
        try
        {
            return body.Deserialize<T>(NotifyJson.Strict)!;
        }
        catch (JsonException e)
        {
            throw Invalid(e);
        }
    }

    public static ProblemException Invalid(JsonException e)
    {
        var (path, message) = JsonFault.Describe(e);
        return ProblemException.Invalid(path, message);
    }

    /// <exception cref="ProblemException">400: a text that cannot be stored.</exception>
    public static void CheckTexts(JsonNode? node) => CheckTexts(node, "");

    private static void CheckTexts(JsonNode? node, string path)
    {
        switch (node)
        {
            case JsonObject value:
                foreach (var (name, child) in value)
                {
                    if (!PlainText.IsStorable(name)) throw ProblemException.Invalid(path, "A field's name may not contain U+0000.");
                    CheckTexts(child, JsonFault.Join(path, name));
                }

                break;
            case JsonArray values:
                foreach (var (i, child) in values.Index()) CheckTexts(child, $"{path}[{i}]");
                break;
            case JsonValue value when value.GetValueKind() == JsonValueKind.String:
                try
                {
                    if (!PlainText.IsStorable(value.GetValue<string>())) throw ProblemException.Invalid(path, "The text may not contain U+0000.");
                }
                catch (InvalidOperationException)
                {
                    throw ProblemException.Invalid(path, "The text is not valid Unicode.");
                }

                break;
        }
    }

    private static void RequireJson(this HttpRequest request)
    {
        if (!request.HasJsonContentType())
            throw new ProblemException(415, "Unsupported media type.", "The body must be JSON, with Content-Type: application/json.");
    }
}
