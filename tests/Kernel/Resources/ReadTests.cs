using System.Globalization;
using System.Text.Json.Nodes;
using Notify.Testing;

namespace Notify.Kernel.Tests.Resources;

public sealed class ReadTests(HostFixture fixture) : IClassFixture<HostFixture>
{
    private readonly NotifyHost host = fixture.Host;

    [Fact]
    public async Task a_rule_a_schedule_and_a_service_read_at_ten_past_instants_equal_what_they_were()
    {
        var example = await Example.MakeAsync(host);
        foreach (var path in new[] { $"rules/{example.RuleId}", $"schedules/{example.ScheduleId}", $"services/{example.ServiceId}" })
        {
            var seen = new List<(string At, string Text)> { await NowAsync(path) };
            // The example's rule uses it.
            var disable = path.StartsWith("services/", StringComparison.Ordinal) ? "/disable?confirm=1" : "/disable";
            for (var i = 1; i < 10; i++)
            {
                var body = JsonNode.Parse(seen[^1].Text)!.AsObject();
                var (verb, version) = (
                    i % 4 == 3 ? body["status"]!.GetValue<string>() == "enabled" ? disable : "/enable" : "", body["version"]!.GetValue<long>());
                body["description"] = $"change {i}";
                var answer = verb.Length == 0
                    ? await host.PutAsync(path, version, body) : await host.SendAsync("POST", path + verb, null, "If-Match", $"\"{version}\"");
                answer.Status.Should().Be(200, answer.Text);
                seen.Add(await NowAsync(path));
            }

            foreach (var ((at, text), i) in seen.Select((x, i) => (x, i)))
            {
                (await host.SendAsync("GET", $"{path}?asOf={Uri.EscapeDataString(at)}")).Text.Should().Be(text);
                (await host.SendAsync("GET", $"{path}?version={i + 1}")).Text.Should().Be(text);
            }
        }
    }

    /// <summary>A resource as it is, and the moment of its last change: from then on it was so.</summary>
    private async Task<(string At, string Text)> NowAsync(string path)
    {
        var answer = await host.SendAsync("GET", path);
        return (answer.Body["updatedAt"]!.GetValue<string>(), answer.Text);
    }

    [Fact]
    public async Task before_its_creation_a_resource_did_not_exist()
    {
        var created = await host.SendAsync("POST", "messages", HostFixture.Message());
        var before = DateTimeOffset.Parse(created.Body["createdAt"]!.GetValue<string>(), CultureInfo.InvariantCulture).AddMilliseconds(-1);
        (await host.SendAsync("GET", $"messages/{created.Id}?asOf={before.UtcDateTime:O}")).Status.Should().Be(404);
        (await host.SendAsync("GET", $"messages/{created.Id}?version=2")).Status.Should().Be(404);
    }

    [Theory]
    [InlineData("?asOf=yesterday")]
    [InlineData("?asOf=2026-01-01T00:00:00")]
    [InlineData("?version=0")]
    [InlineData("?version=-1")]
    [InlineData("?version=1.5")]
    [InlineData("?version=1&asOf=2026-01-01T00:00:00Z")]
    public async Task malformed_moments_are_refused(string query) =>
        (await host.SendAsync("GET", $"schedules/{(await host.GetAsync("schedules"))["items"]![0]!["id"]}{query}")).Status.Should().Be(400);

    [Fact]
    public async Task history_shows_each_change_field_by_field_page_by_page()
    {
        var created = await host.SendAsync("POST", "messages", HostFixture.Message(content: "v1"));
        for (var i = 1; i <= 6; i++)
            (await host.PutAsync(
                $"messages/{created.Id}", i, HostFixture.Message(created.Body["name"]!.GetValue<string>(), $"v{i + 1}"))).Status.Should().Be(200);

        var (versions, cursor) = (new List<long>(), "");
        do
        {
            var page = await host.GetAsync($"messages/{created.Id}/history?limit=3{cursor}");
            foreach (var item in page["items"]!.AsArray())
            {
                var version = item!["version"]!.GetValue<long>();
                versions.Add(version);
                if (version == 1) continue;
                var change = item["changes"]!.AsArray().Should().ContainSingle().Which!;
                (change["path"]!.GetValue<string>(), change["from"]!.GetValue<string>(), change["to"]!.GetValue<string>()).Should()
                    .Be(("content", $"v{version - 1}", $"v{version}"));
            }

            cursor = (string?)page["nextCursor"] is { } next ? $"&cursor={next}" : "";
        }
        while (cursor.Length > 0);
        versions.Should().Equal(7, 6, 5, 4, 3, 2, 1);
    }

