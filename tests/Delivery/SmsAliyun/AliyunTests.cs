using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Notify.Delivery.Tests.Channels;
using Notify.Peers;
using Notify.Peers.SmsAliyun;
using Notify.Testing;

namespace Notify.Delivery.Tests.SmsAliyun;

/// <summary>Templates only, a receipt for each number, and the platform's limits for one.</summary>
public sealed class AliyunTests : IAsyncLifetime
{
    private const string Phone = "+8613800138000";
    private readonly AliyunStandIn platform = new();
    private readonly MovedClock clock = new();
    private NotifyHost host = null!;

    public async Task InitializeAsync()
    {
        await platform.StartAsync();
        host = await NotifyHost.StartAsync(
            [$"Notify:SmsAliyun:AllowedOrigins:0={platform.Origin}", "Notify:SmsAliyun:Timeout=00:00:02"],
            replace: services => services.Replace(ServiceDescriptor.Singleton<TimeProvider>(clock)));
        platform.AddTemplate("SMS_1", "${level}报警：${name}，值${value}。");
    }

    public async Task DisposeAsync()
    {
        await host.DisposeAsync();
        await platform.DisposeAsync();
    }

    [Fact]
    public async Task a_template_is_filled_in_and_delivered_when_the_phone_has_it()
    {
        platform.SetPhone("13800138000", AliyunPhone.Slow);
        await RuleAsync();
        await RaiseAsync("泵站过热");
        await Eventually.GetAsync(() => Task.FromResult(platform.Asked), x => x >= 2);
        await Eventually.GetAsync(host.NotificationsAsync, x => (string)x.Single()["status"]! == "Scheduled");
        platform.Confirm("13800138000");
        var delivered = (await host.EndedAsync(1))[0];
        ((string)delivered["status"]!).Should().Be("Delivered");
        platform.Shown.Should().ContainSingle().Which.Should().Be(new AliyunShown("13800138000", "【某某水厂】高报警：泵站过热，值-。"));
    }

    [Fact]
    public async Task numbers_abroad_go_with_their_countrys_code()
    {
        await RuleAsync("SMS_1", "+85251234567");
        await RaiseAsync("Pump hot");
        ((string)(await host.EndedAsync(1))[0]["status"]!).Should().Be("Delivered");
        platform.Shown.Single().To.Should().Be("85251234567");
    }

    [Fact]
    public async Task receipts_are_searched_before_anything_is_sent_again()
    {
        await RuleAsync();
        platform.Fail(new HttpFault(0, Acts: true));
        await RaiseAsync("Lost");
        var delivered = (await host.EndedAsync(1))[0];
        ((string)delivered["status"]!).Should().Be("Delivered");
        (platform.Taken, platform.Asked).Should().Be((1, 1));
        delivered["attempts"]!.AsArray().Select(x => (string)x!["outcome"]!).Should().Equal("unknown", "delivered");
    }

    [Fact]
    public async Task what_was_not_taken_is_sent_after_the_search()
    {
        await RuleAsync();
        platform.Fail(new HttpFault(0));
        await RaiseAsync("Silent");
        ((string)(await host.EndedAsync(1))[0]["status"]!).Should().Be("Delivered");
        platform.Taken.Should().Be(1);
        platform.Shown.Should().ContainSingle();
    }

    [Theory]
    [InlineData("isp.RAM_PERMISSION_DENY")]
    [InlineData("isv.A_CODE_OF_TOMORROW")]
    public async Task a_refused_query_says_nothing_about_what_was_taken_and_blocks_nothing(string code)
    {
        platform.RefusesReceipts = code;
        await RuleAsync();
        await RaiseAsync("Pump hot");
        for (var asked = 1; asked <= 3; asked++)
        {
            var attempts = asked + 1;
            await Eventually.GetAsync(host.NotificationsAsync, x => x is [var one] && one["attempts"]!.AsArray() is var all
                && (all.Count == attempts - 1 || all.Count == attempts) && all[^1]!["outcome"]?.GetValue<string>() == "accepted");
            clock.Advance(TimeSpan.FromSeconds(20));
            await Eventually.GetAsync(() => Task.FromResult(platform.Asked), x => x >= asked);
        }

        (await host.GetAsync("lanes"))["items"]!.AsArray().Should().NotBeEmpty().And.OnlyContain(x => x!["blocked"] == null);
        var waiting = (await Eventually.GetAsync(host.NotificationsAsync, x => x.Single()["attempts"]!.AsArray()[^1]!["outcome"] is not null)).Single();
        ((string?)waiting["attempts"]!.AsArray()[^1]!["platformCode"]).Should().Be(code);
        platform.RefusesReceipts = null;
        clock.Advance(TimeSpan.FromMinutes(1));
        ((string)(await host.EndedAsync(1))[0]["status"]!).Should().Be("Delivered");
        platform.Taken.Should().Be(1);
    }

    [Fact]
    public async Task what_may_have_been_taken_is_sent_again_if_receipts_are_refused()
    {
        platform.RefusesReceipts = "isp.RAM_PERMISSION_DENY";
        await RuleAsync();
        platform.Fail(new HttpFault(0, Acts: true));
        await RaiseAsync("Lost");
        await Eventually.GetAsync(() => Task.FromResult(platform.Taken), x => x == 2);
        (await host.GetAsync("lanes"))["items"]!.AsArray().Should().NotBeEmpty().And.OnlyContain(x => x!["blocked"] == null);
    }

