using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Notify.Testing;

/// <summary>An answer as a caller sees it.</summary>
public sealed record RestAnswer(int Status, JsonObject Body, HttpResponseHeaders Headers, string Text)
{
    public string? ETag => Headers.ETag?.Tag;
    public string Id => Body["id"]!.GetValue<string>();
    public long Version => Body["version"]!.GetValue<long>();
    public string? Detail => (string?)Body["detail"];
    public IEnumerable<string> Faults => Body["errors"] is JsonObject errors ? errors.Select(x => x.Key) : [];
    public TimeSpan? RetryAfter => Headers.RetryAfter?.Delta;
}

/// <summary>Requests under <c>/api/v1/</c> whose answer, whatever it is, is looked at.</summary>
public static class Rest
{
    /// <param name="body">JSON from an object, or content as it is.</param>
    /// <param name="headers">Name and value, in turns.</param>
    public static Task<RestAnswer> SendAsync(this NotifyHost host, string method, string path, object? body = null, params string[] headers) =>
        host.Client.SendToAsync(method, path, body, headers);

    /// <inheritdoc cref="SendAsync"/>
    public static async Task<RestAnswer> SendToAsync(this HttpClient client, string method, string path, object? body = null, params string[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri($"/api/v1/{path}", UriKind.Relative));
        request.Content = body switch
        {
            null => null,
            HttpContent content => content,
            _ => JsonContent.Create(body, body.GetType()),
        };
        for (var i = 0; i < headers.Length; i += 2) request.Headers.TryAddWithoutValidation(headers[i], headers[i + 1]);
        using var response = await client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        var json = response.Content.Headers.ContentType?.MediaType is "application/json" or "application/problem+json"
            ? JsonNode.Parse(text) as JsonObject : null;
        return new RestAnswer((int)response.StatusCode, json ?? [], response.Headers, text);
    }

    public static Task<RestAnswer> PutAsync(this NotifyHost host, string path, long version, object body, params string[] headers) =>
        host.SendAsync("PUT", path, body, ["If-Match", string.Create(CultureInfo.InvariantCulture, $"\"{version}\""), .. headers]);
}
