using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Notify.Kernel;
using Notify.Kernel.Http;

namespace Notify.Alarms.Intake.Alertmanager;

/// <summary><c>GET /api/v2/alerts/groups</c>: the alerts of <see cref="ListAlerts"/>, grouped by name.</summary>
public static class ListAlertGroups
{
    public sealed record AlertGroup(
        IReadOnlyDictionary<string, string> Labels, ListAlerts.NamedReceiver Receiver, IReadOnlyList<ListAlerts.GettableAlert> Alerts);

    public static IEnumerable<AlertGroup> Of(IEnumerable<ListAlerts.GettableAlert> alerts) =>
        alerts.GroupBy(x => x.Labels["alertname"], StringComparer.Ordinal).OrderBy(x => x.Key, StringComparer.Ordinal)
            .Select(x => new AlertGroup(new Dictionary<string, string> { ["alertname"] = x.Key }, ListAlerts.Receiver, [.. x]));

    public static void Map(RouteGroupBuilder api) =>
        api.MapGet("/alerts/groups", async (HttpContext http, ListAlerts list) => Of(await ListAlerts.MapQueryAsync(http, list)))
            .Requires(Permission.AlarmsRead).KeepsToPaths();
}
