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

        (await host.PutAsync($"messages/{example.MessageId}", 1,
            new { type = "wecom", name = "Alarm text", format = "text", content = "{name}" })).Status.Should().Be(200);
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
    public async Task an_import_is_one_instant_before_it_nothing_of_it_was_there_and_from_then_on_all()
    {
        await Example.MakeAsync(host);
        var document = await host.GetAsync("configuration/export?format=json");
        foreach (var kind in (string[])["messages", "schedules", "rules"])
        {
            foreach (var item in document[kind]!.AsArray().ToList())
            {
                var copy = item!.DeepClone();
                copy["name"] = $"Imported {(string)item["name"]!}";
                foreach (var action in copy["actions"]?.AsArray() ?? [])
                    foreach (var used in (string[])["message", "schedule"]) action![used] = $"Imported {(string)action[used]!}";
                if (kind == "rules") copy["status"] = "disabled";
                document[kind]!.AsArray().Add(copy);
            }
        }

        var answer = await host.SendAsync("POST", "configuration/import", document, "X-Correlation-Id", "the-import");
        answer.Status.Should().Be(200, answer.Text);
        var entries = await Eventually.GetAsync(() => host.Client.GetAllFromAsync("audit?correlationId=the-import"),
            x => x.Any(e => Text(e, "type") == "kernel.configuration_imported.v1"));
        entries.Should().HaveCountGreaterThan(4).And.OnlyContain(x => Text(x, "at") == Text(entries[0], "at"));
        var at = DateTimeOffset.Parse(Text(entries[0], "at"), System.Globalization.CultureInfo.InvariantCulture);

        (await NamesAsync(at.AddMicroseconds(-1))).Should().NotContain(x => x.StartsWith("Imported", StringComparison.Ordinal));
        (await NamesAsync(at)).Where(x => x.StartsWith("Imported", StringComparison.Ordinal)).Should()
            .BeEquivalentTo("Imported Alarm text", "Imported Default", "Imported Everything");
        var rule = Named(await host.GetAsync("state"), "rules", "Imported Everything");
        Text(rule, "status").Should().Be("disabled");
        (await host.SendAsync("GET", $"rules/{Text(rule, "id")}?asOf={Uri.EscapeDataString(at.AddMicroseconds(-1).ToString("O"))}")).Status.Should()
            .Be(404);
        Text(await host.GetAsync($"rules/{Text(rule, "id")}?asOf={Uri.EscapeDataString(at.ToString("O"))}"), "status").Should().Be("disabled");
        (await host.PostAsync("audit/verify", new { }))["valid"]!.GetValue<bool>().Should().BeTrue("the tables say the same instant");

        async Task<List<string>> NamesAsync(DateTimeOffset instant)
        {
            var state = await host.GetAsync($"state?asOf={Uri.EscapeDataString(instant.ToString("O"))}");
            return [.. ((string[])["messages", "schedules", "rules"]).SelectMany(x => state[x]!.AsArray()).Select(x => Text(x!, "name"))];
        }
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
