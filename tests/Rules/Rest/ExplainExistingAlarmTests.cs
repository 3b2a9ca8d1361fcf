using Notify.Testing;

namespace Notify.Rules.Tests.Rest;

public sealed class ExplainExistingAlarmTests
{
    [Fact]
    public async Task an_alarm_that_exists_can_be_explained_by_its_id()
    {
        await using var host = await NotifyHost.StartAsync();
        var answer = await host.PostAsync(
            "alarms", new { alarms = new[] { new { name = "High pressure", path = "Site1/Line1", level = "Critical" } } });

        var explained = await host.PostAsync("rules/explain", new { alarmId = (string)answer["accepted"]![0]!["alarmId"]! });

        explained["alarm"]!["name"]!.GetValue<string>().Should().Be("High pressure");
        explained["rules"]!.AsArray().Should().BeEmpty();
    }
}
