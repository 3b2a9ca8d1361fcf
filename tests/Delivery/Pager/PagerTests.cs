using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Notify.Testing;

namespace Notify.Delivery.Tests.Pager;

/// <summary>One folder and one line of registration make a channel: everything else asks it.</summary>
public sealed class PagerTests
{
    [Fact]
    public async Task a_channel_that_no_module_knows_works_from_its_service_to_the_record()
    {
        var platform = new PagerPlatform { Refuses = "Dead" };
        await using var host = await NotifyHost.StartAsync(replace: x => x.AddPager(platform));

        (await host.GetAsync("channels"))["items"]!.AsArray().Select(x => (string)x!["type"]!).Should().EndWith("pager");
        (await host.SendAsync("POST", "services",
            new JsonObject { ["type"] = "pager", ["name"] = "None", ["pager"] = new JsonObject() })).Faults.Should().Equal("pager.token");
        var service = await host.PostAsync(
            "services", new { type = "pager", name = "Pagers", pager = new { token = "a-token-of-pagers", names = new[] { "Night shift" } } });
        service.ToJsonString().Should().Contain("Night shift").And.NotContain("a-token-of-pagers");
        var preview = await host.PostAsync(
            "messages/preview", new { type = "pager", format = "plain", content = "{level} {name}", alarm = new { name = "Motor too hot" } });
        preview.ToJsonString().Should().Contain("Motor too hot");
        var message = await host.PostAsync("messages", new { type = "pager", name = "Page", format = "plain", content = "{name}" });
        var schedule = (await host.GetAsync("schedules?search=Default"))["items"]![0]!;
        await host.PostAsync("rules", new
        {
            name = "Everything",
            criteria = new { states = new[] { "ActiveUnacked" } },
            actions = new[]
            {
                new
                {
                    type = "pager", serviceId = (string)service["id"]!, messageId = (string)message["id"]!, scheduleId = (string)schedule["id"]!,
                    receivers = new[] { new { kind = "pager", alias = "Night shift" } },
                },
            },
        });

        var alarm = await RaiseAsync(host, "Motor too hot");
        await EndedAsync(host, 1);
        platform.Taken.Should().Equal(("a-token-of-pagers", "Night shift: Motor too hot"));
        (await host.GetAsync($"alarms/{alarm}/explain?receiver=Night shift")).ToJsonString().Should().Contain("Delivered");

        await RaiseAsync(host, "Dead");
        var failed = await Eventually.GetAsync(() => host.GetAsync("notifications/failed"), x => x["items"]!.AsArray().Count == 1);
        ((string)failed["items"]![0]!["attempts"]![0]!["platformCode"]!).Should().Be("battery.empty");
        failed.ToJsonString().Should().Contain("Buy a battery.");

        await host.PostAsync("alarms", new { alarms = Enumerable.Range(0, 30).Select(i => new { name = $"Storm {i}", path = "Site1" }).ToArray() });
        await EndedAsync(host, 32);
        platform.Taken.Should().HaveCountLessThan(9, "the rest went in one message").And.Contain(
            x => x.Text.Contains("Storm 29", StringComparison.Ordinal));

        var replay = await host.PostAsync(
            "replays", new { mode = "review", from = "2026-01-01T00:00:00Z", to = TimeProvider.System.GetUtcNow(), reason = "a test" });
        var done = await Eventually.GetAsync(
            () => host.GetAsync($"replays/{replay["id"]}"), x => (string)x["status"]! is not ("Running" or "Pending"));
        ((string)done["status"]!).Should().Be("Completed");
        var taken = platform.Taken.Count;
        var again = await host.PostAsync("replays", new
        {
            mode = "redeliver",
            from = "2026-01-01T00:00:00Z",
            to = TimeProvider.System.GetUtcNow(),
            reason = "the batteries were empty",
            filter = new { status = "Failed" },
        });
        platform.Refuses = null;
        await EndedAsync(host, 33);
        platform.Taken.Skip(taken).Should().ContainSingle(x => x.Text.Contains("Dead", StringComparison.Ordinal));
        (await Eventually.GetAsync(
            () => host.GetAsync($"replays/{again["id"]}"), x => (string)x["status"]! is not ("Running" or "Pending")))["status"]!.GetValue<string>()
            .Should().Be("Completed");
        (await host.Client.GetStringAsync(new Uri("/api/v1/configuration/export", UriKind.Relative))).Should()
            .Contain("type: pager").And.NotContain("a-token-of-pagers");
        var document = (await host.Client.GetFromJsonAsync<JsonObject>("/openapi/v1.json"))!;
        var schemas = document["components"]!["schemas"]!;
        ((string)schemas["ServiceInput"]!["properties"]!["pager"]!["$ref"]!).Should().Be("#/components/schemas/PagerSettings");
        schemas["PagerSettings"]!["properties"]!.AsObject().Select(x => x.Key).Should().Equal("token", "names");
    }

    private static async Task<string> RaiseAsync(NotifyHost host, string name) =>
        (string)(await host.PostAsync("alarms", new { alarms = new[] { new { name, path = "Site1" } } }))["accepted"]![0]!["alarmId"]!;

    private static Task<JsonObject> EndedAsync(NotifyHost host, int count) => Eventually.GetAsync(
        () => host.GetAsync("notifications?limit=1000"),
        x => x["items"]!.AsArray().Count == count && x["items"]!.AsArray().All(n => (string)n!["status"]! is not ("Pending" or "Scheduled")));
}
