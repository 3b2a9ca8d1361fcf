using System.Diagnostics.Metrics;
using System.Net;
using Notify.Kernel;
using Notify.Kernel.Http;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Notify.Host.Operating;

/// <summary>
/// Metrics at <c>/metrics</c> for Prometheus; metrics and traces by OTLP if <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is set. The other OTEL_* variables
/// apply too (opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables).
/// </summary>
internal static class Observability
{
    private const string Path = "/metrics";

    public static void AddObservability(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<StoreGauges>();
        var exports = !string.IsNullOrEmpty(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]);
        var telemetry = builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService("notify", serviceVersion: typeof(Observability).Assembly.GetName().Version?.ToString())
                .AddEnvironmentVariableDetector())
            .WithMetrics(metrics =>
            {
                metrics.AddMeter(Telemetry.Name, "Wolverine*").AddAspNetCoreInstrumentation().AddHttpClientInstrumentation()
                    .AddRuntimeInstrumentation();
                // A hundred routes, each with its statuses and fifteen buckets, would dominate the metrics: three buckets show what is slow, and
                // everything above is one series.
                metrics.AddView("http.server.request.duration", new ExplicitBucketHistogramConfiguration
                {
                    Boundaries = [0.1, 1],
                    TagKeys = ["http.request.method", "http.route", "http.response.status_code"],
                    CardinalityLimit = 60,
                });
                // Each request would record them, and none says more than http.server.request.duration with its statuses.
                string[] ofEachRequest =
                    ["aspnetcore.routing.match_attempts", "aspnetcore.authentication.", "aspnetcore.authorization.", "aspnetcore.memory_pool."];
                string[] foreign = ["http.client.", "dns.", "kestrel.", "aspnetcore.", "wolverine"];
                metrics.AddView(x => x switch
                {
                    { Name: "http.server.request.duration" } => null,
                    _ when ofEachRequest.Any(name => x.Name.StartsWith(name, StringComparison.Ordinal)) => MetricStreamConfiguration.Drop,
                    Histogram<double> or Histogram<long> or Histogram<int> => foreign.Any(name => x.Name.StartsWith(name, StringComparison.Ordinal))
                        ? new ExplicitBucketHistogramConfiguration { Boundaries = x.Unit == "s" ? [0.1, 1] : [100, 1_000], CardinalityLimit = 20 }
                        : null,
                    // An instrument takes the memory of all its series at once, by default of two thousand.
                    _ => new MetricStreamConfiguration { CardinalityLimit = x.Meter.Name == Telemetry.Name ? 500 : 50 },
                });
                metrics.AddPrometheusExporter();
                if (exports) metrics.AddOtlpExporter();
            });
        if (!exports)
        {
            Telemetry.TraceMessages();
            return;
        }

        builder.Services.AddHostedService<RefreshedGauges>();
        // Without a collector, traces cost nothing.
        telemetry.WithTracing(traces => traces
            .AddSource(Telemetry.Name, Telemetry.Messages)
                .AddAspNetCoreInstrumentation(options =>
                {
                    options.Filter = http => !IsOperation(http.Request.Path);
                    options.EnrichWithHttpRequest = (span, request) =>
                        span.SetTag("url.path", AcknowledgeLinks.Loggable((request.PathBase + request.Path).Value ?? ""));
                }).AddHttpClientInstrumentation()
                .AddOtlpExporter());
    }

    /// <summary>
    /// Serves metrics before authentication, which needs the database: they are needed most when it is unavailable. They can be read without a key
    /// from this machine, or from anywhere if <c>Notify:Metrics:Open</c> is true; otherwise with <see cref="Permission.OperationRead"/>.
    /// </summary>
    public static void UseOpenMetrics(this WebApplication app)
    {
        var open = app.Configuration.GetValue("Notify:Metrics:Open", false);
        app.UseWhen(http => http.Request.Path == Path && (open || IsLocal(http)), Serve);
    }

    public static void MapMetrics(this IEndpointRouteBuilder routes)
    {
        var branch = routes.CreateApplicationBuilder();
        Serve(branch);
        routes.MapGet(Path, branch.Build()).Requires(Permission.OperationRead).ExcludeFromDescription().WithMetadata(new ReadTurns.Free());
    }

    private static void Serve(IApplicationBuilder branch)
    {
        branch.Use(async (http, next) =>
        {
            await http.RequestServices.GetRequiredService<StoreGauges>().RefreshAsync(http.RequestAborted);
            await next(http);
        });
        branch.UseOpenTelemetryPrometheusScrapingEndpoint(_ => true);
    }

    /// <summary>A proxy on this machine passes on requests of others, which its headers show.</summary>
    private static bool IsLocal(HttpContext http) =>
        http.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address)
        && !http.Request.Headers.ContainsKey("X-Forwarded-For") && !http.Request.Headers.ContainsKey("Forwarded")
            && !http.Request.Headers.ContainsKey("X-Real-IP");

    private static bool IsOperation(PathString path) => path == Path || path.StartsWithSegments("/health", StringComparison.Ordinal);

    /// <summary>Refreshes the gauges for the export, which no request precedes.</summary>
    private sealed class RefreshedGauges(StoreGauges gauges, ILogger<RefreshedGauges> logger) : Worker("Gauges", logger, startsAfter: interval)
    {
        private static readonly TimeSpan interval = TimeSpan.FromSeconds(15);

        protected override async Task<TimeSpan> WorkAsync(CancellationToken cancellation)
        {
            await gauges.RefreshAsync(cancellation);
            return interval;
        }
    }
}
