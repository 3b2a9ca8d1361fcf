using Notify.Peers.WeCom;
using Notify.Testing;

namespace Notify.Acceptance.Tests;

/// <summary>Two installations on one machine, each with its own data directory and its own PostgreSQL.</summary>
public sealed class SideBySideTests
{
    [Fact]
    public async Task two_run_side_by_side_on_two_data_directories()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(10));
        await using var weCom = await WeComStandIn.StartAsync(options => (options.AcceptAnyRobot, options.RobotLimit) = (true, 0));
        await using var first = await StartAsync(weCom);
        await using var second = await StartAsync(weCom);
        var (loadOfFirst, loadOfSecond) = (new AlarmLoad(first, 20, "first"), new AlarmLoad(second, 20, "second"));
        await Task.WhenAll(loadOfFirst.RunAsync(limit.Token), loadOfSecond.RunAsync(limit.Token));
        (await loadOfFirst.AllArrivedAsync(weCom)).Values.Should().OnlyContain(x => x == 1);
        (await loadOfSecond.AllArrivedAsync(weCom)).Values.Should().OnlyContain(x => x == 1);
        (await first.Client.GetAllFromAsync("notifications")).Should()
            .HaveCount(20).And.OnlyContain(x => ((string)x["alarmName"]!).StartsWith("first"));
        (await first.StopAsync()).Should().Be(0, first.Output);
        (await second.StopAsync()).Should().Be(0, second.Output);
    }

    private static async Task<NotifyProcess> StartAsync(WeComStandIn weCom)
    {
        var notify = await NotifyProcess.StartNewAsync(weCom.BaseUrl, "Notify:WeCom:BotLimitPerMinute=0");
        await Example.MakeAsync(notify.Client, weCom, [new { kind = "bot", alias = "Line 1" }]);
        return notify;
    }
}