    [Fact]
    public async Task a_phone_that_is_off_is_named_with_the_carriers_code()
    {
        platform.SetPhone("13800138000", AliyunPhone.Off);
        await RuleAsync();
        await RaiseAsync("Pump hot");
        var failed = (await host.EndedAsync(1))[0];
        ((string)failed["status"]!, (string)failed["receivers"]![0]!["platformCode"]!).Should().Be(("Failed", "MOBILE_NOT_ON_SERVICE"));
    }

    [Fact]
    public async Task a_number_that_has_had_its_day_fails_so_that_another_way_is_taken_and_others_do_not_wait()
    {
        (platform.PerNumber, platform.Window) = (1, "天");
        await RuleAsync();
        await RaiseAsync("First");
        await host.EndedAsync(1);
        await RaiseAsync("Second");
        var ended = await host.EndedAsync(2);
        ended.Select(x => $"{x["status"]} {x["receivers"]![0]!["platformCode"]}".TrimEnd()).Should().BeEquivalentTo(
            "Failed isv.BUSINESS_LIMIT_CONTROL", "Delivered");
    }

    [Fact]
    public async Task a_number_that_has_had_its_minute_waits_for_the_next()
    {
        (platform.PerNumber, platform.Window) = (1, "分钟");
        await RuleAsync();
        await RaiseAsync("First");
        await host.EndedAsync(1);
        await RaiseAsync("Second");
        var waiting = await Eventually.GetAsync(
            host.NotificationsAsync, x => x.Exists(n => (string)n["status"]! == "Scheduled" && n["attempts"]!.AsArray().Count > 0 && n["retryAt"] is not null));
        var second = waiting.Single(x => (string)x["status"]! == "Scheduled");
        (second["retryAt"]!.GetValue<DateTimeOffset>() - second["attempts"]![0]!["startedAt"]!.GetValue<DateTimeOffset>()).Should().BeGreaterThanOrEqualTo(
            TimeSpan.FromMinutes(1));
        (await host.GetAsync("lanes"))["items"]!.AsArray().Should().NotBeEmpty().And.OnlyContain(x => x!["blocked"] == null);
    }

    [Theory]
    [InlineData("SMS_2", "isv.SMS_TEMPLATE_ILLEGAL")]
    [InlineData("SMS_3", "isv.TEMPLATE_MISSING_PARAMETERS")]
    [InlineData("SMS_4", "isv.PARAM_NOT_SUPPORT_URL")]
    public async Task what_the_template_does_not_allow_is_named(string template, string code)
    {
        platform.AddTemplate("SMS_3", "${name} ${area}");
        platform.AddTemplate("SMS_4", "${link}");
        await RuleAsync(template);
        await RaiseAsync("Pump hot");
        await host.EndedAsync(1);
        var failed = (await host.GetAsync("notifications/failed"))["items"]!.AsArray().Single()!;
        failed.ToJsonString().Should().Contain(code).And.Contain("\"advice\"");
    }

    [Fact]
    public async Task a_text_alone_is_not_sent_and_says_what_to_do()
    {
        await RuleAsync();
        var answer = await host.PostAsync($"services/{serviceId}/test", new { receivers = new[] { new { kind = "mobile", account = Phone } }, text = "Hello" });
        var result = answer["results"]![0]!;
        ((string)result["outcome"]!, (string)result["platformCode"]!).Should().Be(("failed", "TEMPLATE"));
        ((string)result["advice"]!["en"]!).Should().StartWith("Test a message of this service");
        platform.Taken.Should().Be(0);
    }

    [Fact]
    public async Task the_connection_test_asks_with_the_key_and_tells_nobody()
    {
        await RuleAsync();
        ((string)(await host.PostAsync($"services/{serviceId}/connection-test", new { }))["outcome"]!).Should().Be("passed");
        foreach (var (key, secret, code) in new[]
        {
            (AliyunStandIn.KeyId, "wrong", "SignatureDoesNotMatch"), ("LTAI5tNobody", AliyunStandIn.KeySecret, "InvalidAccessKeyId.NotFound"),
        })
        {
            var wrong = (string)(await host.PostAsync("services", ServiceOf(platform.Origin, key, secret, $"Wrong {code}")))["id"]!;
            var failed = await host.PostAsync($"services/{wrong}/connection-test", new { });
            ((string)failed["outcome"]!, (string)failed["checks"]![0]!["code"]!).Should().Be(("failed", code));
        }

        platform.Taken.Should().Be(0);
    }

    private string serviceId = "";

    internal static JsonObject ServiceOf(string endpoint, string key, string secret, string name = "SMS") => new()
    {
        ["type"] = "sms-aliyun",
        ["name"] = name,
        ["sms-aliyun"] = new JsonObject { ["accessKeyId"] = key, ["accessKeySecret"] = secret, ["endpoint"] = endpoint },
    };

    internal static JsonObject MessageOf(string template) => new()
    {
        ["type"] = "sms-aliyun",
        ["name"] = "SMS",
        ["language"] = "zh",
        ["signName"] = AliyunStandIn.SignName,
        ["templateCode"] = template,
        ["parameters"] = new JsonObject { ["name"] = "{name}", ["level"] = "{level}", ["value"] = "{value}", ["link"] = "{urlPath}" },
    };

    private async Task RuleAsync(string template = "SMS_1", string number = Phone) => serviceId = await host.MakeRuleAsync(
        ServiceOf(platform.Origin, AliyunStandIn.KeyId, AliyunStandIn.KeySecret), MessageOf(template), ["ActiveUnacked"], [new { kind = "mobile", account = number }]);

    private Task<JsonObject> RaiseAsync(string name) => host.PostAsync("alarms", new { alarms = new[] { new { name, path = "Site1", level = "High" } } });
}
