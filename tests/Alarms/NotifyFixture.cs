using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Notify.Testing;

namespace Notify.Alarms.Tests;

/// <summary>One host for the tests of a class. Each test uses alarms of its own; the rule tells one robot everything.</summary>
public sealed class NotifyFixture : IAsyncLifetime
{
    public NotifyHost Host { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Host = await NotifyHost.StartAsync(["Notify:WeCom:BotLimitPerMinute=0"], weCom => weCom.RobotLimit = 0);
        await Example.MakeAsync(Host, [new { kind = "bot", alias = "Line 1" }]);
    }

    public async Task DisposeAsync() => await Host.DisposeAsync();

    /// <summary>A name that no other test uses.</summary>
    public static string NewName() => $"Pressure {Guid.NewGuid():N}";

    public async Task<string> RaiseAsync(string name, object? more = null)
    {
        var alarm = System.Text.Json.JsonSerializer.SerializeToNode(more ?? new { })!.AsObject();
        alarm["name"] = name;
        var answer = await Host.PostAsync("alarms", new JsonObject { ["alarms"] = new JsonArray(alarm) });
        return answer["accepted"]![0]!["alarmId"]!.GetValue<string>();
    }

    public Task<HttpResponseMessage> SendAsync(string path, object? body) =>
        Host.Client.PostAsync(new Uri(path, UriKind.Relative), body is null ? null : JsonContent.Create(body));

    /// <summary>The texts that arrived about an alarm, as soon as there are so many.</summary>
    public async Task<IReadOnlyList<string>> ArrivedAsync(string name, int count) =>
        [.. (await Host.WeCom.WaitForAsync(x => x.Text.Contains(name, StringComparison.Ordinal), count: count)).Select(x => x.Text)];

    /// <summary>The events on record about an alarm, in order.</summary>
    public async Task<IReadOnlyList<string>> RecordedAsync(string alarmId) =>
        [.. (await Host.GetAsync($"audit?resource={alarmId}"))["items"]!.AsArray().Select(x => (string)x!["type"]!)];

    public static async Task<JsonObject> JsonAsync(HttpResponseMessage response) =>
        JsonNode.Parse(await response.Content.ReadAsStringAsync())!.AsObject();
}
