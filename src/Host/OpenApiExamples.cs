using System.Text.Json.Nodes;

namespace Notify.Host;

/// <summary>
/// Answers of the running service, by call and status. A test records them (NOTIFY_UPDATE_OPENAPI=1) and checks them, like every other answer,
/// against the document's schemas.
/// </summary>
internal static class OpenApiExamples
{
    private static readonly Lazy<JsonObject> recorded = new(() =>
    {
        using var file = typeof(OpenApiExamples).Assembly.GetManifestResourceStream("openapi-examples.json")!;
        return JsonNode.Parse(file)!.AsObject();
    });

    /// <returns>Null: none is recorded.</returns>
    public static JsonNode? Of(string call, string status) => recorded.Value[$"{call} {status}"]?.DeepClone();
}
