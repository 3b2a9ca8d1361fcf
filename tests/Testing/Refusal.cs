using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Notify.Testing;

/// <summary>An answer that is a problem document.</summary>
public sealed record Refusal(int Status, JsonObject Problem)
{
    /// <summary>The paths of the faulty fields, in order.</summary>
    public IEnumerable<string> Paths => Problem["errors"]?.AsObject().Select(x => x.Key) ?? [];

    public string FirstMessage(string path) => Problem["errors"]![path]![0]!.GetValue<string>();

    /// <summary>Posts under <c>/api/v1/</c>; the answer must not be a success.</summary>
    public static async Task<Refusal> OfPostAsync(NotifyHost host, string path, object body)
    {
        using var response = await host.Client.PostAsJsonAsync($"/api/v1/{path}", body);
        return await ReadAsync(response, $"POST {path}");
    }

    /// <summary>Reads under <c>/api/v1/</c>; the answer must not be a success.</summary>
    public static async Task<Refusal> OfGetAsync(NotifyHost host, string path)
    {
        using var response = await host.Client.GetAsync(new Uri($"/api/v1/{path}", UriKind.Relative));
        return await ReadAsync(response, $"GET {path}");
    }

    private static async Task<Refusal> ReadAsync(HttpResponseMessage response, string what)
    {
        var text = await response.Content.ReadAsStringAsync();
        return response.IsSuccessStatusCode
            ? throw new InvalidOperationException($"{what} was not refused: {text}")
            : new Refusal((int)response.StatusCode, JsonNode.Parse(text)!.AsObject());
    }
}
