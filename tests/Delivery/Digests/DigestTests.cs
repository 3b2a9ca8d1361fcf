using Notify.Testing;

namespace Notify.Delivery.Tests.Notifications;

public sealed class DigestTests : IAsyncLifetime
{
    private NotifyHost host = null!;

    public async Task InitializeAsync() => host = await NotifyHost.StartAsync();

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public async Task what_a_closed_schedule_held_back_is_listed_in_one_message_when_it_opens()
    {
        var example = await Example.MakeAsync(host, [new { kind = "bot", alias = "Line 2" }]);
        // Closed for years: it opens when somebody changes it, as at the end of a holiday that was entered too long.
        var schedule = await host.PostAsync("schedules", new
        {
            kind = "standard",
            name = "Later",
            timeZone = "Asia/Shanghai",
            start = "2029-01-01",
            end = (string?)null,
            weekly = new { monday = new[] { new { from = "00:00:00", to = "23:59:59" } } },
        });
        await host.PostAsync("rules", new
        {
            name = "Digested",
            criteria = new { states = new[] { "ActiveUnacked", "ClearedUnacked" } },
            actions = new[]
            {
                new
                {
                    type = "wecom", serviceId = example.ServiceId, messageId = example.MessageId, scheduleId = (string)schedule["id"]!, digest = true,
                    receivers = new[] { new { kind = "bot", alias = "Line 1" } },
                },
            },
        });
        await host.PostAsync("alarms", new { alarms = Enumerable.Range(0, 3).Select(i => new { name = "Night", path = $"Site1/P{i}" }) });
        await host.PostAsync("alarms", new { alarms = new[] { new { name = "Night", path = "Site1/P0", state = "ClearedUnacked" } } });
        var held = (await Eventually.GetAsync(
            () => host.GetAsync("notifications?receiver=Line 1"), x => x["items"]!.AsArray().Count == 4))["items"]!.AsArray();
        held.Should().OnlyContain(x => (string)x!["status"]! == "Suppressed" && (string)x["reason"]! == "schedule" && x["digestAt"] != null);

        schedule["start"] = "2026-01-01";
        schedule["weekly"] = System.Text.Json.Nodes.JsonNode.Parse(
            $$"""{ {{string.Join(',', "monday tuesday wednesday thursday friday saturday sunday".Split(' ').Select(x => $$"""
            "{{x}}": [ { "from": "00:00:00", "to": "23:59:59" } ]
            """))}} }""");
        (await host.PutAsync($"schedules/{schedule["id"]}", schedule["version"]!.GetValue<long>(), schedule)).Status.Should().Be(200);

        var digest = (await Eventually.GetAsync(
            () => host.GetAsync("notifications?receiver=Line 1&status=Delivered"), x => x["items"]!.AsArray().Count == 1))["items"]![0]!;
        digest["digestOf"]!.AsArray().Select(x => (string)x!).Should().BeEquivalentTo(held.Select(x => (string)x!["id"]!));
        var text = host.WeCom.Received.Single(x => x.RobotKey == Example.RobotKey).Text;
        text.Should().Contain("4 alarms").And.Contain("ClearedUnacked Night: Site1/P0 ×2").And.Contain("ActiveUnacked Night: Site1/P1, P2");
        foreach (var x in held)
        {
            var one = await host.GetAsync($"notifications/{x!["id"]}");
            ((string)one["status"]!, (string)one["digestedIn"]!).Should().Be(("Suppressed", (string)digest["id"]!));
        }
    }
}
