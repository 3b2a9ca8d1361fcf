using System.Net;
using Notify.Peers.WeCom;
using Notify.Testing;

namespace Notify.Acceptance.Tests.Faults;

/// <summary>Notify and its own PostgreSQL on a disk that is full.</summary>
public sealed class FullDiskTests
{
    [MountFact]
    public async Task a_full_disk_is_answered_503_and_when_there_is_room_again_everything_goes_on_without_a_restart()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(10));
        await using var weCom = await WeComStandIn.StartAsync(options => (options.AcceptAnyRobot, options.RobotLimit) = (true, 0));
        using var disk = SmallDisk.Mount(megabytes: 400);
        await using var notify = await NotifyProcess.StartNewInAsync(disk.Path, weCom.BaseUrl, "Notify:WeCom:BotLimitPerMinute=0");
        await Example.MakeAsync(notify.Client, weCom, [new { kind = "bot", alias = "Line 1" }]);
        var caller = new Caller(notify, weCom);
        var load = new AlarmLoad(notify, 20_000, "full", description: new string('x', 2000));
        load.Allow(200);
        var sending = load.RunAsync(limit.Token);
        await load.AcceptedAsync(200);

        disk.Fill();
        load.Allow(20_000);
        var problem = await Eventually.GetAsync(caller.PostAsync, x => x is not null);
        problem!.Value.Status.Should().Be(503, notify.Output);
        problem.Value.RetryAfter.Should().BePositive();
        (await caller.StatusAsync("/health/ready")).Should().Be(HttpStatusCode.ServiceUnavailable);

        load.Stop();
        disk.MakeRoom();
        await caller.FindsReadyAsync();
        await caller.ArrivesAsync("room");
        await sending;
        await load.AllArrivedAsync(weCom);
    }
}
