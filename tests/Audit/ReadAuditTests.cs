using System.Text.Json.Nodes;
using Notify.Testing;

namespace Notify.Audit.Tests;

public sealed class ReadAuditTests : IAsyncLifetime
{
    private NotifyHost host = null!;

    public async Task InitializeAsync() => host = await NotifyHost.StartAsync();

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public async Task a_change_of_configuration_is_listed_with_author_reason_and_difference()
    {
        var message = await host.PostAsync("messages", new { type = "wecom", name = "Text", content = "before" });
        var id = message["id"]!.GetValue<string>();
        using var change = new HttpRequestMessage(HttpMethod.Put, new Uri($"/api/v1/messages/{id}", UriKind.Relative))
        {
            Content = System.Net.Http.Json.JsonContent.Create(new { type = "wecom", name = "Text", content = "after" }),
            Headers = { { "If-Match", "\"1\"" }, { "X-Change-Reason", "shorter" }, { "X-Correlation-Id", "change-4711" } },
        };
        (await host.Client.SendAsync(change)).EnsureSuccessStatusCode();

        var entry = (await host.GetAsync($"audit?resource={id}&type=rules.message_changed.v1"))["items"]!.AsArray().Should().ContainSingle().Subject!;
        entry["module"]!.GetValue<string>().Should().Be("rules");
        entry["resource"]!["name"]!.GetValue<string>().Should().Be("Text");
        entry["actor"]!["name"]!.GetValue<string>().Should().Be("bootstrap");
        entry["reason"]!.GetValue<string>().Should().Be("shorter");
        entry["correlationId"]!.GetValue<string>().Should().Be("change-4711");
        entry["sourceIp"]!.GetValue<string>().Should().Be("127.0.0.1");
        entry["changes"]!.AsArray().Select(x => x!.ToJsonString()).Should().Equal("""{"path":"settings.content","from":"before","to":"after"}""");
    }

    [Fact]
    public async Task pages_follow_each_other_in_event_order_without_gap_or_repeat()
    {
        for (var i = 0; i < 7; i++) await host.PostAsync("messages", new { type = "wecom", name = $"Text {i}", content = "x" });
        var (sequences, cursor) = (new List<long>(), "");
        do
        {
            var page = await host.GetAsync($"audit?type=rules.message_created.v1&limit=3{cursor}");
            sequences.AddRange(page["items"]!.AsArray().Select(x => x!["sequence"]!.GetValue<long>()));
            cursor = page["nextCursor"] is { } next ? $"&cursor={next}" : "";
        }
        while (cursor.Length > 0);
        sequences.Should().HaveCount(7).And.BeInAscendingOrder().And.OnlyHaveUniqueItems();
    }

    [Theory]
    [InlineData("module=services", "services.service_created.v1")]
    [InlineData("text=Plant%20WeCom", "services.service_created.v1")]
    [InlineData("resource=service", "services.service_created.v1")]
    [InlineData("actor=bootstrap&module=services", "services.service_created.v1")]
    public async Task filters_find_what_they_name(string filter, string type)
    {
        await Example.MakeAsync(host);
        Types(await host.GetAsync($"audit?{filter}")).Should().Contain(type);
        Types(await host.GetAsync($"audit?{filter}&to=2020-01-01T00:00:00Z")).Should().BeEmpty();
    }

    private static IEnumerable<string> Types(JsonObject page) => page["items"]!.AsArray().Select(x => x!["type"]!.GetValue<string>());
}
