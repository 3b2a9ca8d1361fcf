using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Notify.Kernel.Http;

namespace Notify.Ui.Api;

/// <summary>A request from a page to the API.</summary>
/// <param name="Path">With its query, without the path base: <c>/api/v1/rules?page=2</c>.</param>
/// <param name="Address">The IP address of the reader's browser.</param>
public sealed record PageRequest(
    string Method, string Path, PageCaller Caller, byte[]? Body = null, string? ContentType = null,
    IReadOnlyDictionary<string, string>? Headers = null, IPAddress? Address = null);

/// <param name="Headers">By name, ignoring case.</param>
public sealed record PageAnswer(int Status, IReadOnlyDictionary<string, string> Headers, byte[] Body);

/// <summary>
/// Connects pages with the API within the process: each request passes through the same pipeline as one from outside, so that permissions, paths,
/// approvals, limits and auditing apply to both, and are implemented once.
/// </summary>
public sealed class PageRequests(IServiceScopeFactory scopes, IHttpContextFactory contexts)
{
    private RequestDelegate? pipeline;

    /// <summary>Called once, when the pipeline is built, with the part of it that handles pages' requests.</summary>
    public void GoThrough(RequestDelegate next) => pipeline = next;

    public async Task<PageAnswer> SendAsync(PageRequest request, CancellationToken cancellation)
    {
        var next = pipeline ?? throw new InvalidOperationException("The request pipeline has no place for the requests of pages.");
        await using var scope = scopes.CreateAsyncScope();
        var (path, query) = request.Path.IndexOf('?', StringComparison.Ordinal) is var at and >= 0
            ? (request.Path[..at], request.Path[at..]) : (request.Path, "");
        using var body = new MemoryStream(request.Body ?? [], writable: false);
        using var answer = new MemoryStream();
        var response = new StreamResponseBodyFeature(answer);
        var features = new FeatureCollection();
        features.Set<IHttpRequestFeature>(new HttpRequestFeature
        {
            Method = request.Method,
            Path = Uri.UnescapeDataString(path),
            QueryString = query,
            Scheme = "https",
            Protocol = "HTTP/1.1",
            Body = body,
            RawTarget = request.Path,
        });
        features.Set<IHttpRequestBodyDetectionFeature>(new HasBody(request.Body is not null));
        features.Set<IHttpResponseFeature>(new HttpResponseFeature());
        features.Set<IHttpResponseBodyFeature>(response);
        features.Set<IHttpConnectionFeature>(new HttpConnectionFeature { RemoteIpAddress = request.Address, ConnectionId = "page" });
        features.Set<IHttpRequestLifetimeFeature>(new HttpRequestLifetimeFeature { RequestAborted = cancellation });
        features.Set<IServiceProvidersFeature>(new Services(scope.ServiceProvider));
        features.Set(request.Caller);
        var http = contexts.Create(features);
        try
        {
            http.Request.Host = new HostString("localhost");
            if (request.Body is { } content)
            {
                http.Request.ContentLength = content.Length;
                http.Request.ContentType = request.ContentType ?? "application/json";
            }

            foreach (var (name, value) in request.Headers ?? new Dictionary<string, string>()) http.Request.Headers[name] = value;
            await next(http);
            await response.CompleteAsync();
            cancellation.ThrowIfCancellationRequested();
            return new(
                http.Response.StatusCode,
                http.Response.Headers.ToDictionary(x => x.Key, x => x.Value.ToString(), StringComparer.OrdinalIgnoreCase),
                answer.ToArray());
        }
        finally
        {
            contexts.Dispose(http);
        }
    }

    private sealed record HasBody(bool CanHaveBody) : IHttpRequestBodyDetectionFeature;

    private sealed class Services(IServiceProvider provider) : IServiceProvidersFeature
    {
        public IServiceProvider RequestServices { get; set; } = provider;
    }
}
