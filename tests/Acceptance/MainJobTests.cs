using Notify.Testing;

namespace Notify.Acceptance.Tests;

/// <summary>Configure over REST, raise an alarm, see it arrive, read it in the history.</summary>
public sealed class MainJobTests : IAsyncLifetime
{
    private NotifyHost host = null!;

    public async Task InitializeAsync() => host = await NotifyHost.StartAsync();

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public async Task one_alarm_reaches_two_robots_and_both_accounts_as_three_notifications()
    {
        var example = await Example.MakeAsync(host);
        var answer = await host.PostAsync(
            "alarms", new { alarms = new[] { new { name = "High pressure", path = "Site1/Line1", level = "Critical", value = 9.7 } } });
        var alarmId = answer["accepted"]![0]!["alarmId"]!.GetValue<string>();

        var received = await host.WeCom.WaitForAsync(_ => true, count: 3);
        received.Should().HaveCount(3).And.OnlyContain(x => x.Text.StartsWith("Critical High pressure ActiveUnacked Site1/Line1 9.7"));

        var notifications = await Eventually.GetAsync(
            () => host.GetAsync($"notifications?alarmId={alarmId}"), x =>
            x["items"]!.AsArray().Count(n => (string?)n!["status"] == "Delivered") == 3);
        foreach (var n in notifications["items"]!.AsArray())
        {
            n!["ruleId"]!.GetValue<string>().Should().Be(example.RuleId);
            n["ruleVersion"]!.GetValue<int>().Should().Be(1);
            n["serviceVersion"]!.GetValue<int>().Should().Be(1);
            n["messageVersion"]!.GetValue<int>().Should().Be(1);
            n["body"]!.GetValue<string>().Should().Be("Critical High pressure ActiveUnacked Site1/Line1 9.7");
            n["attempts"]!.AsArray().Should().ContainSingle().Which!["outcome"]!.GetValue<string>().Should().Be("delivered");
        }

        var audit = await host.GetAsync($"audit?correlationId={answer["accepted"]![0]!["correlationId"]}");
        var entries = audit["items"]!.AsArray().Select(x => (Type: (string)x!["type"]!, Resource: (string)x["resource"]!["id"]!)).ToList();
        entries.Take(2).Select(x => x.Type).Should().Equal("alarms.alarm_reported.v1", "rules.alarm_decided.v1");
        // Three lanes, each at its own pace: only what is of one notification has an order.
        var ofNotifications = entries.Skip(2).GroupBy(x => x.Resource, StringComparer.Ordinal).ToList();
        ofNotifications.Select(x => x.Key).Should().BeEquivalentTo(notifications["items"]!.AsArray().Select(x => (string)x!["id"]!));
        foreach (var one in ofNotifications)
            one.Select(x => x.Type).Should().Equal(
                "delivery.notification_requested.v1", "delivery.attempt_started.v1", "delivery.attempt_succeeded.v1");
    }
}
