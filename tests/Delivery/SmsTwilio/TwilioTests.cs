using System.Text.Json.Nodes;
using Notify.Delivery.Tests.Channels;
using Notify.Peers;
using Notify.Peers.SmsTwilio;
using Notify.Testing;

namespace Notify.Delivery.Tests.SmsTwilio;

/// <summary>What Twilio has taken is delivered when the phone has confirmed it; Twilio is asked, or says so by itself.</summary>
public sealed class TwilioTests : IAsyncLifetime
{
    private const string Public = "https://notify.example";
    private const string Phone = "+8613800138000";
    private readonly TwilioStandIn platform = new();
    private NotifyHost host = null!;

    public async Task InitializeAsync()
    {
        await platform.StartAsync();
        host = await NotifyHost.StartAsync([$"Notify:SmsTwilio:AllowedOrigins:0={platform.Origin}", $"Notify:PublicUrl={Public}"]);
        platform.CallbackAt = x => new(x.Replace(Public, host.Url.TrimEnd('/'), StringComparison.Ordinal));
    }

    public async Task DisposeAsync()
    {
        await host.DisposeAsync();
        await platform.DisposeAsync();
    }

    [Fact]
    public async Task what_the_phone_has_not_confirmed_is_not_delivered()
    {
        platform.SetPhone(Phone, TwilioPhone.Slow);
        await RuleAsync();
        await RaiseAsync("Pump hot", "ActiveUnacked");
        await Eventually.GetAsync(() => Task.FromResult(platform.Asked), x => x >= 2);
        // What the platform was asked is on record a moment after it has answered.
        var waiting = (await Eventually.GetAsync(host.NotificationsAsync, x => (string)x.Single()["status"]! == "Scheduled")).Single();
        ((string)waiting["receivers"]![0]!["outcome"]!).Should().NotBe("delivered");
        (await platform.ConfirmAsync(Phone)).Should().Equal(204);
        var delivered = (await host.EndedAsync(1))[0];
        ((string)delivered["status"]!).Should().Be("Delivered");
        delivered["attempts"]!.AsArray()[^1]!["platformCode"]!.ToString().Should().Be("delivered");
        delivered["attempts"]!.AsArray()[^1]!["platformMessage"]!.ToString().Should().Be("1 segment, 0.0075 USD");
        platform.Shown.Should().ContainSingle().Which.Text.Should().Be("Pump hot");
        platform.Taken.Single()["StatusCallback"].Should().Be($"{Public}/api/v1/reports/{serviceId}");
    }

    [Fact]
    public async Task a_report_hastens_the_question_and_one_that_is_not_signed_changes_nothing()
    {
        platform.SetPhone(Phone, TwilioPhone.Slow);
        await RuleAsync();
        await RaiseAsync("Pump hot", "ActiveUnacked");
        // From here the next question by itself is at least eight seconds away.
        await Eventually.GetAsync(() => Task.FromResult(platform.Asked), x => x >= 4);
        var due = await Eventually.GetAsync(DueAsync, x => x > DateTimeOffset.UtcNow);
        (await platform.ConfirmAsync(Phone, token: "a-token-of-somebody-else")).Should().Equal(403);
        (await DueAsync()).Should().Be(due);
        (await platform.ConfirmAsync(Phone)).Should().Equal(204);
        var delivered = (await host.EndedAsync(1))[0];
        delivered["attempts"]!.AsArray()[^1]!["startedAt"]!.GetValue<DateTimeOffset>().Should().BeBefore(due);
        (await host.SendAsync("POST", "reports/service-nobody", new JsonObject())).Status.Should().Be(404);
    }

    [Fact]
    public async Task what_the_platform_has_accepted_cannot_be_cancelled_and_its_receipt_is_asked_for()
    {
        platform.SetPhone(Phone, TwilioPhone.Slow);
        await RuleAsync();
        await RaiseAsync("Pump hot", "ActiveUnacked");
        await Eventually.GetAsync(() => Task.FromResult(platform.Asked), x => x >= 2);
        var id = (string)(await Eventually.GetAsync(host.NotificationsAsync, x => (string)x.Single()["status"]! == "Scheduled")).Single()["id"]!;
        var answer = await host.PostAsync("notifications/cancel", new { ids = new[] { id }, reason = "a test" });
        ((string?)answer["items"]![0]!["outcome"]).Should().Be("underWay");
        await platform.ConfirmAsync(Phone);
        ((string)(await host.EndedAsync(1))[0]["status"]!).Should().Be("Delivered");
    }

    [Theory]
    [InlineData(20003)]
    [InlineData(99999)]
    public async Task a_refused_question_says_nothing_about_what_was_taken_and_blocks_nothing(int code)
    {
        platform.RefusesQuestions = code;
        await RuleAsync();
        await RaiseAsync("Pump hot", "ActiveUnacked");
        await Eventually.GetAsync(() => Task.FromResult(platform.Asked), x => x >= 3);
        var waiting = (await Eventually.GetAsync(
            host.NotificationsAsync, x => x.Single()["attempts"]!.AsArray()[^1]!["platformCode"]?.ToString() == $"{code}")).Single();
        ((string?)waiting["status"], (string?)waiting["attempts"]!.AsArray()[^1]!["outcome"]).Should().Be(("Scheduled", "accepted"));
        (await host.GetAsync("lanes"))["items"]!.AsArray().Should().NotBeEmpty().And.OnlyContain(x => x!["blocked"] == null);
        platform.RefusesQuestions = null;
        (await platform.ConfirmAsync(Phone)).Should().NotContain(403);
        ((string)(await host.EndedAsync(1))[0]["status"]!).Should().Be("Delivered");
        platform.Taken.Should().ContainSingle();
    }

