using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Notify.Contracts.Alarms;
using Notify.Kernel;
using Notify.Kernel.Http;

namespace Notify.Alarms.Intake.Alertmanager;

/// <summary>
/// <c>POST /intake/alertmanager</c> (webhook version 4) and <c>/intake/grafana</c> (version 1), which speak nearly the same: each alert of a group is
/// an alarm. Grafana's legacy alerting sends one rule at a time (<see cref="LegacyGrafana"/>). Only 5xx makes them try again, so whatever may pass answers 503. Two of a pair that tell the same notify once.
/// </summary>
public static class ReceiveWebhook
{
    public const string Alertmanager = "alertmanager";
    public const string Grafana = "grafana";
    private const string Truncated = "truncatedAlerts";

    public static void Map(RouteGroupBuilder intake)
    {
        Map(intake, HttpMethods.Post, Alertmanager, "receiveAlertmanager", "Webhook for Prometheus Alertmanager", "Version 4 of its webhook.");
        Map(intake, HttpMethods.Put, Alertmanager, "receiveAlertmanagerByPut", "Webhook for Prometheus Alertmanager", "As POST, for senders that use PUT.");
        Map(intake, HttpMethods.Post, Grafana, "receiveGrafana", "Webhook for Grafana", "Grafana's alerting webhook, unified or legacy.");
        // Grafana can be told to use PUT.
        Map(intake, HttpMethods.Put, Grafana, "receiveGrafanaByPut", "Webhook for Grafana", "As POST, for senders that use PUT.");
    }

    private static void Map(RouteGroupBuilder intake, string method, string sender, string name, string summary, string description) =>
        intake.MapMethods($"/{sender}", [method], (HttpContext http, AlarmWriter writer, TimeProvider time, IOptionsMonitor<AlertMapping> mappings, ILoggerFactory logs) =>
            ReceiveAsync(http, writer, time, mappings.Get(sender), sender, logs.CreateLogger(typeof(ReceiveWebhook)))).Requires(Permission.AlarmsReport)
            .Document(name, summary, description).Takes().Answers<IntakeBatch.Answer>(StatusCodes.Status202Accepted, IntakeBatch.Durable);

    private static async Task<IResult> ReceiveAsync(HttpContext http, AlarmWriter writer, TimeProvider time, AlertMapping mapping, string sender, ILogger logger)
    {
        using var body = await http.Request.ReadJsonAsync();
        var group = body.Root;
        if (sender == Grafana && LegacyGrafana.Is(group)) return await ReceiveLegacyAsync(group, http, writer, time.GetUtcNow(), mapping);
        var items = IntakeText.List(group, "alerts", "Give the alerts as a list, as the webhook of Alertmanager does.");
        var leftOut = LeftOut(group);
        if (leftOut > 0) logger.LogWarning("{Sender} omitted {Count} alerts from a group (max_alerts); Notify did not receive them.", sender, leftOut);

        var batch = new IntakeBatch(http.Audit(), "alerts");
        var now = time.GetUtcNow();
        foreach (var (index, item) in items.EnumerateArray().Index())
        {
            batch.Add(index, errors =>
            {
                if (ReadAlert(item, sender, errors) is not { } alert || ResolvedOf(item, group, errors) is not { } resolved) return null;
                if (leftOut > 0) alert = alert with { Extras = new Dictionary<string, string>(alert.Extras, StringComparer.Ordinal) { [Truncated] = leftOut.ToString(CultureInfo.InvariantCulture) } };
                return Command(mapping, alert, resolved, now, batch.Audit);
            });
        }

        return await batch.WriteAndAnswerAsync(writer, http);
    }

    /// <summary>One rule and its state.</summary>
    private static Task<IResult> ReceiveLegacyAsync(JsonElement body, HttpContext http, AlarmWriter writer, DateTimeOffset now, AlertMapping mapping)
    {
        var batch = new IntakeBatch(http.Audit(), "alerts");
        try
        {
            var (alert, isResolved) = LegacyGrafana.Read(body);
            batch.Add(0, _ => Command(mapping, alert, isResolved, now, batch.Audit));
            return batch.WriteAndAnswerAsync(writer, http);
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
            return group.TryGetProperty(Truncated, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var count) ? Math.Max(count, 0) : 0;
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
        ? Alert.Read(item, errors, Alert.GeneratorUrl, "dashboardURL", "panelURL", "silenceURL", "imageURL", "ruleUID", "valueString")?.WithValues(item)
        : Alert.Read(item, errors, Alert.GeneratorUrl);

    /// <summary>What the alert itself says, else its group.</summary>
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
