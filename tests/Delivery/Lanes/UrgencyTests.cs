using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Notify.Contracts.Alarms;
using Notify.Contracts.Rules;
using Notify.Testing;
using Npgsql;
using Wolverine;
using Wolverine.Runtime;

namespace Notify.Delivery.Tests.Lanes;

/// <summary>What waits of an alarm is as urgent as what follows on it on the same lane; and the events say so, too.</summary>
public sealed class UrgencyTests : IAsyncLifetime
{
    private NotifyHost host = null!;
    private string service = null!;

    public async Task InitializeAsync()
    {
        host = await NotifyHost.StartAsync(
            ["Notify:WeCom:BotLimitPerMinute=0", "Notify:WeCom:ProbeInterval=1.00:00:00"], weCom => weCom.RobotLimit = 0);
        service = await MakeServiceAsync("Plant", Example.RobotKey);
        host.WeCom.AddRobot(Example.RobotKey, "Line 1");
        host.WeCom.RemoveRobot(Example.RobotKey);
        await DecideAsync(service, ("first", 1, AlarmLevel.High));
        await BlockedAsync(1);
    }

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public async Task it_is_made_again_from_the_events()
    {
        await DecideAsync(service, ("worse", 1, AlarmLevel.Low), ("other", 1, AlarmLevel.Low), ("better", 1, AlarmLevel.High));
        await DecideAsync(service, ("worse", 3, AlarmLevel.Critical), ("better", 2, AlarmLevel.Medium), ("calmed", 1, AlarmLevel.Low));
        await DecideAsync(service, ("calmed", 2, AlarmLevel.Critical));
        await host.PostAsync("notifications/cancel", new { ids = new[] { "notification-calmed2" }, reason = "a test" });
        // Decided on another node, and late; to the same robot by another service.
        await DecideAsync(await MakeServiceAsync("Twin", Example.RobotKey), ("worse", 2, AlarmLevel.Medium));
        var before = await UrgenciesAsync();
        before.Should().BeEquivalentTo(new Dictionary<string, int>
        {
            ["first1"] = 1,
            ["worse1"] = 0,
            ["worse2"] = 0,
            ["worse3"] = 0,
            ["other1"] = 3,
            ["better1"] = 1,
            ["better2"] = 2,
            ["calmed1"] = 0,
        });

        (await RebuildAsync()).Should().Be(0, "of what is right nothing is written");
        await host.ExecuteAsync(
            """
            update notify.notification set priority = 3 where id in ('notification-worse1', 'notification-worse3');
            update notify.notification set priority = 0 where id in ('notification-other1', 'notification-better2');
            update notify.notification set priority = -5 where id = 'notification-first1';
            delete from notify.notification where id in ('notification-calmed1', 'notification-better1');
            """);
        await RebuildAsync();

        (await UrgenciesAsync()).Should().BeEquivalentTo(before);
        (await RebuildAsync()).Should().Be(0);
    }

    [Fact]
    public async Task it_follows_what_comes_to_its_lane_when_the_configuration_changes()
    {
        const string OtherKey = "dddddddd-0000-0000-0000-00000000000d";
        var other = await MakeServiceAsync("Plant 2", OtherKey);
        host.WeCom.AddRobot(OtherKey, "Line 1");
        host.WeCom.RemoveRobot(OtherKey);
        await DecideAsync(other, ("second", 1, AlarmLevel.High));
        await BlockedAsync(2);
        await DecideAsync(service, ("moved", 1, AlarmLevel.Low));
        await DecideAsync(other, ("moved", 2, AlarmLevel.Critical));
        (await UrgenciesAsync())["moved1"].Should().Be(3, "nothing follows on it on its lane");

        var now = await host.GetAsync($"services/{other}");
        now["wecom"]!["bots"]![0]!["webhookUrl"] = host.WeCom.RobotUrl(Example.RobotKey);
        await host.PutAsync($"services/{other}", (long)now["version"]!, now);

        await Eventually.GetAsync(UrgenciesAsync, x => x["moved1"] == 0);
        (await RebuildAsync()).Should().Be(0, "the events say the same");
    }

