using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Notify.Testing;

namespace Notify.Audit.Tests.Replays;

/// <summary>What tests of replays do over REST.</summary>
internal static class ReplayHost
{
    public static async Task<string> RaiseAsync(this NotifyHost host, string name, string level = "High", string path = "Site1/Line1") =>
        (string)(await host.PostAsync("alarms", new { alarms = new[] { new { name, path, level } } }))["accepted"]![0]!["alarmId"]!;

    /// <summary>Until so many notifications have come to their end.</summary>
    public static Task<JsonObject> WaitForNotificationsAsync(this NotifyHost host, int count) =>
        Eventually.GetAsync(
            () => host.GetAsync("notifications?limit=1000"),
            x => x["items"]!.AsArray().Count == count && x["items"]!.AsArray().All(n => (string)n!["status"]! is not ("Pending" or "Scheduled")),
            TimeSpan.FromSeconds(120));

    public static async Task<string> ReplayAsync(this NotifyHost host, string mode, JsonObject? also = null)
    {
        var body = new JsonObject { ["mode"] = mode, ["from"] = "2026-01-01T00:00:00Z", ["to"] = DateTimeOffset.UtcNow.ToString("O") };
        foreach (var (name, value) in also ?? []) body[name] = value?.DeepClone();
        using var response = await host.Client.PostAsJsonAsync("/api/v1/replays", body);
        var text = await response.Content.ReadAsStringAsync();
        ((int)response.StatusCode).Should().Be(202, text);
        response.Headers.Location!.ToString().Should().StartWith("/api/v1/replays/replay-");
        return (string)JsonNode.Parse(text)!["id"]!;
    }

    public static Task<JsonObject> WaitForReplayAsync(this NotifyHost host, string id, string status = "Completed") =>
        Eventually.GetAsync(() => host.GetAsync($"replays/{id}"), x => (string)x["status"]! == status, TimeSpan.FromSeconds(120));

    public static Task<string> ReportAsync(this NotifyHost host, string id, string query = "format=json") =>
        host.Client.GetStringAsync(new Uri($"/api/v1/replays/{id}/report?{query}", UriKind.Relative));

    public static async Task ChangeAsync(this NotifyHost host, string path, Action<JsonObject> change, string reason = "test")
    {
        var resource = await host.GetAsync(path);
        change(resource);
        using var request = new HttpRequestMessage(
            HttpMethod.Put, new Uri($"/api/v1/{path}", UriKind.Relative))
        { Content = JsonContent.Create(resource) };
        request.Headers.Add("If-Match", $"\"{resource["version"]}\"");
        request.Headers.Add("X-Change-Reason", reason);
        (await host.Client.SendAsync(request)).EnsureSuccessStatusCode();
    }
}
