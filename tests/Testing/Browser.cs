using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Notify.Testing;

/// <summary>Keeps cookies, and says of each request which page made it, as a browser does. Who uses it has no API key.</summary>
public sealed class Browser : IDisposable
{
    private readonly SocketsHttpHandler handler;
    private readonly HttpClient client;

    /// <param name="origin">Of the page; null: Notify's own.</param>
    public Browser(string url, string? origin = null)
    {
        handler = new SocketsHttpHandler { CookieContainer = Cookies, AllowAutoRedirect = false };
        client = new HttpClient(handler) { BaseAddress = new Uri(url) };
        Origin = origin ?? url;
    }

    public CookieContainer Cookies { get; } = new();

    public string Origin { get; }

    public static Browser Of(NotifyHost host) => new(host.Url);

    /// <summary>The cookies that it would send there.</summary>
    public string CookieHeader => Cookies.GetCookieHeader(client.BaseAddress!);

    /// <summary>A request of one of Notify's own pages, under <c>/api/v1/</c>.</summary>
    public Task<RestAnswer> SendAsync(string method, string path, object? body = null, params string[] headers) =>
        SendRawAsync(method, $"/api/v1/{path}", body, ["Origin", Origin, "Sec-Fetch-Site", "same-origin", .. headers]);

    /// <summary>With these headers and no others.</summary>
    /// <param name="headers">Name and value, in turns.</param>
    public async Task<RestAnswer> SendRawAsync(string method, string path, object? body = null, params string[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(path, UriKind.Relative));
        request.Content = body is null ? null : JsonContent.Create(body, body.GetType());
        for (var i = 0; i < headers.Length; i += 2) request.Headers.TryAddWithoutValidation(headers[i], headers[i + 1]);
        using var response = await client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        var json = response.Content.Headers.ContentType?.MediaType is "application/json" or "application/problem+json"
            ? JsonNode.Parse(text) as JsonObject : null;
        return new RestAnswer((int)response.StatusCode, json ?? [], response.Headers, text);
    }

    /// <exception cref="InvalidOperationException">It was refused.</exception>
    public async Task<JsonObject> SignInAsync(string userName, string password, string? code = null)
    {
        var answer = await SendAsync("POST", "session", code is null ? new { userName, password } : new { userName, password, code });
        return answer.Status == 200 ? answer.Body : throw new InvalidOperationException($"{answer.Status} {answer.Text}");
    }

    public void Dispose()
    {
        client.Dispose();
        handler.Dispose();
    }
}

/// <summary>People who can sign in.</summary>
public static class SigningIn
{
    public const string Password = "viola teapot lunar crescent";

    /// <returns>The id of the user.</returns>
    public static async Task<string> MakePersonAsync(
        this NotifyHost host, string userName, string role = "operator", string password = Password, bool mustChange = false)
    {
        var user = await host.PostAsync("users", new { userName, name = $"The {userName}", roles = new[] { role }, signIn = "password" });
        var id = user["id"]!.GetValue<string>();
        var set = await host.SendAsync("POST", $"users/{id}/password", new { password, mustChange });
        return set.Status == 204 ? id : throw new InvalidOperationException($"{set.Status} {set.Text}");
    }

    /// <summary>A browser in which a new person has signed in.</summary>
    public static async Task<Browser> SignedInAsync(this NotifyHost host, string userName, string role = "operator")
    {
        await host.MakePersonAsync(userName, role);
        var browser = Browser.Of(host);
        await browser.SignInAsync(userName, Password);
        return browser;
    }
}