    [Fact]
    public async Task it_follows_what_is_sent_again()
    {
        await DecideAsync(service, ("again", 1, AlarmLevel.Low));
        await host.RefuseAsync("delivery.notification_requested.v1", "new.data #>> '{content,text}' like '% Critical %'");
        await DecideAsync(service, ("again", 2, AlarmLevel.Critical));
        await host.AcceptAgainAsync();
        (await UrgenciesAsync())["again1"].Should().Be(3, "what failed does not wait");

        // What cannot be recorded with its text is recorded without it; here it gets one, or there would be nothing to send.
        await host.ExecuteAsync(
            """
            update notify.mt_events set data = jsonb_set(data, array['content', 'text'], '"Again"')
            where stream_id = 'notification-again2' and version = 1
            """);
        var outcome = (await host.PostAsync("notifications/resend", new { ids = new[] { "notification-again2" } }))["items"]![0]!;
        ((string)outcome["outcome"]!).Should().Be("resent");

        (await UrgenciesAsync())["again1"].Should().Be(0);
        (await RebuildAsync()).Should().Be(0, "the events say the same");
    }

    /// <summary>Of what waits: 0 for Critical to 3 for Low.</summary>
    private async Task<Dictionary<string, int>> UrgenciesAsync()
    {
        await using var command = host.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand(
            "select alarm_id || alarm_version, priority from notify.notification where due_at is not null and alarm_id not like 'alarm-%' order by 1");
        await using var reader = await command.ExecuteReaderAsync();
        var found = new Dictionary<string, int>(StringComparer.Ordinal);
        while (await reader.ReadAsync()) found[reader.GetString(0)] = reader.GetInt16(1);
        return found;
    }

    private async Task<long> RebuildAsync()
    {
        (await host.SendAsync("POST", "operation/rebuild", new { models = new[] { "notifications" } })).Status.Should().Be(202);
        var ended = await Eventually.GetAsync(() => host.GetAsync("operation/rebuild"), x => !(bool)x["running"]!);
        ((string?)ended["failure"]).Should().BeNull();
        return (long)ended["models"]![0]!["written"]!;
    }

    private async Task<string> MakeServiceAsync(string name, string robotKey) => (string)(await host.PostAsync("services", new
    {
        type = "wecom",
        name,
        wecom = new { bots = new[] { new { alias = "Line 1", webhookUrl = host.WeCom.RobotUrl(robotKey) } } },
    }))["id"]!;

    private Task<JsonObject> BlockedAsync(int lanes) => Eventually.GetAsync(
        () => host.GetAsync("lanes"), x => x["items"]!.AsArray().Count(lane => lane!["blocked"] is not null) == lanes);

    /// <summary>All in one batch.</summary>
    private async Task DecideAsync(string serviceId, params (string Alarm, long Version, AlarmLevel Level)[] changes)
    {
        var any = new VersionedRef("x", 1, "x");
        await new MessageBus(host.Services.GetRequiredService<IWolverineRuntime>()).InvokeAsync(new NotificationsDecided(
            $"batch-{Guid.NewGuid():N}", [.. changes.Select(x => new DecidedNotification(
                $"notification-{x.Alarm}{x.Version}", x.Alarm, x.Alarm, "Site1", x.Level, AlarmState.ActiveUnacked, TimeProvider.System.GetUtcNow(),
                Guid.NewGuid(), x.Alarm, any, new VersionedRef(serviceId, 1, "Plant"), any, any, "wecom", [new Receiver("bot", Alias: "Line 1")],
                new RenderedMessage("text", $"now {x.Level} {x.Version}", Mentions.None), null, x.Version))]));
    }
}
