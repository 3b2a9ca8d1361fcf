using System.Text.Json.Nodes;
using Notify.Testing;

namespace Notify.Delivery.Tests.Channels;

/// <summary>A host with one service, one message and one rule, and what became of its notifications.</summary>
internal static class OneRule
{
    /// <param name="states">In which an alarm is told.</param>
    /// <returns>The service's id.</returns>
    public static async Task<string> MakeRuleAsync(
        this NotifyHost host, JsonObject service, JsonObject message, IEnumerable<string> states, IEnumerable<object> receivers)
    {
        var serviceId = (string)(await host.PostAsync("services", service))["id"]!;
        var messageId = (string)(await host.PostAsync("messages", message))["id"]!;
        var scheduleId = (string)(await host.GetAsync("schedules?search=Default"))["items"]![0]!["id"]!;
        await host.PostAsync("rules", new
        {
            name = "Everything",
            criteria = new { states },
            actions = new[] { new { type = (string)service["type"]!, serviceId, messageId, scheduleId, receivers } },
        });
        return serviceId;
    }

    public static async Task<List<JsonNode>> NotificationsAsync(this NotifyHost host) =>
        [.. (await host.GetAsync("notifications"))["items"]!.AsArray().Select(x => x!)];

    /// <summary>So many, when each has ended.</summary>
    public static Task<List<JsonNode>> EndedAsync(this NotifyHost host, int count) => Eventually.GetAsync(
        host.NotificationsAsync, x => x.Count == count && x.TrueForAll(n => (string)n["status"]! is not ("Pending" or "Scheduled")));
}
