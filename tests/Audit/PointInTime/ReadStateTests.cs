using System.Text.Json.Nodes;
using Notify.Testing;

namespace Notify.Audit.Tests.PointInTime;

public sealed class ReadStateTests : IAsyncLifetime
{
    private NotifyHost host = null!;

    public async Task InitializeAsync() => host = await NotifyHost.StartAsync();

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public async Task the_configuration_is_read_as_it_was_and_the_difference_between_two_instants_by_field()
    {
        var example = await Example.MakeAsync(host);
        var doomed = await host.PostAsync("messages", new { type = "wecom", name = "Doomed", content = "x" });
        var then = Text(doomed, "createdAt");

        (await host.PutAsync($"messages/{example.MessageId}", 1, new { type = "wecom", name = "Alarm text", format = "text", content = "{name}" })).Status.Should().Be(200);
        (await host.SendAsync("DELETE", $"messages/{Text(doomed, "id")}", null, "If-Match", "\"1\"")).Status.Should().Be(204);
        (await host.SendAsync("POST", $"rules/{example.RuleId}/disable", null, "If-Match", "\"1\"")).Status.Should().Be(200);

        var before = await host.GetAsync($"state?asOf={Uri.EscapeDataString(then)}");
        Named(before, "messages", "Alarm text")["content"]!.GetValue<string>().Should().Be("{level} {name} {state} {path} {value}");
        Named(before, "messages", "Doomed")["version"]!.GetValue<long>().Should().Be(1);
        Named(before, "rules", "Everything")["status"]!.GetValue<string>().Should().Be("enabled");
        Named(before, "rules", "Everything")["actions"]![0]!["service"]!.GetValue<string>().Should().Be("Plant WeCom");
        before.ToJsonString().Should().NotContain(Example.AppSecret).And.NotContain(Example.RobotKey).And.Contain("fingerprint");

        var now = await host.GetAsync("state");
        now["messages"]!.AsArray().Select(x => Text(x!, "name")).Should().Equal("Alarm text");
        now["schedules"]!.AsArray().Select(x => Text(x!, "name")).Should().Equal("Default");

        var differences = (await host.GetAsync($"state/diff?from={Uri.EscapeDataString(then)}"))["differences"]!.AsArray();
        differences.Select(x => $"{Text(x!, "kind")} {Text(x!, "name")} {Text(x!, "change")}").Should().BeEquivalentTo(
            "message Alarm text changed", "message Doomed deleted", "rule Everything changed");
        differences.Single(x => Text(x!, "kind") == "rule")!["changes"]!.ToJsonString().Should().Be("""[{"path":"status","from":"enabled","to":"disabled"}]""");
    }

    [Fact]
    public async Task before_anything_was_set_up_there_was_nothing()
    {
        await Example.MakeAsync(host);
        var state = await host.GetAsync("state?asOf=2020-01-01T00:00:00Z");
        state["rules"]!.AsArray().Should().BeEmpty();
        state["schedules"]!.AsArray().Should().BeEmpty();
    }

    private static JsonNode Named(JsonObject state, string kind, string name) => state[kind]!.AsArray().Single(x => Text(x!, "name") == name)!;

    private static string Text(JsonNode node, string field) => node[field]!.GetValue<string>();
}
