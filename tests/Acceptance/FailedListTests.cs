using Notify.Peers.WeCom;
using Notify.Testing;

namespace Notify.Acceptance.Tests;

/// <summary>What could not be delivered is listed, can be sent again or dismissed, and stays in the history.</summary>
public sealed class FailedListTests : IAsyncLifetime
{
    private NotifyHost host = null!;

    public async Task InitializeAsync() => host = await NotifyHost.StartAsync();

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public async Task a_failed_notification_is_listed_until_it_is_sent_again()
    {
        var failed = await FailAsync("High pressure");
        (await CountAsync()).Should().Be(1);
        (await host.GetAsync("notifications/failed?search=everything"))["items"]!.AsArray().Should().ContainSingle("the rule's name is searched");
        (await host.GetAsync("notifications/failed?search=nothing-like-it"))["items"]!.AsArray().Should().BeEmpty();

        host.WeCom.ClearFaults();
        var answer = await host.PostAsync("notifications/resend", new { ids = new[] { failed, "notification-unknown" } });
        answer["items"]![0]!["outcome"]!.GetValue<string>().Should().Be("resent");
        answer["items"]![1]!["outcome"]!.GetValue<string>().Should().Be("notFound");

        var again = answer["items"]![0]!["notificationId"]!.GetValue<string>();
        var delivered = await Eventually.GetAsync(() => host.GetAsync($"notifications/{again}"), x => (string?)x["status"] == "Delivered");
        delivered["replayOf"]!.GetValue<string>().Should().Be(failed);
        (await host.GetAsync($"notifications/{failed}"))["resentAs"]!.GetValue<string>().Should().Be(again);
        (await CountAsync()).Should().Be(0);
        var twice = await host.PostAsync("notifications/resend", new { ids = new[] { failed } });
        twice["items"]![0]!["outcome"]!.GetValue<string>().Should().Be("notFailed", "it was sent again already");
    }

    [Fact]
    public async Task a_dismissed_notification_leaves_the_list_with_its_reason_and_stays_readable()
    {
        var failed = await FailAsync("Low level");
        using var without = await host.Client.PostAsync(
            new Uri("/api/v1/notifications/dismiss", UriKind.Relative), System.Net.Http.Json.JsonContent.Create(new { ids = new[] { failed } }));
        ((int)without.StatusCode).Should().Be(400);

        var answer = await host.PostAsync("notifications/dismiss", new { ids = new[] { failed }, reason = "told by phone" });
        answer["items"]![0]!["outcome"]!.GetValue<string>().Should().Be("dismissed");
        (await CountAsync()).Should().Be(0);
        var notification = await host.GetAsync($"notifications/{failed}");
        notification["status"]!.GetValue<string>().Should().Be("Dismissed");
        notification["reason"]!.GetValue<string>().Should().Be("told by phone");
        (await host.GetAsync($"audit?resource={failed}"))["items"]!.AsArray()[^1]!["actor"]!["name"]!.GetValue<string>().Should().Be("bootstrap");
    }

    /// <summary>44004: this message can never pass.</summary>
    private async Task<string> FailAsync(string name)
    {
        await Example.MakeAsync(host, [new { kind = "bot", alias = "Line 1" }]);
        host.WeCom.AddFault(new Fault(FaultKind.ErrCode) { Robot = Example.RobotKey, Code = 44004 });
        await host.PostAsync("alarms", new { alarms = new[] { new { name, path = "Site1" } } });
        var list = await Eventually.GetAsync(() => host.GetAsync("notifications/failed"), x => x["items"]!.AsArray().Count == 1);
        list["items"]![0]!["attempts"]![0]!["platformCode"]!.GetValue<string>().Should().Be("44004");
        return list["items"]![0]!["id"]!.GetValue<string>();
    }

    private async Task<int> CountAsync() => (await host.GetAsync("notifications/failed/count"))["count"]!.GetValue<int>();
}
