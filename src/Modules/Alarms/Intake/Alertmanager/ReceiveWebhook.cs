using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Notify.Alarms.Silences;
using Notify.Contracts.Alarms;
using Notify.Kernel;
using Notify.Kernel.Http;

namespace Notify.Alarms.Intake.Alertmanager;

/// <summary><c>POST /intake/alertmanager</c> (webhook version 4) and <c>/intake/grafana</c> (version 1), which are nearly the same: each alert of a
/// group is an alarm. Grafana's legacy alerting sends one rule at a time (<see cref="LegacyGrafana"/>). These senders retry only after 5xx, so
/// temporary faults are answered with 503. Two of a pair that report the same cause one notification.</summary>
public sealed class ReceiveWebhook(AlarmWriter writer, TimeProvider time, IOptionsMonitor<AlertMapping> mappings, ILogger<ReceiveWebhook> logger)
{
    public const string Alertmanager = "alertmanager";
    public const string Grafana = "grafana";
    private const string Truncated = "truncatedAlerts";

    /// <param name="sender"><see cref="Alertmanager"/> or <see cref="Grafana"/>.</param>
    /// <param name="group">The body, with the alerts that were sent together.</param>
    /// <returns>Completes when all valid alerts are on durable storage.</returns>
    /// <exception cref="ProblemException">400: there is no list, or no alert is valid; 503: the database is unavailable.</exception>
    public async Task<IntakeAnswer> RunAsync(string sender, JsonElement group, AuditContext audit)
    {
        var (batch, mapping, now) = (new IntakeBatch(audit, "alerts"), mappings.Get(sender), time.GetUtcNow());
        if (sender == Grafana && LegacyGrafana.Is(group)) return await ReceiveLegacyAsync(group, batch, now, mapping, audit);
        var items = IntakeText.List(group, "alerts", "Give the alerts as a list, as the webhook of Alertmanager does.");
        var leftOut = LeftOut(group);
        if (leftOut > 0) logger.LogWarning(
            "{Sender} omitted {Count} alerts from a group (max_alerts); Notify did not receive them.", sender, leftOut);

        foreach (var (index, item) in items.EnumerateArray().Index())
        {
            batch.Add(index, errors =>
            {
                if (ReadAlert(item, sender, errors) is not { } alert || ResolvedOf(item, group, errors) is not { } resolved) return null;
                if (leftOut > 0)
                {
                    alert = alert with
                    {
                        Extras = new Dictionary<string, string>(
                            alert.Extras, StringComparer.Ordinal)
                        { [Truncated] = leftOut.ToString(CultureInfo.InvariantCulture) },
                    };
                }

                return Command(mapping, alert, resolved, now, audit);
            });
        }

        return await batch.WriteAnyAsync(writer);
    }

    public static void Map(RouteGroupBuilder intake)
    {
        Map(intake, HttpMethods.Post, Alertmanager, "receiveAlertmanager", "Webhook for Prometheus Alertmanager", "Version 4 of its webhook.");
        Map(intake, HttpMethods.Put, Alertmanager, "receiveAlertmanagerByPut", "Webhook for Prometheus Alertmanager",
            "As POST, for senders that use PUT.");
        Map(intake, HttpMethods.Post, Grafana, "receiveGrafana", "Webhook for Grafana", "Grafana's alerting webhook, unified or legacy.");
        // Grafana can be configured to use PUT.
        Map(intake, HttpMethods.Put, Grafana, "receiveGrafanaByPut", "Webhook for Grafana", "As POST, for senders that use PUT.");
    }

    private static void Map(RouteGroupBuilder intake, string method, string sender, string name, string summary, string description) =>
        intake.MapMethods($"/{sender}", [method], async (HttpContext http, ReceiveWebhook receive) =>
        {
            using var body = await http.Request.ReadJsonAsync();
            return http.Accepted(await receive.RunAsync(sender, body.Root, http.Audit()));
        }).Idempotent().Requires(Permission.AlarmsReport).KeepsToPaths()
            .Document(name, summary, description).Takes().Answers<IntakeAnswer>(StatusCodes.Status202Accepted, IntakeEndpoint.Durable);

    /// <summary>Receives one rule and its state from Grafana's legacy alerting.</summary>
    private Task<IntakeAnswer> ReceiveLegacyAsync(JsonElement body, IntakeBatch batch, DateTimeOffset now, AlertMapping mapping, AuditContext audit)
    {
        try
        {
            var (alert, isResolved) = LegacyGrafana.Read(body);
            batch.Add(0, _ => Command(mapping, alert, isResolved, now, audit));
            return batch.WriteAnyAsync(writer);
        }
        catch (InvalidOperationException)
        {
            throw ProblemException.Invalid("", "The name of a field is not valid Unicode.");
        }
    }

    private static long LeftOut(JsonElement group)
    {
        try
        {
            return group.TryGetProperty(Truncated, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var count)
                ? Math.Max(count, 0) : 0;
        }
        catch (InvalidOperationException)
        {
            return 0; // a field's name with half of a surrogate pair
        }
    }

    private static AlarmCommand Command(AlertMapping mapping, Alert alert, bool resolved, DateTimeOffset now, AuditContext audit) => resolved
        ? AlertCommand.Resolved(mapping.Report(alert, AlarmState.ClearedUnacked, alert.EndsAt ?? now), alert.EndsAt is not null, now, audit)
        : AlertCommand.Firing(mapping.Report(alert, AlarmState.ActiveUnacked, alert.StartsAt ?? now), now, audit);

    private static Alert? ReadAlert(JsonElement item, string sender, Errors errors) => sender == Grafana
        ? Alert.Read(item, errors, AlertLabels.GeneratorUrl, "dashboardURL", "panelURL", "silenceURL", "imageURL", "ruleUID", "valueString")?.WithValues(
            item)
        : Alert.Read(item, errors, AlertLabels.GeneratorUrl);

    /// <summary>The status of the alert itself, or else of its group.</summary>
    private static bool? ResolvedOf(JsonElement item, JsonElement group, Errors errors)
    {
        if (!item.TryGetProperty("status", out var status)) group.TryGetProperty("status", out status);
        switch (status.ValueKind == JsonValueKind.String ? IntakeText.Of(status) : null)
        {
            case "firing": return false;
            case "resolved": return true;
            default: errors.Add("status", "Give firing or resolved."); return null;
        }
    }
}
