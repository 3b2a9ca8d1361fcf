using System.Text.Json.Nodes;
using Notify.Testing;

namespace Notify.Audit.Tests.Replays;

public sealed class RedeliverTests : IAsyncLifetime
{
    private NotifyHost host = null!;

    public async Task InitializeAsync()
    {
        host = await NotifyHost.StartAsync();
        await Example.MakeAsync(host, [new { kind = "bot", alias = "Line 1" }, new { kind = "account", account = "zhangsan" }]);
    }

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public async Task what_was_sent_is_sent_again_once_marked_and_linked_and_what_was_not_is_not()
    {
        var first = await host.RaiseAsync("First");
        await host.WaitForNotificationsAsync(2);
        await host.PostAsync($"alarms/{first}/shelve", new { minutes = 5, reason = "maintenance" });
        var before = await host.WaitForNotificationsAsync(4);
        var id = await host.ReplayAsync("redeliver", new JsonObject { ["reason"] = "the night shift missed it", ["filter"] = new JsonObject { ["alarmPath"] = "Site1/**" } });
        var result = (await host.WaitForReplayAsync(id))["result"]!;

        result["sent"]!.GetValue<int>().Should().Be(2);
        result["outcomes"]!["Delivered"]!.GetValue<int>().Should().Be(2);
        var after = (await host.GetAsync("notifications?limit=100"))["items"]!.AsArray().Select(x => x!.AsObject()).ToList();
        var repeats = after.Where(x => (string?)x["replayId"] == id).ToList();
        repeats.Should().HaveCount(2);
        foreach (var repeat in repeats)
        {
            var original = before["items"]!.AsArray().Single(x => (string)x!["id"]! == (string)repeat["replayOf"]!)!;
            var at = original["requestedAt"]!.GetValue<DateTimeOffset>();
            ((string)repeat["body"]!).Should().Be($"【重发 Repeat】{at.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC\n{(string)original["body"]!}");
            ((string)repeat["correlationId"]!).Should().Be((string)original["correlationId"]!);
        }

        host.WeCom.Received.Count(x => x.Body.Contains("重发 Repeat", StringComparison.Ordinal)).Should().Be(2);
        var requested = (await host.GetAsync($"audit?resource={repeats[0]["id"]}"))["items"]![0]!;
        requested["actor"]!["name"]!.GetValue<string>().Should().Be("bootstrap");
        requested["reason"]!.GetValue<string>().Should().Be("the night shift missed it");
        requested["causationId"]!.GetValue<string>().Should().Be(id);

        // A repeat is not repeated: the same period again takes up the originals only.
        var again = await host.ReplayAsync("redeliver", new JsonObject { ["reason"] = "once more" });
        (await host.WaitForReplayAsync(again))["result"]!["sent"]!.GetValue<int>().Should().Be(2);
    }

    [Fact]
    public async Task another_service_takes_over_what_it_can_reach_and_the_rest_is_left_out_with_its_reason()
    {
        await host.RaiseAsync("First");
        await host.WaitForNotificationsAsync(2);
        var other = await host.PostAsync("services", new
        {
            type = "wecom",
            name = "Spare",
            wecom = new { sendTo = new[] { "bot" }, bots = new[] { new { alias = "line 1", webhookUrl = host.WeCom.RobotUrl("cccccccc-0000-0000-0000-00000000000c") } } },
        });
        var id = await host.ReplayAsync("redeliver", new JsonObject { ["reason"] = "the robot was gone", ["serviceId"] = (string)other["id"]! });

        var result = (await host.WaitForReplayAsync(id))["result"]!;
        (result["sent"]!.GetValue<int>(), result["leftOut"]!.GetValue<int>()).Should().Be((1, 1));
        var report = JsonNode.Parse(await host.ReportAsync(id))!["notifications"]!.AsArray();
        report.Select(x => (string?)x!["leftOut"]).OfType<string>().Should().Equal("The service does not have these receivers.");
        var repeat = await host.GetAsync($"notifications/{report.Select(x => (string?)x!["notificationId"]).OfType<string>().Single()}");
        repeat["serviceName"]!.GetValue<string>().Should().Be("Spare");
    }
}
