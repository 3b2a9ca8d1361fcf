using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Notify.Acceptance.Tests.OpenApi;

/// <summary>
/// A client that is made from the document alone: addresses, parameters, bodies and their examples. It knows of this API only what the document says,
/// so what it can do, a generated client can do.
/// </summary>
internal sealed class ContractClient(Contract contract, HttpClient http)
{
    private readonly Dictionary<string, string> known = new(StringComparer.Ordinal);

    /// <summary>A parameter's value, for every call that has it.</summary>
    public string this[string parameter]
    {
        set => known[parameter] = value;
    }

    /// <summary>The body that the document shows, with ids that are known here in place of those that it makes up.</summary>
    public JsonNode ExampleOf(string call)
    {
        var example = BodyOf(Operation(call))["example"]!.DeepClone();
        Fill(example);
        return example;
    }

    /// <returns>The answer's body; an empty object when there is none.</returns>
    public async Task<JsonObject> CallAsync(string call, JsonNode? body = null)
    {
        var operation = Operation(call);
        using var request = new HttpRequestMessage(new HttpMethod(operation.Method), AddressOf(operation));
        foreach (var parameter in ParametersOf(operation, "header").Where(IsRequired)) request.Headers.TryAddWithoutValidation(
            NameOf(parameter), ValueOf(parameter, call));
        if (body is not null)
        {
            new Shape(contract).FaultsOf(BodyOf(operation)["schema"], body, "")
                .Where(x => !x.EndsWith("is not in the document.", StringComparison.Ordinal)).Should().BeEmpty(call);
            request.Content = JsonContent.Create(body);
        }

        using var response = await http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        response.IsSuccessStatusCode.Should().BeTrue(
            $"{call} gave {(int)response.StatusCode} {text.Replace("{", "{{", StringComparison.Ordinal).Replace("}", "}}", StringComparison.Ordinal)}");
        // The document says that the ETag is for If-Match.
        if (response.Headers.ETag is { } tag) known["If-Match"] = tag.Tag;
        return text.Length == 0 ? [] : JsonNode.Parse(text)!.AsObject();
    }

    private Operation Operation(string call) => contract.Operations.Single(x => x.Call == call);

    private static JsonNode BodyOf(Operation operation) => operation.Node["requestBody"]!["content"]!["application/json"]!;

    private Uri AddressOf(Operation operation) =>
        new(ParametersOf(operation, "path").Aggregate(
            operation.Template, (x, p) => x.Replace($"{{{NameOf(p)}}}", ValueOf(p, operation.Call), StringComparison.Ordinal)), UriKind.Relative);

    private string ValueOf(JsonNode parameter, string call) =>
        known.GetValueOrDefault(NameOf(parameter)) ?? throw new InvalidOperationException($"{call} requires {NameOf(parameter)}.");

    private static IEnumerable<JsonNode> ParametersOf(Operation operation, string place) =>
        (operation.Node["parameters"]?.AsArray() ?? []).Where(x => (string?)x!["in"] == place).Select(x => x!);

    private static bool IsRequired(JsonNode parameter) => (bool?)parameter["required"] == true;

    private static string NameOf(JsonNode parameter) => parameter["name"]!.GetValue<string>();

    private void Fill(JsonNode? node)
    {
        if (node is JsonArray items)
            foreach (var item in items) Fill(item);
        if (node is not JsonObject fields) return;
        foreach (var (name, value) in fields.ToList())
        {
            if (known.TryGetValue(name, out var id)) fields[name] = id;
            else Fill(value);
        }
    }
}
