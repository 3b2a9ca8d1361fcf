using System.Text.Json.Nodes;
using Notify.Peers.WeCom;
using Notify.Testing;
using Xunit.Abstractions;

namespace Notify.Acceptance.Tests;

/// <summary>The real program, ended in every way there is while alarms come in: what was answered 202 arrives.</summary>
public sealed class KillTests(ITestOutputHelper output) : IAsyncLifetime
{
    /// <summary>Notifications of one lane that are started and not yet ended.</summary>
    private const int MostUnderWay = 512;

    private static readonly object[] oneRobot = [new { kind = "bot", alias = "Line 1" }];
    private readonly CancellationTokenSource limit = new(TimeSpan.FromMinutes(10));
    private WeComStandIn weCom = null!;

    public async Task InitializeAsync() => weCom = await WeComStandIn.StartAsync(options => (options.AcceptAnyRobot, options.RobotLimit) = (true, 0));

    public async Task DisposeAsync()
    {
        await weCom.DisposeAsync();
        limit.Dispose();
    }

    [Fact]
    public async Task every_accepted_alarm_arrives_although_notify_is_killed_ten_times_and_its_database_once()
    {
        var random = TestRandom.New(output.WriteLine);
        await using var notify = await StartAsync();
        var load = new AlarmLoad(notify, 100_000, "kill");
        load.Allow(0);
        var sending = load.RunAsync(limit.Token);
        for (var kill = 1; kill <= 10; kill++)
        {
            // Some kills meet a start, before it is ready or while it takes up what the last one left; the others meet work in full swing.
            if (random.Next(4) == 0) await Task.Delay(random.Next(3000), limit.Token);
            else
            {
                await notify.ReadyAsync();
                var before = load.Accepted;
                load.Allow(before + 300);
                await load.AcceptedAsync(before + random.Next(1, 200));
            }

            await notify.KillAsync();
            await notify.BeginAsync();
        }

        await notify.ReadyAsync();
        load.Allow(load.Accepted + 600);
        await load.AcceptedAsync(load.Accepted + random.Next(1, 300));
        notify.KillDatabase();
        load.Stop();
        await sending;

        var names = load.Names.ToList();
        var notifications = await FinishedAsync(notify, names.Count);
        // In their order: comparing thousands with each other takes longer than sending them.
        notifications.Select(x => (string)x["alarmName"]!).Order(StringComparer.Ordinal).Should().Equal(
            names.Order(StringComparer.Ordinal), "an alarm that was sent again is no second alarm");
        var shown = weCom.Log.Shown.CountBy(x => x.Text.Split(' ')[1], StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);

        // A robot's message whose outcome is unknown is repeated once and not oftener, so that a group is not flooded. When the repeat is cut off
        // too, nobody knows still, and that is what the failed list says.
        foreach (var x in notifications.Where(x => (string)x["status"]! != "Delivered"))
        {
            var attempts = (await notify.Client.GetFromAsync($"notifications/{(string)x["id"]!}"))["attempts"]!.AsArray();
            ((string)x["status"]!, attempts.Count(y => (string)y!["outcome"]! == "unknown"), (bool)x["mayHaveArrivedTwice"]!).Should()
                .Be(("Failed", 2, true));
        }

        notifications.Where(x => (string)x["status"]! == "Delivered").Select(x => (string)x["alarmName"]!).Should().BeSubsetOf(shown.Keys);

        // What was under way at a kill may come twice, no oftener, and says so.
        var marked = notifications.Where(x => (bool)x["mayHaveArrivedTwice"]!).Select(x => (string)x["alarmName"]!).ToHashSet(StringComparer.Ordinal);
        shown.Where(x => x.Value > 1).Select(x => x.Key).Should().BeSubsetOf(marked);
        shown.Values.Max().Should().BeLessThanOrEqualTo(2);
        marked.Should().HaveCountLessThanOrEqualTo(11 * MostUnderWay);
    }

    [Fact]
    public async Task a_stop_under_load_ends_with_0_and_loses_and_doubles_nothing()
    {
        await using var notify = await StartAsync();
        var load = new AlarmLoad(notify, 1500, "stop");
        var sending = load.RunAsync(limit.Token);
        await load.AcceptedAsync(300 + TestRandom.New(output.WriteLine).Next(600));
        (await notify.StopAsync()).Should().Be(0, notify.Output);
        await notify.StartAsync();
        await sending;

        var arrived = await load.AllArrivedAsync(weCom);
        (await FinishedAsync(notify, 1500)).Should().OnlyContain(x => !(bool)x["mayHaveArrivedTwice"]!);
        arrived.Keys.Order(StringComparer.Ordinal).Should().Equal(load.Names.Order(StringComparer.Ordinal));
        arrived.Values.Should().OnlyContain(x => x == 1);
    }

    [Fact]
    public async Task what_is_under_way_when_a_stops_time_is_over_is_recorded_as_unknown_and_marked()
    {
        await using var notify = await StartAsync("shutdownTimeoutSeconds=1");
        weCom.AddFault(new Fault(FaultKind.Hang) { Processed = true, Count = 1 });
        await notify.Client.PostToAsync("alarms", new { alarms = new[] { new { name = "pump" } } });
        await weCom.WaitForAsync(x => x.Delivered, TimeSpan.FromSeconds(20));
        (await notify.StopAsync()).Should().Be(0, notify.Output);
        await notify.StartAsync();

        var told = (await FinishedAsync(notify, 1)).Should().ContainSingle().Subject;
        ((string)told["status"]!, (bool)told["mayHaveArrivedTwice"]!).Should().Be(("Delivered", true));
        (await notify.Client.GetFromAsync($"notifications/{(string)told["id"]!}"))["attempts"]!.AsArray().Select(x => (string)x!["outcome"]!).Should()
            .Equal("unknown", "delivered");
        weCom.Log.Shown.Should().HaveCount(2);
        (await notify.Client.GetFromAsync("audit?type=kernel.node_stopped.v1"))["items"]!.AsArray().Should().ContainSingle();
    }

    private async Task<NotifyProcess> StartAsync(params string[] settings)
    {
        var notify = await NotifyProcess.StartNewAsync(weCom.BaseUrl, ["Notify:WeCom:BotLimitPerMinute=0", .. settings]);
        await Example.MakeAsync(notify.Client, weCom, oneRobot);
        return notify;
    }

    /// <summary>All notifications, when there are so many and none is open.</summary>
    private static async Task<List<JsonObject>> FinishedAsync(NotifyProcess notify, int count)
    {
        foreach (var open in new[] { "Pending", "Scheduled" })
            await Eventually.GetAsync(() => AnsweredAsync(() => notify.Client.GetFromAsync($"notifications?status={open}&limit=1")), x =>
                x?["items"]!.AsArray().Count == 0, TimeSpan.FromMinutes(3));
        return (await Eventually.GetAsync(
            () => AnsweredAsync(() => notify.Client.GetAllFromAsync("notifications")),
            all => all?.Count >= count && all.All(x => (string)x["status"]! is not ("Pending" or "Scheduled")), TimeSpan.FromMinutes(3)))!;
    }

    /// <summary>Null while the database that was killed is not back: that is answered 503, and asked again.</summary>
    private static async Task<T?> AnsweredAsync<T>(Func<Task<T>> get)
        where T : class
    {
        try
        {
            return await get();
        }
        catch (InvalidOperationException e) when (e.Message.Contains(": 503 ", StringComparison.Ordinal))
        {
            return null;
        }
    }
}
