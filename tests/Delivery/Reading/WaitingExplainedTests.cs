using Notify.Testing;

namespace Notify.Delivery.Tests.Notifications;

/// <summary>Whoever asks why a notification has not arrived yet reads that it waits, and for what.</summary>
public sealed class WaitingExplainedTests
{
    [Fact]
    public async Task what_waits_for_the_pace_of_its_robot_is_scheduled_found_as_such_and_says_so()
    {
        await using var slow = await NotifyHost.StartAsync(["Notify:WeCom:BotLimitPerMinute=1"]);
        await Example.MakeAsync(slow, [new { kind = "bot", alias = "Line 1" }]);
        foreach (var name in (string[])["First", "Second"]) await slow.PostAsync("alarms", new { alarms = new[] { new { name } } });
        var delivered = await Eventually.GetAsync(() => slow.GetAsync("notifications?status=Delivered"), x => x["items"]!.AsArray().Count == 1);
        delivered["items"]![0]!["alarmName"]!.GetValue<string>().Should().Be("First");
        var waiting = await Eventually.GetAsync(() => slow.GetAsync("notifications?status=Scheduled"), x => x["items"]!.AsArray().Count == 1);
        (waiting["items"]![0]!["alarmName"]!.GetValue<string>(), waiting["items"]![0]!["status"]!.GetValue<string>()).Should()
            .Be(("Second", "Scheduled"));
        var advice = waiting["items"]![0]!["explanation"]!["advice"]!;
        ((string)advice["en"]!).Should().Contain("lanes");
        ((string)advice["zh"]!).Should().Contain("排队");
    }
}
