using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Notify.Testing;

/// <summary>Calls of the REST contract, by paths under <c>/api/v1/</c>.</summary>
public static class NotifyApi
{
    public static HttpClient ClientOf(string url, string key)
    {
        var client = new HttpClient { BaseAddress = new Uri(url) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return client;
    }

    /// <exception cref="InvalidOperationException">The answer is not a success.</exception>
    public static async Task<JsonObject> PostToAsync(this HttpClient client, string path, object body)
    {
        using var response = await client.PostAsJsonAsync($"/api/v1/{path}", body);
        return await ReadAsync(response, $"POST {path}");
    }

    /// <exception cref="InvalidOperationException">The answer is not a success.</exception>
    public static async Task<JsonObject> GetFromAsync(this HttpClient client, string path)
    {
        using var response = await client.GetAsync(new Uri($"/api/v1/{path}", UriKind.Relative));
        return await ReadAsync(response, $"GET {path}");
    }

    /// <summary>All pages of a log.</summary>
    public static async Task<List<JsonObject>> GetAllFromAsync(this HttpClient client, string path)
    {
        var items = new List<JsonObject>();
        string? cursor = null;
        do
        {
            var page = await client.GetFromAsync(
                $"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}limit=1000{(cursor is null ? "" : $"&cursor={cursor}")}");
            items.AddRange(page["items"]!.AsArray().Select(x => x!.AsObject()));
            cursor = (string?)page["nextCursor"];
        }
        while (cursor is not null);
        return items;
    }

    private static async Task<JsonObject> ReadAsync(HttpResponseMessage response, string call)
    {
        var text = await response.Content.ReadAsStringAsync();
        return response.IsSuccessStatusCode
            ? JsonNode.Parse(text)!.AsObject() : throw new InvalidOperationException($"{call}: {(int)response.StatusCode} {text}");
    }
}
