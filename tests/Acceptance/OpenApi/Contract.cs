using System.Text.Json.Nodes;

namespace Notify.Acceptance.Tests.OpenApi;

/// <summary>One call that the document describes.</summary>
internal sealed record Operation(string Method, string Template, JsonObject Node)
{
    public string Call => $"{Method} {Template}";
}

/// <summary>The document at <c>/openapi/v1.json</c>, as any client reads it.</summary>
internal sealed class Contract
{
    private static readonly string[] methods = ["get", "post", "put", "delete", "patch", "options"];
    private readonly JsonObject document;

    private Contract(JsonObject document)
    {
        this.document = document;
        Operations = [.. document["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject()
            .Where(x => methods.Contains(x.Key)).Select(x => new Operation(x.Key.ToUpperInvariant(), path.Key, x.Value!.AsObject())))];
    }

    public IReadOnlyList<Operation> Operations { get; }

    public static async Task<Contract> LoadAsync(string url)
    {
        using var anonymous = new HttpClient { BaseAddress = new Uri(url) };
        return new(JsonNode.Parse(await anonymous.GetStringAsync(new Uri("/openapi/v1.json", UriKind.Relative)))!.AsObject());
    }

    /// <summary>Null when the document does not know the address. A literal segment goes before a parameter.</summary>
    public Operation? Find(string method, string path) =>
        Operations.Where(x => x.Method == method && Fits(x.Template, path)).MinBy(x => x.Template.Count(c => c == '{'));

    /// <summary>Null when the operation has no such answer.</summary>
    public JsonNode? ResponseOf(Operation operation, int status) =>
        Follow(operation.Node["responses"]?[status.ToString(System.Globalization.CultureInfo.InvariantCulture)]);

    public JsonNode? Follow(JsonNode? node) =>
        (string?)(node as JsonObject)?["$ref"] is { } reference
            ? reference.TrimStart('#', '/').Split('/').Aggregate((JsonNode?)document, (x, part) => x?[part])
            : node;

    /// <summary>What of an answer is not as the document says.</summary>
    public IEnumerable<string> FaultsOf(string method, string path, int status, string? contentType, string body)
    {
        if (Find(method, path) is not { } operation) return ["The address is not in the document."];
        if (ResponseOf(operation, status) is not { } response) return [$"{operation.Call} does not list {status}."];
        if (response["content"] is not JsonObject content) return body.Length == 0
            ? [] : [$"{operation.Call} {status} has a body that the document does not have."];
        if (contentType is null || content[contentType] is not { } media) return [$"{operation.Call} {status} does not list {contentType}."];
        return contentType is "application/json" || contentType.EndsWith("+json", StringComparison.Ordinal)
            ? new Shape(this).FaultsOf(media["schema"], JsonNode.Parse(body), "").Select(x => $"{operation.Call} {status}: {x}")
            : [];
    }

    private static bool Fits(string template, string path)
    {
        var (expected, actual) = (template.Split('/'), path.Split('/'));
        return expected.Length == actual.Length && expected.Zip(actual).All(x => x.First.StartsWith('{') || x.First == x.Second);
    }
}
