using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Notify.Kernel;
using Notify.Kernel.Http;

namespace Notify.Ui.Api;

/// <summary>
/// Calls the API from a page, on behalf of the person who opened the page. Once their session has ended, it answers that by itself: every refusal of
/// the API is recorded, and a recorded event lets open pages ask again, so that a forgotten page would fill the history.
/// </summary>
public sealed class ConsoleApi(PageRequests requests, Reader reader)
{
    public const string Root = "/api/v1/";

    private ApiAnswer? ended;

    /// <param name="path">The path below <c>/api/v1/</c>, with its query.</param>
    public Task<ApiAnswer> GetAsync(string path, CancellationToken cancellation = default) => SendAsync("GET", path, cancellation: cancellation);

    /// <exception cref="ApiException">The request was refused.</exception>
    /// <inheritdoc cref="GetAsync(string, CancellationToken)"/>
    public async Task<T> GetAsync<T>(string path, CancellationToken cancellation = default) => (await GetAsync(path, cancellation)).Read<T>();

    /// <summary>The health of Notify, from the endpoint for load balancers; the answer contains the checks even if it is unhealthy.</summary>
    public async Task<ApiAnswer> HealthAsync(CancellationToken cancellation = default) =>
        new(await requests.SendAsync(new PageRequest("GET", "/health/ready", reader.Caller, Address: reader.Address), cancellation));

    /// <param name="body">Null: none.</param>
    /// <param name="version">The version that was read, if the change depends on it.</param>
    /// <param name="reason">The reason for the change.</param>
    /// <inheritdoc cref="GetAsync(string, CancellationToken)"/>
    public async Task<ApiAnswer> SendAsync(
        string method, string path, object? body = null, long? version = null, string? reason = null, CancellationToken cancellation = default)
    {
        var bytes = body switch
        {
            null => null,
            JsonNode json => Encoding.UTF8.GetBytes(json.ToJsonString()),
            _ => JsonSerializer.SerializeToUtf8Bytes(body, NotifyJson.Options),
        };
        return await SendBytesAsync(method, path, bytes, "application/json", version, reason, cancellation);
    }

    /// <summary>Uploads a file as form data, as a browser would.</summary>
    public async Task<ApiAnswer> UploadAsync(
        string path, string fileName, byte[] content, long? version = null, string? reason = null, CancellationToken cancellation = default)
    {
        using var form = new MultipartFormDataContent();
        using var file = new ByteArrayContent(content);
        form.Add(file, "file", fileName);
        return await SendBytesAsync(
            "POST", path, await form.ReadAsByteArrayAsync(cancellation), form.Headers.ContentType!.ToString(), version, reason, cancellation);
    }

    private async Task<ApiAnswer> SendBytesAsync(
        string method, string path, byte[]? body, string contentType, long? version, string? reason, CancellationToken cancellation)
    {
        if (ended is not null) return ended;
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
        {
            ["Accept-Language"] = reader.IsChinese ? "zh" : "en",
            ["User-Agent"] = reader.Client,
        };
        if (version is { } number) headers["If-Match"] = $"\"{number}\"";
        if (!string.IsNullOrWhiteSpace(reason)) headers["X-Change-Reason"] = Uri.EscapeDataString(reason.Trim());
        var answer = new ApiAnswer(await requests.SendAsync(
            new PageRequest(method, Root + path, reader.Caller, body, contentType, headers, reader.Address), cancellation));
        // With faults of fields, it is about a code or password in the request.
        if (answer is { Status: 401, Problem.Errors.Count: 0 })
        {
            ended = answer;
            reader.End();
        }

        return answer;
    }
}
