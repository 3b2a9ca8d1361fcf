using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Notify.Contracts.Alarms;
using Notify.Contracts.Delivery;
using Notify.Contracts.Rules;
using Notify.Peers.WeCom;
using Notify.Testing;
using Wolverine;
using Wolverine.Runtime;

namespace Notify.Delivery.Tests.Lanes;

/// <summary>Most urgent first, and for one receiver and one alarm never the later before the earlier.</summary>
public sealed class OrderTests : IAsyncLifetime
{
    private static readonly object[] robot = [new { kind = "bot", alias = "Line 1" }];
    private NotifyHost host = null!;
    private Example example = null!;

    public async Task InitializeAsync()
    {
        host = await NotifyHost.StartAsync(
            ["Notify:WeCom:BotLimitPerMinute=0", "Notify:WeCom:ProbeInterval=00:00:02"], weCom => weCom.RobotLimit = 0);
        example = await Example.MakeAsync(host, robot);
    }

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public async Task an_earlier_change_that_is_decided_late_is_told_only_to_whom_the_later_one_was_not()
    {
        await DecideAsync("notification-late2", AlarmState.ClearedAcked, version: 2, "Line 1");
        await host.WeCom.WaitForAsync(x => x.Delivered);
        await DecideAsync("notification-late1", AlarmState.ActiveUnacked, version: 1, "Line 1");
        await DecideAsync("notification-late1b", AlarmState.ActiveUnacked, version: 1, "Line 2");
        await DecideAsync("notification-late3", AlarmState.ActiveUnacked, version: 3, "Line 1");

        await host.WeCom.WaitForAsync(x => x.Delivered, count: 3);
        host.WeCom.Received.Select(x => $"{x.RobotKey![0]} {x.Text}").Should()
            .BeEquivalentTo("a ClearedAcked 2", "a ActiveUnacked 3", "b 【迟到 Late】ActiveUnacked 1");
        var overtaken = await host.GetAsync("notifications/notification-late1");
        ((string)overtaken["status"]!, (string)overtaken["reason"]!).Should().Be(("Suppressed", "superseded"));

        // One notification for several.
        Receiver[] both = [new("account", Account: "zhangsan"), new("account", Account: "lisi")];
        await DecideAsync("notification-several2", AlarmState.ClearedAcked, version: 2, both[0]);
        await host.WeCom.WaitForAsync(x => x.Delivered, count: 4);
        await DecideAsync("notification-several1", AlarmState.ActiveUnacked, version: 1, both);

        await host.WeCom.WaitForAsync(x => x.Delivered, count: 5);
        host.WeCom.Received.Where(x => x.ToUser.Count > 0).Select(x => $"{string.Join(' ', x.ToUser)} {x.Text}").Should()
            .BeEquivalentTo("zhangsan ClearedAcked 2", "lisi 【迟到 Late】ActiveUnacked 1");
        overtaken = await host.GetAsync("notifications/notification-several1");
        ((string)overtaken["status"]!, (string)overtaken["reason"]!).Should().Be(("Suppressed", "superseded"));
        overtaken["receivers"]!.AsArray().Select(x => (string)x!["account"]!).Should().Equal("zhangsan");
        var described = (await new MessageBus(host.Services.GetRequiredService<IWolverineRuntime>())
            .InvokeAsync<DeliveriesDescribed>(new DescribeDeliveries(["notification-several1"]))).Deliveries.Should().ContainSingle().Subject;
        described.Others!.Receivers.Select(x => x.Receiver.Account).Should().Equal("lisi");

        // Delivered again by the inbox.
        await DecideAsync("notification-several1", AlarmState.ActiveUnacked, version: 1, both);
        (await host.GetAsync("notifications?alarmId=alarm-several"))["items"]!.AsArray().Should().HaveCount(3);
    }

    [Fact]
    public async Task what_waits_leaves_by_urgency_but_an_alarm_that_became_worse_keeps_its_order()
    {
        host.WeCom.AddRobot(Example.RobotKey, "Line 1");
        host.WeCom.RemoveRobot(Example.RobotKey);
        await PostAsync("Worse", "Low", "ActiveUnacked");
        await Eventually.GetAsync(() => host.GetAsync("notifications/failed/count"), x => (int)x["count"]! == 2);
        await PostAsync("Medium", "Medium", "ActiveUnacked");
        await PostAsync("Worse", "Critical", "ActiveAcked");
        await PostAsync("High", "High", "ActiveUnacked");
        await Eventually.GetAsync(() => host.GetAsync("notifications/failed/count"), x => (int)x["count"]! == 5); // with Notify's own about the robot

        host.WeCom.RestoreRobot(Example.RobotKey);
        var sent = await host.WeCom.WaitForAsync(x => x.Delivered, count: 5);
        // Those that leave together are sent side by side, but a later change of an alarm only when the earlier one has ended.
        var texts = sent.Select(x => x.Text).ToList();
        texts[0].Should().StartWith("Low Worse ActiveUnacked", "it is as urgent as what follows on it");
        texts.FindIndex(x => x.StartsWith("Critical Worse", StringComparison.Ordinal)).Should().BePositive();
    }

    private Task<JsonObject> PostAsync(string name, string level, string state) =>
        host.PostAsync("alarms", new { alarms = new[] { new { name, path = "Site1", level, state } } });

    private Task DecideAsync(string id, AlarmState state, long version, string robotAlias) =>
        DecideAsync(id, state, version, new Receiver("bot", Alias: robotAlias));

    private async Task DecideAsync(string id, AlarmState state, long version, params Receiver[] receivers)
    {
        var any = new VersionedRef("x", 1, "x");
        var decided = new DecidedNotification(
            id, id.Contains("several", StringComparison.Ordinal) ? "alarm-several" : "alarm-late", "Late", "Site1", AlarmLevel.High, state,
            TimeProvider.System.GetUtcNow(), Guid.NewGuid(), "late", any,
            new VersionedRef(example.ServiceId, 1, "Plant WeCom"), any, any, "wecom", receivers,
            new RenderedMessage("text", $"{state} {version}", Mentions.None), null, version);
        await new MessageBus(host.Services.GetRequiredService<IWolverineRuntime>()).InvokeAsync(new NotificationsDecided($"batch-{id}", [decided]));
    }
}
