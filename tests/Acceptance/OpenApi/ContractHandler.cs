using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Notify.Acceptance.Tests.OpenApi;

/// <summary>Lets requests through and holds each answer to the document.</summary>
internal sealed partial class ContractHandler(Contract contract) : DelegatingHandler(
    new SocketsHttpHandler { Expect100ContinueTimeout = TimeSpan.FromMinutes(1) })
{
    private readonly Lock gate = new();
    private readonly List<string> faults = [];
    private readonly SortedDictionary<string, JsonNode> examples = new(StringComparer.Ordinal);
    private readonly HashSet<string> answered = new(StringComparer.Ordinal);

    public IReadOnlyList<string> Faults => faults;

    /// <summary>Call and status of each answer that came.</summary>
    public IReadOnlySet<string> Answered => answered;

    /// <summary>The first success of each call and status, as an example that says nothing of where it was recorded.</summary>
    public IReadOnlyDictionary<string, JsonNode> Examples => examples;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        await response.Content.LoadIntoBufferAsync(cancellationToken);
        var (body, type, path) = (await response.Content.ReadAsStringAsync(cancellationToken), response.Content.Headers.ContentType?.MediaType,
            request.RequestUri!.AbsolutePath);
        lock (gate)
        {
            faults.AddRange(contract.FaultsOf(request.Method.Method, path, (int)response.StatusCode, type, body));
            var key = $"{contract.Find(request.Method.Method, path)?.Call} {(int)response.StatusCode}";
            answered.Add(key);
            // The first that holds something: an empty list shows little.
            if (response.IsSuccessStatusCode && type == "application/json"
                && (!examples.TryGetValue(key, out var known) || known["items"] is JsonArray { Count: 0 }))
                examples[key] = Shortened(JsonNode.Parse(Anonymous(body))!);
        }

        return response;
    }

    private static JsonNode Shortened(JsonNode node)
    {
        if (node is JsonObject fields)
            foreach (var (name, value) in fields.ToList())
                if (value is not null) fields[name] = Shortened(value.DeepClone());
        if (node is JsonArray items)
            return new JsonArray([.. items.Take(2).Select(x => x is null ? null : Shortened(x.DeepClone()))]);
        return node;
    }

    private static string Anonymous(string body) =>
        Regex.Replace(State().Replace(Directory().Replace(Address().Replace(body, "https://qyapi.weixin.qq.com"), "/var/lib/notify"), "CfDJ8…"),
            $@"\b{Regex.Escape(Environment.MachineName)}\b", "node-1", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));

    [GeneratedRegex(@"(?:/[\w.-]+)+/notify-test-\w+", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Directory();

    /// <summary>What ASP.NET Core protects.</summary>
    [GeneratedRegex(@"CfDJ8[\w-]+", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex State();

    [GeneratedRegex(@"http://127\.0\.0\.1:\d+", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Address();
}
