using System.Globalization;
using Notify.Testing;

namespace Notify.Acceptance.Tests;

/// <summary>More alarms than WeCom lets a robot tell one by one: 20 messages a minute, in which everything must be said.</summary>
public sealed class StormTests : IAsyncLifetime
{
    private NotifyHost host = null!;

    public async Task InitializeAsync() => host = await NotifyHost.StartAsync();

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public async Task a_lane_that_falls_behind_merges_and_no_limit_is_broken()
    {
        const int Count = 300;
        await Example.MakeAsync(host, [new { kind = "bot", alias = "Line 1" }]);
        await host.PostAsync("alarms", new
        {
            alarms = Enumerable.Range(0, Count).Select(
                i => new { name = "High pressure", path = string.Create(CultureInfo.InvariantCulture, $"Site1/Line1/P{i}"), level = "High" }),
        });

        var notifications = await Eventually.GetAsync(
            () => host.GetAsync("notifications?limit=1000"), x =>
            x["items"]!.AsArray().Count(n => (string?)n!["status"] == "Delivered") == Count, TimeSpan.FromMinutes(3));

        host.WeCom.Counters.Rejected.Should().Be(0, "the stand-in refuses the 21st message of a minute");
        var received = host.WeCom.Received;
        var texts = received.Select(x => x.Text).ToList();
        var minutes = 1 + (int)(received[^1].At - received[0].At).TotalMinutes;
        texts.Should().HaveCountLessThanOrEqualTo(20 * minutes).And.Contain(x => x.Contains("alarms / 条报警"));
        var words = texts.SelectMany(x => x.Split('/', ' ', ',', '\n')).ToHashSet(StringComparer.Ordinal);
        for (var i = 0; i < Count; i++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"P{i}");
            words.Should().Contain(name, "each alarm must be told of");
        }

        // Each alarm's notification has its own outcome, and says in which message it went.
        var merged = notifications["items"]!.AsArray().Where(x => x!["attempts"]![0]!["mergedInto"] is not null).ToList();
        merged.Should().NotBeEmpty();
        var carrier = (string)merged[0]!["attempts"]![0]!["mergedInto"]!;
        (await host.GetAsync($"notifications/{carrier}"))["attempts"]![0]!["requests"]!.AsArray().Should().ContainSingle();
    }
}
