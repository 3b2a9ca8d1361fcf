using Notify.Peers.WeCom;
using Notify.Testing;
using Xunit.Abstractions;

namespace Notify.Acceptance.Tests.Cluster;

/// <summary>With the other transport: a broker instead of queues in the database.</summary>
public sealed class RabbitMqTests(ITestOutputHelper output)
{
    [Fact]
    public async Task messages_go_through_the_broker_and_none_is_lost_when_it_comes_late_is_killed_or_hangs_while_notify_is_stopped()
    {
        await using var broker = new RabbitMq();
        await using var weCom = await WeComStandIn.StartAsync(options => (options.AcceptAnyRobot, options.RobotLimit) = (true, 0));
        await using var database = await PrivatePostgres.StartNewAsync();
        await using var notify = await NotifyProcess.BeginNewInAsync(
            Directory.CreateTempSubdirectory("notify-process-").FullName, weCom.BaseUrl,
            $"ConnectionStrings:Notify={database.ConnectionString}", "Notify:WeCom:BotLimitPerMinute=0", "Notify:Transport=rabbitmq",
            $"ConnectionStrings:RabbitMq={broker.ConnectionString}");
        await Eventually.GetAsync(() =>
            Task.FromResult(notify.Output), x => x.Contains("Startup is waiting. The message broker at", StringComparison.Ordinal));
        await notify.Awaiting(x => x.Client.GetAsync(new Uri("/health/live", UriKind.Relative))).Should()
            .ThrowAsync<HttpRequestException>("nothing listens before the broker is there");
        (await notify.StopAsync()).Should().Be(0, notify.Output);
        await notify.BeginAsync();
        await broker.StartAsync();
        await notify.ReadyAsync();
        await Example.MakeAsync(notify.Client, weCom, [new { kind = "bot", alias = "Line 1" }]);
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(10));

        var load = new AlarmLoad(notify, 900, "rabbit");
        load.Allow(600);
        var sending = load.RunAsync(limit.Token);
        await load.AcceptedAsync(100 + TestRandom.New(output.WriteLine).Next(300));
        await broker.KillAsync();
        load.Allow(700);
        await load.AcceptedAsync(650); // alarms are taken while it is away
        await broker.StartAsync();
        load.Allow(900);
        await sending;

        // A message that was handled is kept for half a minute, so it is looked for before the last alarm has arrived.
        // What is wrong with a node, or well again, goes to that node's own queue.
        const string handled =
            "select distinct received_at from wolverine.wolverine_incoming_envelopes where message_type <> 'notify.alarms.raise-alarm.v1'";
        (await Eventually.GetAsync(() => database.QueryAsync(handled), x => x.Count > 0)).Should().OnlyContain(x => x.StartsWith("rabbitmq://"));
        (await load.AllArrivedAsync(weCom)).Values.Should().OnlyContain(x => x == 1);
        var notifications = await Eventually.GetAsync(
            () => notify.Client.GetAllFromAsync("notifications"), all => all.All(x => (string)x["status"]! == "Delivered"));
        notifications.Should().HaveCount(900);

        // Stopped while the broker hangs: as under a service manager, which would kill it after 90 s.
        await broker.FreezeAsync();
        var late = new AlarmLoad(notify, 60, "late");
        var sendingLate = late.RunAsync(limit.Token);
        await Eventually.GetAsync(() =>
            database.QueryAsync("select id from notify.alarm where body->'facts'->>'name' like 'late-%'"), x => x.Count > 0);
        (await notify.StopAsync().WaitAsync(TimeSpan.FromSeconds(90))).Should().Be(0, notify.Output);
        await broker.ThawAsync();
        await notify.StartAsync();
        await sendingLate;
        (await late.AllArrivedAsync(weCom)).Values.Should().OnlyContain(x => x == 1);
        (await notify.Client.GetFromAsync("operation/dead-letters"))["items"]!.AsArray().Should().BeEmpty();
        notify.Output.Split('\n').Should().HaveCountLessThan(400, "a broker that is away is not told of over and over: {0}", notify.Output);
    }
}
