using System.Text.Json.Nodes;
using Notify.Peers.WeCom;
using Notify.Testing;

namespace Notify.Acceptance.Tests.Cluster;

public sealed class RabbitMqTests
{
    [Fact]
    public async Task messages_go_through_the_broker_and_what_it_cannot_take_while_it_is_away_waits_and_arrives_once()
    {
        await using var broker = await RabbitMq.StartNewAsync();
        await using var weCom = await WeComStandIn.StartAsync(options => (options.AcceptAnyRobot, options.RobotLimit) = (true, 0));
        await using var database = await PrivatePostgres.StartNewAsync();
        await using var notify = await NotifyProcess.StartNewAsync(
            weCom.BaseUrl, $"ConnectionStrings:Notify={database.ConnectionString}", "Notify:WeCom:BotLimitPerMinute=0", "Notify:Transport=rabbitmq", $"ConnectionStrings:RabbitMq={broker.ConnectionString}");
        await Example.MakeAsync(notify.Client, weCom, [new { kind = "bot", alias = "Line 1" }]);
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));

        var load = new AlarmLoad(notify, 600, "rabbit");
        load.Allow(300);
        var sending = load.RunAsync(limit.Token);
        await load.AcceptedAsync(150);
        await broker.KillAsync();
        load.Allow(600);
        await sending;
        await broker.StartAsync();

        for (var i = 0; i < 12; i++)
        {
            await Task.Delay(5000);
            await File.AppendAllTextAsync("/tmp/c-rabbit.log", $"{DateTime.UtcNow:HH:mm:ss} shown {weCom.Counters.Shown} in " + string.Join(",", await database.QueryAsync("select received_at || ' ' || status || ' ' || owner_id || ' ' || count(*) from wolverine.wolverine_incoming_envelopes group by received_at, status, owner_id")) + " out " + string.Join(",", await database.QueryAsync("select destination || ' ' || owner_id || ' ' || count(*) from wolverine.wolverine_outgoing_envelopes group by 1, destination, owner_id")) + "\n");
        }

        await File.AppendAllTextAsync("/tmp/c-rabbit.log", notify.Output);
        (await load.AllArrivedAsync(weCom, TimeSpan.FromSeconds(90))).Values.Should().OnlyContain(x => x == 1);
        (await database.QueryAsync("select distinct received_at from wolverine.wolverine_incoming_envelopes")).Should().OnlyContain(x => x.StartsWith("rabbitmq://"));
        var notifications = await notify.Client.GetAllFromAsync("notifications");
        notifications.Should().HaveCount(600).And.OnlyContain(x => (string)x["status"]! == "Delivered");
    }
}
