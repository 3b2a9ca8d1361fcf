using System.Net;
using Notify.Testing;

namespace Notify.Delivery.Tests;

/// <summary>How many notifications a period had, by what has become of them.</summary>
public sealed class SummaryTests : IAsyncLifetime
{
    private NotifyHost host = null!;

    public async Task InitializeAsync()
    {
        host = await NotifyHost.StartAsync();
        await Example.MakeAsync(host, [new { kind = "bot", alias = "Line 1" }]);
    }

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public async Task notifications_are_counted_by_hour_and_status()
    {
        await host.PostAsync("alarms", new { alarms = new[] { new { name = "Pump", path = "Site1" }, new { name = "Fan", path = "Site2" } } });
        var summary = await Eventually.GetAsync(
            () => host.GetAsync("notifications/summary"),
            x => x["items"]!.AsArray().Where(y => (string)y!["status"]! == "Delivered").Sum(y => (long)y!["count"]!) == 2);
        summary["items"]!.AsArray().Sum(x => (long)x!["count"]!).Should().Be(2);
        summary["items"]!.AsArray().Should().OnlyContain(x => x!["hour"]!.GetValue<DateTimeOffset>().Minute == 0);

        using var limited = await host.ClientOfKeyAsync(
            new { name = "Site 1", permissions = new[] { "notifications.read" }, paths = new[] { "Site1/**" } });
        (await limited.GetFromAsync("notifications/summary"))["items"]!.AsArray().Sum(x => (long)x!["count"]!).Should().Be(1);
        (await host.GetAsync("notifications/summary?from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z"))["items"]!.AsArray().Should().BeEmpty();
    }

    [Fact]
    public async Task a_period_of_more_than_a_month_is_refused()
    {
        using var response = await host.Client.GetAsync(
            new Uri("/api/v1/notifications/summary?from=2026-01-01T00:00:00Z&to=2026-03-01T00:00:00Z", UriKind.Relative));
        response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
    }

    /// <summary>Where no beginning is given it is so long before the end.</summary>
    [Fact]
    public async Task a_period_may_end_with_the_first_instant_there_is()
    {
        foreach (var (path, status) in new[] { ("notifications/summary", 400), ("reports/alarms", 400), ("notifications/failed", 200) })
            (await host.SendAsync("GET", $"{path}?to=0001-01-01T00:00:00Z")).Status.Should().Be(status, path);
    }
}
