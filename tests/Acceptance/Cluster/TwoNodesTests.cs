using System.Text.Json.Nodes;
using Notify.Peers.WeCom;
using Notify.Testing;
using Xunit.Abstractions;

namespace Notify.Acceptance.Tests.Cluster;

/// <summary>Two of the real program on one PostgreSQL: they share the work, and when one goes the other goes on.</summary>
public sealed class TwoNodesTests(TwoNodes nodes, ITestOutputHelper output) : IClassFixture<TwoNodes>, IDisposable
{
    private readonly CancellationTokenSource limit = new(TimeSpan.FromMinutes(10));
    private readonly Random random = TestRandom.New(output.WriteLine);
    private readonly WeComStandIn weCom = nodes.WeCom;
    private readonly NotifyProcess first = nodes.First;
    private readonly NotifyProcess second = nodes.Second;

    public void Dispose() => limit.Dispose();

    [Fact]
    public async Task lanes_are_shared_and_when_a_node_is_killed_the_other_finishes_its_work()
    {
        var load = new AlarmLoad([first, second], 1200, "cluster");
        load.Allow(600);
        var sending = load.RunAsync(limit.Token);
        await load.AcceptedAsync(100);
        await Eventually.GetAsync(ServingAsync, x => x.Distinct().Count() == 2);

        await load.AcceptedAsync(200 + random.Next(300));
        await first.KillAsync();
        await Eventually.GetAsync(ServingAsync, x => x.Distinct().Count() == 1);
        load.Allow(1200);
        await sending;
        await ArrivedAsync(load);
        var notifications = await FinishedAsync(second, load);
        await first.StartAsync();


        notifications.Should().HaveCount(2 * 1200).And.OnlyContain(x => (string)x["status"]! == "Delivered");
        var marked = notifications.Where(x => (bool)x["mayHaveArrivedTwice"]!).Select(x => (string)x["alarmName"]!).ToHashSet(StringComparer.Ordinal);
        Shown(load).Where(x => x.Value > 2).Select(x => x.Key).Should().BeSubsetOf(marked, "what was under way may come twice, and says so");
        marked.Should().HaveCountLessThanOrEqualTo(512);
    }

    [Fact]
    public async Task a_rolling_restart_under_load_behind_a_slow_platform_loses_and_doubles_nothing_and_keeps_each_alarms_order()
    {
        var load = new AlarmLoad([first, second], 1200, "rolling");
        load.Allow(400);
        var sending = load.RunAsync(limit.Token);
        await load.AcceptedAsync(100 + random.Next(200));
        await Eventually.GetAsync(ServingAsync, x => x.Distinct().Count() == 2);

        // Each answer takes longer than a lease lasts, and there is more to send than could be sent while a stop waits.
        weCom.AddFault(new Fault(FaultKind.Slow) { DelayMs = 8000 });
        load.Allow(800);
        await load.AcceptedAsync(700);
        await weCom.WaitForAsync(x => x is { Fault: FaultKind.Slow, RobotKey: Example.RobotKey }, TimeSpan.FromSeconds(20));
        await weCom.WaitForAsync(x => x is { Fault: FaultKind.Slow, RobotKey: Example.SecondRobotKey }, TimeSpan.FromSeconds(20));
        await ReportAsync(first, "ActiveUnacked");
        var stopping = first.StopAsync();
        await ReportAsync(second, "ClearedUnacked");
        (await stopping).Should().Be(0, first.Output);
        (await NotSentAsync()).Should().BePositive("what had not begun to leave was left to the other node");
        weCom.ClearFaults();
        load.Allow(900);
        await load.AcceptedAsync(850);
        await first.StartAsync();
        load.Allow(1200);
        await load.AcceptedAsync(900 + random.Next(200));
        (await second.StopAsync()).Should().Be(0, second.Output);
        await second.StartAsync();
        await sending;

        await ArrivedAsync(load);
        (await FinishedAsync(first, load)).Should()
            .HaveCount(2 * 1200).And.OnlyContain(x => (string)x["status"]! == "Delivered" && !(bool)x["mayHaveArrivedTwice"]!);
        Shown(load).Values.Should().OnlyContain(x => x == 2, "each of the two robots shows each alarm once");
        // What the stopped node left undecided may be told after one robot has heard of the end already, and says so.
        foreach (var told in weCom.Log.Shown.Select(x => (Robot: x.RobotKey,
            Words: x.Text.Replace("【迟到 Late】", "", StringComparison.Ordinal).Split(' ')))
            .Where(x => x.Words[1].StartsWith("pump-", StringComparison.Ordinal)).GroupBy(x => (x.Robot, x.Words[1])))
            told.Select(x => x.Words[2]).Should().Equal(["ActiveUnacked", "ClearedUnacked"], "{0} was told in its order", told.Key);
    }

    private static Task<JsonObject> ReportAsync(NotifyProcess notify, string state) =>
        notify.Client.PostToAsync("alarms", new { alarms = Enumerable.Range(0, 20).Select(i => new { name = $"pump-{i}", state }) });

    private async Task<int> NotSentAsync() =>
        (await nodes.Database.QueryAsync(
            "select id from notify.mt_events where type = 'delivery.attempt_failed.v1' and data->>'platformMessage' like 'Not sent%'")).Count;

    /// <summary>For each lane, the node that serves it.</summary>
    private async Task<List<string>> ServingAsync()
    {
        var serving = await nodes.Database.QueryAsync(
            "select coalesce(case when lease_until > now() then node end, 'none') from notify.lane where id like 'wecom/robot/%'");
        return serving.Count == 2 && !serving.Contains("none") ? serving : [];
    }

    private Dictionary<string, int> Shown(AlarmLoad load)
    {
        var names = load.Names.ToHashSet(StringComparer.Ordinal);
        return weCom.Log.Shown.Select(x => x.Text.Split(' ')[1]).Where(names.Contains).CountBy(x => x, StringComparer.Ordinal)
            .ToDictionary(StringComparer.Ordinal);
    }

    private Task<Dictionary<string, int>> ArrivedAsync(AlarmLoad load) => Eventually.GetAsync(
        () => Task.FromResult(Shown(load)), x => x.Count == load.Names.Count() && x.Values.All(n => n >= 2), TimeSpan.FromMinutes(3));

    private static async Task<List<JsonObject>> FinishedAsync(NotifyProcess notify, AlarmLoad load)
    {
        var all = await Eventually.GetAsync(
            () => notify.Client.GetAllFromAsync("notifications"), all =>
            all.All(x => (string)x["status"]! is not ("Pending" or "Scheduled")), TimeSpan.FromMinutes(3));
        var names = load.Names.ToHashSet(StringComparer.Ordinal);
        return [.. all.Where(x => names.Contains((string)x["alarmName"]!))];
    }
}
