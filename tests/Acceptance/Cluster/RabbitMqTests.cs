using Notify.Peers.WeCom;
using Notify.Testing;

namespace Notify.Acceptance.Tests.Cluster;

/// <summary>With the other transport: a broker instead of queues in the database.</summary>
public sealed class RabbitMqTests
{
    [Fact]
    public async Task messages_go_through_the_broker_and_none_is_lost_when_it_comes_late_and_is_killed()
    {
        await using var broker = new RabbitMq();
        await using var weCom = await WeComStandIn.StartAsync(options => (options.AcceptAnyRobot, options.RobotLimit) = (true, 0));
        await using var database = await PrivatePostgres.StartNewAsync();
        await using var notify = await NotifyProcess.BeginNewInAsync(
            Directory.CreateTempSubdirectory("notify-process-").FullName, weCom.BaseUrl,
            $"ConnectionStrings:Notify={database.ConnectionString}", "Notify:WeCom:BotLimitPerMinute=0", "Notify:Transport=rabbitmq", $"ConnectionStrings:RabbitMq={broker.ConnectionString}");
        await Eventually.GetAsync(() => Task.FromResult(notify.Output), x => x.Contains("The start waits for the message broker", StringComparison.Ordinal));
        await broker.StartAsync();
        await notify.ReadyAsync();
        await Example.MakeAsync(notify.Client, weCom, [new { kind = "bot", alias = "Line 1" }]);
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(10));

        var load = new AlarmLoad(notify, 900, "rabbit");
        load.Allow(600);
        var sending = load.RunAsync(limit.Token);
        await load.AcceptedAsync(100 + Random.Shared.Next(300));
        await broker.KillAsync();
        load.Allow(700);
        await load.AcceptedAsync(650); // alarms are taken while it is away
        await broker.StartAsync();
        load.Allow(900);
        await sending;

        // A message that was handled is kept for half a minute, so it is looked for before the last alarm has arrived.
        (await Eventually.GetAsync(() => database.QueryAsync("select distinct received_at from wolverine.wolverine_incoming_envelopes"), x => x.Count > 0)).Should().OnlyContain(x => x.StartsWith("rabbitmq://"));
        (await load.AllArrivedAsync(weCom)).Values.Should().OnlyContain(x => x == 1);
        var notifications = await Eventually.GetAsync(() => notify.Client.GetAllFromAsync("notifications"), all => all.All(x => (string)x["status"]! == "Delivered"));
        notifications.Should().HaveCount(900);
        (await notify.Client.GetFromAsync("operation/dead-letters"))["items"]!.AsArray().Should().BeEmpty();
    }
}