    [Fact]
    public async Task lists_are_searched_sorted_and_paged()
    {
        var mark = Guid.NewGuid().ToString("N")[..8];
        string[] names = ["b", "C", "a", "D", "e%_\\"];
        foreach (var name in names) (await host.SendAsync(
            "POST", "messages", HostFixture.Message($"{mark} {name}", description: $"of {name} {mark}"))).Status.Should().Be(201);

        async Task<string[]> NamesAsync(string query) =>
            [.. (await host.GetAsync($"messages?{query}"))["items"]!.AsArray().Select(x => x!["name"]!.GetValue<string>()[9..])];

        (await NamesAsync($"search={mark}")).Should().Equal(names.Reverse());
        (await NamesAsync($"search={mark}&sort=createdAt")).Should().Equal(names);
        (await NamesAsync($"search={mark}&sort=name")).Should().Equal("a", "b", "C", "D", "e%_\\");
        (await NamesAsync($"search={mark}&sort=-name&page=2&pageSize=2")).Should().Equal("C", "b");
        (await NamesAsync($"search={mark.ToUpperInvariant()}%20c")).Should().Equal("C");
        (await NamesAsync($"search=OF%20c%20{mark}")).Should().Equal("C");
        (await NamesAsync($"search={Uri.EscapeDataString("%_\\")}")).Should().Equal("e%_\\");
        var page = await host.GetAsync($"messages?search={mark}&page=9&pageSize=2");
        (page["total"]!.GetValue<int>(), page["page"]!.GetValue<int>(), page["items"]!.AsArray().Count).Should().Be((5, 9, 0));
    }

    [Fact]
    public async Task the_newest_come_first_also_before_what_was_there_from_the_start()
    {
        var weekly = new { monday = new[] { new { from = "00:00:00", to = "23:59:59" } } };
        (await host.SendAsync("POST", "schedules", new { name = "Later", timeZone = "Etc/UTC", weekly })).Status.Should().Be(201);
        (await host.SendAsync("POST", "schedules",
            new { name = "A holiday", kind = "holiday", timeZone = "Etc/UTC", from = "2026-01-01", to = "2026-01-01" })).Status.Should().Be(201);

        async Task<IEnumerable<string>> NamesAsync(string query) =>
            (await host.GetAsync($"schedules{query}"))["items"]!.AsArray().Select(x => x!["name"]!.GetValue<string>());

        (await NamesAsync("")).Should().Equal("A holiday", "Later", "Default");
        (await NamesAsync("?sort=type")).First().Should().Be("A holiday");
        (await host.SendAsync("GET", "rules?sort=type")).Status.Should().Be(400);
    }

    [Theory]
    [InlineData("page=0")]
    [InlineData("page=x")]
    [InlineData("page=1&page=2")]
    [InlineData("pageSize=201")]
    [InlineData("pageSize=0")]
    [InlineData("sort=secret")]
    [InlineData("status=on")]
    [InlineData("search=%00")]
    public async Task malformed_list_parameters_are_refused(string query) =>
        (await host.SendAsync("GET", $"messages?{query}")).Status.Should().Be(400);

    [Theory]
    [InlineData("cursor=nonsense!")]
    [InlineData("limit=1001")]
    [InlineData("limit=0")]
    public async Task malformed_history_parameters_are_refused(string query)
    {
        var created = await host.SendAsync("POST", "messages", HostFixture.Message());
        (await host.SendAsync("GET", $"messages/{created.Id}/history?{query}")).Status.Should().Be(400);
        (await host.SendAsync("GET", $"rules/{created.Id}/history")).Status.Should().Be(404);
    }
}
