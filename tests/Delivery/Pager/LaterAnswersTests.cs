using System.Text.Json.Nodes;
using Notify.Delivery.Tests.Channels;
using Notify.Testing;

namespace Notify.Delivery.Tests.Pager;

/// <summary>The channel that exists only in tests: what it needs beside a text and a name, and answers that come later or for one receiver
/// each.</summary>
public sealed class LaterAnswersTests : IAsyncLifetime
{
    private readonly PagerPlatform platform = new() { Queues = "Queued" };
    private NotifyHost host = null!;

    public async Task InitializeAsync() => host = await NotifyHost.StartAsync(replace: x => x.AddPager(platform));

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public async Task what_is_accepted_is_asked_for_before_anything_is_sent_again()
    {
        await RuleAsync([new { kind = "pager", alias = "Night shift" }]);
        var notification = await RaiseAsync("Queued");
        ((string)notification["status"]!).Should().Be("Delivered");
        notification["attempts"]!.AsArray().Select(x => $"{x!["outcome"]} {x["platformCode"]}").Should()
            .Equal("accepted queued", "accepted underway", "delivered arrived");
        platform.Taken.Should().ContainSingle();
        platform.Asked.Should().Equal("request-1", "request-1");
        ((bool)notification["mayHaveArrivedTwice"]!).Should().BeFalse();
        await Eventually.GetAsync(
            () => host.GetAsync("audit?limit=1000"),
            x => x["items"]!.AsArray().Count(e => (string)e!["type"]! == "delivery.attempt_accepted.v1") == 2);
    }

    [Fact]
    public async Task receivers_that_are_judged_are_left_out_when_others_are_tried_again()
    {
        await RuleAsync([new { kind = "number", account = "1" }, new { kind = "number", account = "9" }, new { kind = "number", account = "8" }]);
        var notification = await RaiseAsync("Motor");
        ((string)notification["status"]!).Should().Be("PartlyDelivered");
        notification["receivers"]!.AsArray().Select(x => $"{x!["account"]} {x["outcome"]} {x["platformCode"]} {x["platformMessage"]}").Should()
            .Equal("1 delivered  ", "9 failed no.such.number Nobody has this number.", "8 delivered  ");
        platform.Taken.Select(x => x.Text).Should().Equal("1,9,8: Motor", "8: Motor");
    }

    [Fact]
    public async Task what_a_channel_throws_is_the_failure_of_that_one_notification()
    {
        platform.Throws = "Thrown";
        await RuleAsync([new { kind = "pager", alias = "Night shift" }, new { kind = "number", account = PagerRoutes.Lost }]);
        await host.PostAsync("alarms", new { alarms = new[] { new { name = "Thrown" }, new { name = "Motor" } } });
        var ended = await Eventually.GetAsync(() => host.GetAsync("notifications"), x => x["items"]!.AsArray() is { Count: 4 } all
            && all.All(n => (string)n!["status"]! is "Delivered" or "Failed"), TimeSpan.FromMinutes(1));
        ended["items"]!.AsArray().Select(x => $"{x!["alarmName"]} {x["receivers"]![0]!["kind"]} {x["status"]} {x["failedAt"]} {x["reason"]}").Should()
            .BeEquivalentTo(
                "Motor pager Delivered  ", "Thrown pager Failed  Notify failed while it was being sent: InvalidOperationException",
                "Motor number Failed planning InvalidOperationException: a fault of the channel's",
                "Thrown number Failed planning InvalidOperationException: a fault of the channel's");
    }

    [Fact]
    public async Task messages_and_receivers_have_fields_of_the_channels_own()
    {
        var fields = new JsonObject { ["subject"] = "{level} of {path}", ["parameters"] = new JsonObject { ["code"] = "{name}" } };
        await RuleAsync([new { kind = "pager", alias = "Night shift", tone = "high" }], fields);
        var notification = await RaiseAsync("Motor");
        platform.Taken.Select(x => x.Text).Should().Equal("Night shift (high): [subject=Medium of Site1] [parameters.code=Motor] Motor");
        ((string)notification["fields"]!["subject"]!).Should().Be("Medium of Site1");
        var preview = await host.PostAsync("messages/preview", new { type = "pager", content = "x", subject = "{name}", alarm = new { name = "Pump" } });
        ((string)preview["fields"]!["subject"]!).Should().Be("Pump");
    }

    private static JsonObject Service() => new()
    {
        ["type"] = "pager",
        ["name"] = "Pagers",
        ["pager"] = new JsonObject { ["token"] = "a-token-of-pagers", ["names"] = new JsonArray("Night shift") },
    };

    private Task<string> RuleAsync(object[] receivers, JsonObject? fields = null)
    {
        var message = fields ?? [];
        (message["type"], message["name"], message["content"]) = ("pager", "Page", "{name}");
        return host.MakeRuleAsync(Service(), message, ["ActiveUnacked"], receivers);
    }

    private async Task<JsonNode> RaiseAsync(string name)
    {
        await host.PostAsync("alarms", new { alarms = new[] { new { name, path = "Site1" } } });
        return (await host.EndedAsync(1))[0];
    }
}
