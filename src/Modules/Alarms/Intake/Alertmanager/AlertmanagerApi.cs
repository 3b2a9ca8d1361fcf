using System.Reflection;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Notify.Alarms.Silencing;
using Notify.Kernel;
using Notify.Kernel.Http;

namespace Notify.Alarms.Intake.Alertmanager;

/// <summary>Alertmanager's own API, as far as Prometheus and amtool need it. Its errors are JSON texts.</summary>
public static class AlertmanagerApi
{
    internal sealed record Cluster(string Status, IReadOnlyList<string> Peers);

    internal sealed record VersionInfo(string Version, string Revision, string Branch, string BuildUser, string BuildDate, string GoVersion);

    internal sealed record Configured(string Original);

    internal sealed record Status(Cluster Cluster, VersionInfo VersionInfo, Configured Config, DateTimeOffset Uptime);

    private static readonly string version = typeof(
        AlertmanagerApi).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0";

    /// <summary>Read by amtool and Grafana: a valid configuration with the only receiver.</summary>
    private static readonly string configuration =
        $"# Notify is configured under /api/v1.\nroute:\n  receiver: {ListAlerts.Receiver.Name}\nreceivers:\n  - name: {ListAlerts.Receiver.Name}\n";

    private const string Asked = "Alertmanager's own health addresses, which are asked without credentials.";

    private static readonly long startedTicks = Environment.TickCount64;

    public static void Map(IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/api/v2").WithTags("alertmanager").ForeignFormat().WithMetadata(new TextErrors()).TakesBasicCredentials();
        PostAlerts.Map(api);
        ListAlerts.Map(api);
        ListAlertGroups.Map(api);
        PostSilence.Map(api);
        GettableSilences.Map(api);
        api.MapGet("/status", (TimeProvider time) => new Status(
            new("disabled", []), new(version, "", "", "", "", ""), new(configuration),
            time.GetUtcNow() - TimeSpan.FromMilliseconds(Environment.TickCount64 - startedTicks))).Requires(Permission.AlarmsRead).KeepsToPaths();
        api.MapGet("/receivers", () => (object[])[ListAlerts.Receiver]).Requires(Permission.AlarmsRead).KeepsToPaths();

        routes.MapGet("/-/healthy", () => "OK").WithTags("alertmanager").Open(Asked);
        routes.MapGet("/-/ready", async (HttpContext http, HealthCheckService health) =>
        {
            var report = await health.CheckHealthAsync(x => x.Tags.Contains("ready"), http.RequestAborted);
            return report.Status == HealthStatus.Unhealthy ? throw ProblemException.Unavailable("The database cannot be reached.") : "OK";
        }).WithTags("alertmanager").Open(Asked);
    }
}
