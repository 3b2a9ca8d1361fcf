using System.Globalization;
using Microsoft.OpenApi;

namespace Notify.Host;

/// <summary>The error responses, as components that operations refer to.</summary>
internal static class OpenApiProblems
{
    public const string Default = "Problem";

    private static readonly (int Status, string Description)[] all =
    [
        (400, "Invalid input; `errors` names each field and what is wrong with it."),
        (401, "Missing or invalid credentials."),
        (403, "The caller does not have the permission that `x-permission` names."),
        (404, "Not found."),
        (409, "Conflict: the name is in use, the resource is still referred to, or the Idempotency-Key was used with another body."),
        (410, "It existed and is permanently gone."),
        (412, "If-Match does not name the current version."),
        (413, "The body is too large."),
        (415, "Unsupported content type."),
        (428, "If-Match is required."),
        (429, "Too many requests; retry after Retry-After seconds. Either too many requests with invalid credentials came from this address (a valid "
            + "API key is still accepted), or this key or session has too many calls at once, or this key reports more alarms than one sender may, or "
            + "somebody tried too many passwords or codes."),
        (503, "Temporarily unavailable, usually because the database cannot be reached; retry after Retry-After seconds."),
    ];

    public static void AddTo(OpenApiDocument document)
    {
        document.AddComponent(Default, ResponseOf(0, "Any other error.", document));
        foreach (var (status, description) in all) document.AddComponent(IdOf(status), ResponseOf(status, description, document));
    }

    public static OpenApiResponseReference Reference(int status, OpenApiDocument document) => new(IdOf(status), document);

    private static string IdOf(int status) => string.Create(CultureInfo.InvariantCulture, $"Problem{status}");

    private static OpenApiResponse ResponseOf(int status, string description, OpenApiDocument document)
    {
        var media = new OpenApiMediaType { Schema = new OpenApiSchemaReference("Problem", document) };
        var content = new Dictionary<string, OpenApiMediaType> { ["application/problem+json"] = media };
        var response = new OpenApiResponse { Description = description, Content = content };
        var seconds = new OpenApiHeader { Description = "Seconds.", Schema = new OpenApiSchema { Type = JsonSchemaType.String } };
        if (status is 429 or 503) response.Headers = new Dictionary<string, IOpenApiHeader> { ["Retry-After"] = seconds };
        return response;
    }
}
