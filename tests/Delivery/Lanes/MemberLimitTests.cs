using System.Globalization;
using Notify.Testing;

namespace Notify.Delivery.Tests.Lanes;

/// <summary>WeCom drops without a word what one app sends to one member beyond 30 a minute, so it must never come to that.</summary>
public sealed class MemberLimitTests
{
    [Fact]
    public async Task a_member_who_is_told_too_much_is_told_in_merged_messages_and_misses_nothing()
    {
        const int Count = 200;
        await using var host = await NotifyHost.StartAsync();
        await Example.MakeAsync(host, [new { kind = "account", account = "zhangsan" }]);
        await host.PostAsync("alarms", new
        {
            alarms = Enumerable.Range(0, Count).Select(
                i => new { name = "High pressure", path = string.Create(CultureInfo.InvariantCulture, $"Site1/Line1/P{i}"), level = "High" }),
        });

        await Eventually.GetAsync(
            () => host.GetAsync("notifications?limit=1000"), x =>
            x["items"]!.AsArray().Count(n => (string?)n!["status"] == "Delivered") == Count, TimeSpan.FromMinutes(3));

        host.WeCom.Counters.MembersDropped.Should().Be(0);
        var received = host.WeCom.Received;
        var minutes = 1 + (int)(received[^1].At - received[0].At).TotalMinutes;
        received.Count.Should().BeLessThanOrEqualTo(30 * minutes);
        var words = received.SelectMany(x => x.Text.Split('/', ' ', ',', '\n')).ToHashSet(StringComparer.Ordinal);
        words.Should().Contain(Enumerable.Range(0, Count).Select(i => string.Create(CultureInfo.InvariantCulture, $"P{i}")));
    }

    [Fact]
    public async Task the_limits_are_kept_by_a_test_on_another_node()
    {
        string[] settings = ["Notify:WeCom:MemberLimitPerMinute=3"];
        await using var host = await NotifyHost.StartAsync(settings, weCom => weCom.MemberLimit = 3);
        var example = await Example.MakeAsync(host, [new { kind = "account", account = "zhangsan" }]);
        await host.PostAsync("alarms", new { alarms = Enumerable.Range(0, 2).Select(i => new { name = $"A{i}", path = "Site1" }) });
        await host.WeCom.WaitForAsync(x => x.Delivered, count: 2);

        await using var other = await NotifyHost.StartAsync(settings, sameStoreAs: host);
        var outcomes = new List<string>();
        for (var i = 0; i < 2; i++)
        {
            var answer = await other.PostAsync(
                $"services/{example.ServiceId}/test", new { receivers = new[] { new { kind = "account", account = "zhangsan" } }, text = "Hello" });
            outcomes.Add((string)answer["results"]![0]!["outcome"]!);
        }

        outcomes.Should().Equal("delivered", "notSent");
        host.WeCom.Counters.MembersDropped.Should().Be(0);
    }
}
