using System.Text.Json.Nodes;
using Notify.Kernel;
using Notify.Kernel.Resources;
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

    /// <summary>A difference is what two states differ in, whether it was read from a few events or from all; and the index is not needed.</summary>
    [Fact]
    public async Task names_are_those_of_the_instant_and_a_difference_is_that_of_the_two_states()
    {
        var example = await Example.MakeAsync(host);
        var instants = new List<DateTimeOffset> { TimeProvider.System.GetUtcNow() };
        var role = await host.PostAsync("roles", new { name = "night watch", permissions = new[] { "alarms.read" } });
        object zhang = new { userName = "zhang.san", name = "张三", roles = new[] { "operator", "night watch" }, signIn = "password" };
        var user = await host.PostAsync("users", zhang);
        await host.PostAsync("groups", new { name = "Night", members = new[] { user["id"] }, roles = new[] { "night watch" } });
        await host.PostAsync("api-keys", new { name = "Line 1", roles = new[] { "night watch" } });
        var doomed = await host.PostAsync("messages", new { type = "wecom", name = "Doomed", content = "x" });
        instants.Add(TimeProvider.System.GetUtcNow());
        await ChangeAsync($"rules/{example.RuleId}", 1, x => x["actions"]![0]!["receivers"]!.AsArray().RemoveAt(0));
        instants.Add(TimeProvider.System.GetUtcNow());
        await ChangeAsync($"messages/{example.MessageId}", 1, x => x["name"] = "Alarm words");
        await ChangeAsync($"roles/{Text(role, "id")}", 1, x => x["name"] = "day watch");
        instants.Add(TimeProvider.System.GetUtcNow());
        (await host.SendAsync("DELETE", $"messages/{Text(doomed, "id")}", null, "If-Match", "\"1\"")).Status.Should().Be(204);
        instants.Add(TimeProvider.System.GetUtcNow());
        await host.ExecuteAsync("delete from notify.audit_term");

        var states = new List<JsonObject>();
        foreach (var instant in instants) states.Add(await host.GetAsync($"state?asOf={Uri.EscapeDataString(instant.ToString("O"))}"));
        foreach (var (state, name) in new[] { (states[2], "night watch"), (states[3], "day watch") })
        {
            state["users"]![0]!["roles"]!.AsArray().Select(x => (string?)x).Should().Equal("operator", name);
            foreach (var (kind, who) in new[] { ("groups", "Night"), ("api-keys", "Line 1") })
                Named(state, kind, who)["roles"]!.AsArray().Select(x => (string?)x).Should().Equal(name);
        }

        Named(states[2], "rules", "Everything")["actions"]![0]!["message"]!.GetValue<string>().Should().Be("Alarm text");
        Named(states[3], "rules", "Everything")["actions"]![0]!["message"]!.GetValue<string>().Should().Be("Alarm words");
        foreach (var (i, from) in instants.Index())
        {
            foreach (var (j, to) in instants.Index())
            {
                var answer = await host.GetAsync(
                    $"state/diff?from={Uri.EscapeDataString(from.ToString("O"))}&to={Uri.EscapeDataString(to.ToString("O"))}");
                answer["differences"]!.AsArray().Select(x => $"{x!["id"]} {x["changes"]!.ToJsonString()}").Should()
                    .BeEquivalentTo(Differences(states[i], states[j]), "from {0} to {1}", i, j);
                answer["counts"]!.AsArray().Select(x => ((long)x!["then"]!, (long)x["now"]!)).Should()
                    .Equal(Lists(states[i]).Zip(Lists(states[j]), (a, b) => ((long)a.Count, (long)b.Count)), "from {0} to {1}", i, j);
            }
        }

        async Task ChangeAsync(string path, int version, Action<JsonObject> change)
        {
            var resource = await host.GetAsync(path);
            change(resource);
            (await host.PutAsync(path, version, resource)).Status.Should().Be(200);
        }
    }

    [Fact]
    public async Task whoever_may_not_read_people_sees_none_of_them_in_a_state()
    {
        var example = await Example.MakeAsync(host);
        var start = TimeProvider.System.GetUtcNow();
        var user = await host.PostAsync(
            "users", new { userName = "zhang.san", name = "张三", email = "zhang@example.org", roles = new[] { "operator" }, signIn = "password" });
        (await host.SendAsync("POST", $"rules/{example.RuleId}/disable", null, "If-Match", "\"1\"")).Status.Should().Be(200);
        using var engineer = await host.ClientOfRoleAsync("engineer");
        (await engineer.GetAsync(new Uri("/api/v1/users", UriKind.Relative))).StatusCode.Should().Be(System.Net.HttpStatusCode.Forbidden);

        var state = await engineer.GetFromAsync("state");
        state["rules"]!.AsArray().Should().ContainSingle();
        state.Select(x => x.Key).Should().NotContain(["users", "groups", "roles", "api-keys"]);
        var difference = await engineer.GetFromAsync($"state/diff?from={Uri.EscapeDataString(start.ToString("O"))}");
        difference["differences"]!.AsArray().Select(x => Text(x!, "kind")).Should().Equal("rule");
        difference["counts"]!.AsArray().Select(x => Text(x!, "kind")).Should().Contain("rule").And.NotContain(["user", "group", "role", "apikey"]);
        foreach (var answer in (JsonObject[])[state, difference]) answer.ToJsonString().Should().NotContain("zhang@example.org").And.NotContain(Text(user, "id"));
        (await host.GetAsync("state")).ToJsonString().Should().Contain("zhang@example.org");
    }

    private static IEnumerable<JsonArray> Lists(JsonObject state) => state.Select(x => x.Value).OfType<JsonArray>();

    /// <summary>What differs between two states as answered, by id.</summary>
    private static List<string> Differences(JsonObject from, JsonObject to)
    {
        var (before, after) = (ById(from), ById(to));
        return [.. before.Keys.Union(after.Keys).Select(x => (Id: x, Changes: FieldChange.Between(Facts(before, x), Facts(after, x))))
            .Where(x => x.Changes.Count > 0)
            .Select(x => $"{x.Id} {System.Text.Json.JsonSerializer.SerializeToNode(x.Changes, NotifyJson.Options)!.ToJsonString()}")];

        static Dictionary<string, JsonObject> ById(JsonObject state) =>
            Lists(state).SelectMany(x => x).Cast<JsonObject>().ToDictionary(x => Text(x, "id"), StringComparer.Ordinal);

        static JsonObject Facts(Dictionary<string, JsonObject> resources, string id)
        {
            var facts = resources.GetValueOrDefault(id)?.DeepClone().AsObject() ?? [];
            foreach (var field in (string[])["id", "version", "createdAt", "createdBy", "updatedAt", "updatedBy"]) facts.Remove(field);
            return facts;
        }
    }

    private static JsonNode Named(JsonObject state, string kind, string name) => state[kind]!.AsArray().Single(x => Text(x!, "name") == name)!;

    private static string Text(JsonNode node, string field) => node[field]!.GetValue<string>();
}
