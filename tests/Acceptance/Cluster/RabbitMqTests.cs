using Notify.Peers.WeCom;
using Notify.Testing;

namespace Notify.Acceptance.Tests.Cluster;

/// <summary>With the other transport: a broker instead of queues in the database.</summary>
public sealed class RabbitMqTests
{
    [Fact]
    public async Task messages_between_modules_go_through_the_broker_and_each_alarm_arrives_once()
    {
        await using var broker = await RabbitMq.StartNewAsync();
        await using var weCom = await WeComStandIn.StartAsync(options => (options.AcceptAnyRobot, options.RobotLimit) = (true, 0));
        await using var database = await PrivatePostgres.StartNewAsync();
        await using var notify = await NotifyProcess.StartNewAsync(
            weCom.BaseUrl, $"ConnectionStrings:Notify={database.ConnectionString}", "Notify:WeCom:BotLimitPerMinute=0", "Notify:Transport=rabbitmq", $"ConnectionStrings:RabbitMq={broker.ConnectionString}");
        await Example.MakeAsync(notify.Client, weCom, [new { kind = "bot", alias = "Line 1" }]);
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));

        var load = new AlarmLoad(notify, 300, "rabbit");
        await load.RunAsync(limit.Token);
        (await load.AllArrivedAsync(weCom, TimeSpan.FromSeconds(90))).Values.Should().OnlyContain(x => x == 1);
        (await database.QueryAsync("select distinct received_at from wolverine.wolverine_incoming_envelopes")).Should().OnlyContain(x => x.StartsWith("rabbitmq://"));
        var notifications = await notify.Client.GetAllFromAsync("notifications");
        notifications.Should().HaveCount(300).And.OnlyContain(x => (string)x["status"]! == "Delivered");
    }
}
