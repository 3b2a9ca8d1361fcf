using Notify.Peers.WeCom;
using Notify.Testing;

namespace Notify.Acceptance.Tests;

/// <summary>The real program, killed while a robot is gone: the incident is the same one afterwards, and what it held still leaves.</summary>
public sealed class BlockedRestartTests
{
    [Fact]
    public async Task a_blocked_robot_is_still_blocked_after_a_kill_and_mends_itself_later()
    {
        await using var weCom = await WeComStandIn.StartAsync(options => options.AcceptAnyRobot = true);
        await using var notify = await NotifyProcess.StartNewAsync(weCom.BaseUrl, "Notify:WeCom:ProbeInterval=00:00:02");
        await Example.MakeAsync(notify.Client, weCom, [new { kind = "bot", alias = "Line 1" }]);
        weCom.AddRobot(Example.RobotKey, "Line 1");
        weCom.RemoveRobot(Example.RobotKey);
        await notify.Client.PostToAsync("alarms", new { alarms = new[] { new { name = "A", path = "Site1" }, new { name = "B", path = "Site1" } } });
        var since = (string)(await HeldAsync(notify))[0]!["held"]!["since"]!;

        await notify.KillAsync();
        await notify.StartAsync();
        (await HeldAsync(notify)).Should().NotBeEmpty().And.OnlyContain(x => (string)x!["held"]!["since"]! == since);

        weCom.RestoreRobot(Example.RobotKey);
        await Eventually.GetAsync(() => notify.Client.GetFromAsync("notifications?status=Delivered"), x => x["items"]!.AsArray().Count == 4);
        // With Notify's own alarm about the robot, raised and cleared.
        weCom.Received.Count(x => x.Delivered).Should().Be(4);
        foreach (var type in new[] { "blocked", "mended" })
            (await notify.Client.GetFromAsync($"audit?type=delivery.lane_{type}.v1"))["items"]!.AsArray().Should().ContainSingle();
    }

    private static async Task<System.Text.Json.Nodes.JsonArray> HeldAsync(NotifyProcess notify) => (await Eventually.GetAsync(
        () => notify.Client.GetFromAsync("notifications/failed"), x =>
        x["items"]!.AsArray().Count(y => y!["held"] is not null) == 3))["items"]!.AsArray();
}