    [Fact]
    public async Task what_follows_does_not_wait_for_the_receipt_of_what_went_before()
    {
        platform.SetPhone(Phone, TwilioPhone.Slow);
        await RuleAsync();
        await RaiseAsync("Pump hot", "ActiveUnacked");
        await Eventually.GetAsync(() => Task.FromResult(platform.Taken.Count), x => x == 1);
        await RaiseAsync("Pump hot", "ClearedUnacked");
        await Eventually.GetAsync(() => Task.FromResult(platform.Taken.Count), x => x == 2);
        await platform.ConfirmAsync(Phone);
        (await host.EndedAsync(2)).Select(x => (string)x["status"]!).Should().AllBe("Delivered");
    }

    [Fact]
    public async Task a_long_text_leaves_message_by_message_in_order()
    {
        await RuleAsync();
        await RaiseAsync("Long", "ActiveUnacked", string.Join(' ', Enumerable.Range(100, 550).Select(i => $"wrd{i}")));
        var notification = (await host.EndedAsync(1))[0];
        ((string)notification["status"]!).Should().Be("Delivered");
        notification["attempts"]!.AsArray().Select(x => (string)x!["outcome"]!).Should().NotContain("unknown", "each part has its time");
        platform.Shown.Select(x => x.Text[..5]).Should().Equal("(1/3)", "(2/3)", "(3/3)");
        string.Concat(platform.Shown.Select(x => x.Text[6..])).Should().Contain("wrd100 ").And.Contain(" wrd649");
    }

    [Fact]
    public async Task each_refusal_of_a_number_is_that_receivers_and_has_advice()
    {
        platform.SetPhone("+15550000001", TwilioPhone.Off);
        platform.SetPhone("+15550000002", TwilioPhone.OptedOut);
        platform.SetPhone("+15550000003", TwilioPhone.Invalid);
        await RuleAsync("+15550000001", "+15550000002", "+15550000003", Phone);
        await RaiseAsync("Pump hot", "ActiveUnacked");
        var ended = (await host.EndedAsync(4)).OrderBy(x => (string)x["receivers"]![0]!["account"]!, StringComparer.Ordinal).ToList();
        ended.Select(x => $"{x["receivers"]![0]!["account"]} {x["status"]} {x["receivers"]![0]!["platformCode"]}".TrimEnd()).Should().Equal(
            "+15550000001 Failed 30003", "+15550000002 Failed 21610", "+15550000003 Failed 21211", "+8613800138000 Delivered");
        var failed = (await host.GetAsync("notifications/failed"))["items"]!.AsArray();
        failed.Should().HaveCount(3).And.OnlyContain(x => x!.ToJsonString().Contains("\"advice\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task a_platform_that_is_too_busy_is_waited_for()
    {
        platform.PerSecond = 1;
        await RuleAsync(Phone, "+15550000009");
        await RaiseAsync("Pump hot", "ActiveUnacked");
        (await host.EndedAsync(2)).Select(x => (string)x["status"]!).Should().AllBe("Delivered");
    }

    [Fact]
    public async Task the_connection_test_reads_the_account_and_tells_nobody()
    {
        await RuleAsync();
        var passed = await host.PostAsync($"services/{serviceId}/connection-test", new { });
        ((string)passed["outcome"]!, (string)passed["checks"]![0]!["lines"]![0]!).Should().Be(("passed", "active"));
        var wrong = (string)(await host.PostAsync("services", ServiceOf(platform.Origin, "a-token-that-is-wrong", "Wrong")))["id"]!;
        var failed = await host.PostAsync($"services/{wrong}/connection-test", new { });
        ((string)failed["outcome"]!, (string)failed["checks"]![0]!["code"]!).Should().Be(("failed", "20003"));
        platform.Taken.Should().BeEmpty();
    }

    private string serviceId = "";

    internal static JsonObject ServiceOf(string address, string token, string name = "SMS") => new()
    {
        ["type"] = "sms-twilio",
        ["name"] = name,
        ["sms-twilio"] = new JsonObject
        {
            ["accountSid"] = TwilioStandIn.AccountSid,
            ["authToken"] = token,
            ["from"] = TwilioStandIn.Sender,
            ["apiBaseUrl"] = address,
        },
    };

    private async Task RuleAsync(params string[] numbers) => serviceId = await host.MakeRuleAsync(
        ServiceOf(platform.Origin, TwilioStandIn.Token), new() { ["type"] = "sms-twilio", ["name"] = "SMS", ["content"] = "{name}{description}" },
        ["ActiveUnacked", "ClearedUnacked"], numbers.DefaultIfEmpty(Phone).Select(x => new { kind = "mobile", account = x }));

    private Task<JsonObject> RaiseAsync(string name, string state, string? description = null) =>
        host.PostAsync("alarms", new { alarms = new[] { new { name, path = "Site1", state, description } } });

    private async Task<DateTimeOffset> DueAsync() =>
        (await host.NotificationsAsync()).Single()["retryAt"] is { } due ? due.GetValue<DateTimeOffset>() : default;
}
