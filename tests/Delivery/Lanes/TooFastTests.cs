using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Notify.Peers.WeCom;
using Notify.Testing;

namespace Notify.Delivery.Tests.Lanes;

/// <summary>An app's quota is used up: asking on every minute would only be refused again, and nothing is given up meanwhile.</summary>
public sealed class TooFastTests : IAsyncLifetime
{
    private readonly MovedClock clock = new();
    private NotifyHost host = null!;

    public async Task InitializeAsync() =>
        host = await NotifyHost.StartAsync(replace: services => services.Replace(ServiceDescriptor.Singleton<TimeProvider>(clock)));

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public async Task an_app_that_is_refused_again_waits_longer_and_says_until_when()
    {
        await Example.MakeAsync(host, [new { kind = "account", account = "zhangsan" }]);
        host.WeCom.AddFault(new Fault(FaultKind.ErrCode) { Path = "/cgi-bin/message/send", Code = 45009, Count = 2 });
        await host.PostAsync("alarms", new { alarms = new[] { new { name = "Hot", path = "Site1" } } });

        WaitOf(await AfterAsync(attempts: 1)).Should().BeCloseTo(TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(5));
        clock.Advance(TimeSpan.FromSeconds(61));
        WaitOf(await AfterAsync(attempts: 2)).Should().BeCloseTo(TimeSpan.FromMinutes(2), TimeSpan.FromSeconds(5));
        clock.Advance(TimeSpan.FromSeconds(121));
        (await AfterAsync(attempts: 3))["status"]!.GetValue<string>().Should().Be("Delivered");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task a_test_that_passes_ends_the_long_wait_also_on_a_node_that_does_not_serve_the_app(bool onAnotherNode)
    {
        await using var another = onAnotherNode
            ? await NotifyHost.StartAsync(
                replace: services => services.Replace(ServiceDescriptor.Singleton<TimeProvider>(clock)), sameStoreAs: host) : null;
        var example = await Example.MakeAsync(host, [new { kind = "account", account = "zhangsan" }]);
        host.WeCom.AddFault(new Fault(FaultKind.ErrCode) { Path = "/cgi-bin/message/send", Code = 45009, Count = 2 });
        await host.PostAsync("alarms", new { alarms = new[] { new { name = "Hot", path = "Site1" } } });
        await AfterAsync(attempts: 1);
        clock.Advance(TimeSpan.FromSeconds(61));
        await AfterAsync(attempts: 2);

        var test = await (another ?? host).PostAsync(
            $"services/{example.ServiceId}/test", new { receivers = new[] { new { kind = "account", account = "lisi" } }, text = "Over?" });
        test["results"]![0]!["outcome"]!.GetValue<string>().Should().Be("delivered");
        (await AfterAsync(attempts: 3))["status"]!.GetValue<string>().Should().Be("Delivered", "no time has passed");
    }

    private async Task<JsonNode> AfterAsync(int attempts) => (await Eventually.GetAsync(
        () => host.GetAsync("notifications"),
        x => x["items"]!.AsArray() is [var one] && one!["attempts"]!.AsArray() is var all && all.Count == attempts
        && all[^1]!["endedAt"] is not null))["items"]![0]!;

    /// <summary>As the notification says it: from the end of its last attempt.</summary>
    private static TimeSpan WaitOf(JsonNode notification) =>
        Instant(notification["retryAt"]!) - Instant(notification["attempts"]!.AsArray()[^1]!["endedAt"]!);

    private static DateTimeOffset Instant(JsonNode node) => DateTimeOffset.Parse((string)node!, CultureInfo.InvariantCulture);
}
