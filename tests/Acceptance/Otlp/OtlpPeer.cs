using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Notify.Acceptance.Tests.Otlp;

internal sealed record OtlpSpan(string Service, string TraceId, string SpanId, string ParentId, string Name);

/// <summary>A collector that takes traces and metrics by OTLP over HTTP in protobuf, and keeps what they are called and how they hang
/// together.</summary>
internal sealed class OtlpPeer : IAsyncDisposable
{
    private readonly WebApplication web;

    private OtlpPeer()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        web = builder.Build();
        web.Run(TakeAsync);
    }

    public string Url => web.Urls.First();

    public ConcurrentQueue<OtlpSpan> Spans { get; } = new();

    /// <summary>Names of metrics, each with the service that sent it.</summary>
    public ConcurrentDictionary<string, string> Metrics { get; } = new(StringComparer.Ordinal);

    public static async Task<OtlpPeer> StartAsync()
    {
        var peer = new OtlpPeer();
        await peer.web.StartAsync();
        return peer;
    }

    public ValueTask DisposeAsync() => web.DisposeAsync();

    private async Task TakeAsync(HttpContext http)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body);
        var request = new ProtobufMessage(body.ToArray());
        if (http.Request.Path == "/v1/traces") KeepTraces(request);
        else if (http.Request.Path == "/v1/metrics") KeepMetrics(request);
        else http.Response.StatusCode = StatusCodes.Status404NotFound;
        http.Response.ContentType = "application/x-protobuf"; // an empty message: all was taken
    }

    // Numbers of fields as in opentelemetry-proto: resource_spans 1, resource 1, scope_spans 2, spans 2; for metrics alike.
    private void KeepTraces(ProtobufMessage request)
    {
        foreach (var resource in request.Messages(1))
        {
            foreach (var span in resource.Messages(2).SelectMany(x => x.Messages(2)))
                Spans.Enqueue(new OtlpSpan(ServiceOf(resource), Hex(span, 1), Hex(span, 2), Hex(span, 4), span.Text(5)));
        }
    }

    private void KeepMetrics(ProtobufMessage request)
    {
        foreach (var resource in request.Messages(1))
        {
            foreach (var metric in resource.Messages(2).SelectMany(x => x.Messages(2))) Metrics[metric.Text(1)] = ServiceOf(resource);
        }
    }

    /// <summary>A resource's attributes are pairs of key (1) and value (2), which holds a text in its field 1.</summary>
    private static string ServiceOf(ProtobufMessage resource) =>
        resource.Messages(1).SelectMany(x => x.Messages(1)).Where(x => x.Text(1) == "service.name").SelectMany(x => x.Messages(2))
            .Select(x => x.Text(1)).Single();

    private static string Hex(ProtobufMessage span, int field) => Convert.ToHexStringLower(span.Fields(field).SelectMany(x => x).ToArray());
}
