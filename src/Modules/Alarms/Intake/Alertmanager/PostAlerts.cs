using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;
using Notify.Alarms.Silences;
using Notify.Contracts.Alarms;
using Notify.Kernel;
using Notify.Kernel.Http;

namespace Notify.Alarms.Intake.Alertmanager;

/// <summary><c>POST /api/v2/alerts</c>: alerts that Prometheus and amtool send directly to an Alertmanager. An alert is valid until its end, which
/// the source extends by repeating it. Valid alerts are recorded even when the answer is 400 because of others.</summary>
public sealed class PostAlerts(AlarmWriter writer, TimeProvider time, IOptionsMonitor<AlertMapping> mappings)
{
    private const int MostFaults = 20;

    /// <returns>The faults of invalid alerts; the valid ones are on durable storage.</returns>
    /// <exception cref="ProblemException">400: the body is not a list; 503: the database is unavailable.</exception>
    public async Task<IReadOnlyList<string>> RunAsync(JsonElement alerts, AuditContext audit)
    {
        if (alerts.ValueKind != JsonValueKind.Array) throw ProblemException.Invalid("", "Give the alerts as a list.");
        var batch = new IntakeBatch(audit, "alerts");
        var (now, mapping) = (time.GetUtcNow(), mappings.Get(ReceiveWebhook.Alertmanager));
        foreach (var (index, item) in alerts.EnumerateArray().Index())
            batch.Add(index, errors => Read(item, errors) is { } alert ? Command(mapping, alert, now, audit) : null);
        await batch.WriteAsync(writer);
        return [.. batch.Faults().Take(MostFaults)];
    }

    public static void Map(RouteGroupBuilder api) =>
        api.MapPost("/alerts", async (HttpContext http, PostAlerts post) =>
        {
            using var body = await http.Request.ReadJsonAsync();
            return await post.RunAsync(body.Root, http.Audit()) is { Count: > 0 } faults
                ? Results.Json(string.Join("; ", faults), NotifyJson.Options, statusCode: 400)
                : Results.Ok();
        }).Idempotent().Requires(Permission.AlarmsReport).KeepsToPaths();

    private static Alert? Read(JsonElement item, Errors errors)
    {
        var alert = Alert.Read(item, errors, AlertLabels.GeneratorUrl);
        if (alert is { StartsAt: { } start, EndsAt: { } end } && end < start) errors.Add("endsAt", "The end is before the start.");
        return errors.Any ? null : alert;
    }

    private static AlarmCommand Command(AlertMapping mapping, Alert alert, DateTimeOffset now, AuditContext audit)
    {
        // The labels are the identity; a fingerprint claimed by the sender is ignored.
        alert = alert with { Fingerprint = Alert.FingerprintOf(alert.Labels) };
        var start = alert.StartsAt ?? now;
        if (alert.EndsAt is not { } end || end > now) return AlertCommand.Firing(Firing(alert.EndsAt ?? now + mapping.ResolveTimeout), now, audit);
        return AlertCommand.Ended(
            mapping.Report(alert, AlarmState.ClearedUnacked, end), Firing(now + mapping.ResolveTimeout) with { AnnouncedEnd = end }, now, audit);

        AlarmReported Firing(DateTimeOffset expiresAt) => mapping.Report(alert, AlarmState.ActiveUnacked, start, expiresAt);
    }
}
