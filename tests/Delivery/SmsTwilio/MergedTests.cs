using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Notify.Delivery.Tests.Channels;
using Notify.Peers.SmsTwilio;
using Notify.Testing;

namespace Notify.Delivery.Tests.SmsTwilio;

/// <summary>Notifications that went in one message are only asked for, however long each would have been by itself.</summary>
public sealed class MergedTests : IAsyncLifetime
{
    private readonly TwilioStandIn platform = new();
    private readonly MovedClock clock = new();
    private NotifyHost host = null!;

    public async Task InitializeAsync()
    {
        await platform.StartAsync();
        host = await NotifyHost.StartAsync(
            [$"Notify:SmsTwilio:AllowedOrigins:0={platform.Origin}", "Notify:SmsTwilio:MobileLimitPerMinute=4"],
            replace: services => services.Replace(ServiceDescriptor.Singleton<TimeProvider>(clock)));
    }

    public async Task DisposeAsync()
    {
        await host.DisposeAsync();
        await platform.DisposeAsync();
    }

    [Fact]
    public async Task what_was_merged_is_not_followed_by_parts_of_each()
    {
        var service = new JsonObject
        {
            ["accountSid"] = TwilioStandIn.AccountSid,
            ["authToken"] = TwilioStandIn.Token,
            ["from"] = TwilioStandIn.Sender,
            ["apiBaseUrl"] = platform.Origin,
        };
        await host.MakeRuleAsync(
            new() { ["type"] = "sms-twilio", ["name"] = "SMS", ["sms-twilio"] = service },
            new() { ["type"] = "sms-twilio", ["name"] = "SMS", ["content"] = "{name}{description}" },
            ["ActiveUnacked"], [new { kind = "mobile", account = "+8613800138000" }]);
        var description = string.Join(' ', Enumerable.Range(100, 350).Select(i => $"wrd{i}"));
        string[] names = ["First", "Second", "Third"];
        await host.PostAsync("alarms", new { alarms = names.Select(name => new { name, path = "Site1", description }) });
        await Eventually.GetAsync(() => Task.FromResult(platform.Shown.Count), x => x == 2);

        // The second and the third have fallen behind, and go in one message.
        clock.Advance(TimeSpan.FromSeconds(25));
        await Eventually.GetAsync(() => Task.FromResult(platform.Shown.Count), x => x == 3);
        clock.Advance(TimeSpan.FromMinutes(2));

        (await host.EndedAsync(3)).Select(x => (string)x["status"]!).Should().AllBe("Delivered");
        platform.Shown.Select(x => x.Text[..5]).Take(2).Should().Equal("(1/2)", "(2/2)");
        platform.Shown.Should().HaveCount(3).And.Subject.Last().Text.Should().Contain("Second").And.Contain("Third").And.NotContain("wrd");
    }
}
