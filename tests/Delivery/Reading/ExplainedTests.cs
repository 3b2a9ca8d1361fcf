using System.Text.Json.Nodes;
using Notify.Peers.WeCom;
using Notify.Testing;

namespace Notify.Delivery.Tests.Notifications;

/// <summary>Whoever looks at a notification at night reads in it what happened and what to do, also where the platform gave no code.</summary>
public sealed class ExplainedTests : IAsyncLifetime
{
    private static readonly object[] robot = [new { kind = "bot", alias = "Line 1" }];
    private static readonly object[] accounts = [new { kind = "account", account = "zhangsan" }, new { kind = "account", account = "lisi" }];
    private NotifyHost host = null!;
    private string raised = "";

    public async Task InitializeAsync() => host = await NotifyHost.StartAsync();

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public async Task a_robots_message_whose_answer_was_spoilt_may_have_arrived_twice()
    {
        await Example.MakeAsync(host, robot);
        foreach (var (fault, twice) in new[] { (FaultKind.CutBody, true), (FaultKind.EmptyBody, true), (FaultKind.ResetAfter, true),
            (FaultKind.ErrCode, false) })
        {
            host.WeCom.AddFault(new Fault(fault) { Robot = Example.RobotKey, Count = 1 });
            var told = await RaiseAsync("Delivered", $"Spoilt by {fault}");
            told["attempts"]!.AsArray().Should().HaveCount(2, "{0}", fault);
            told["mayHaveArrivedTwice"]!.GetValue<bool>().Should().Be(twice, "{0}", fault);
        }
    }

    [Fact]
    public async Task a_page_in_the_answers_place_is_explained_while_it_is_tried_again()
    {
        await Example.MakeAsync(host, robot);
        host.WeCom.AddFault(new Fault(FaultKind.Html) { Robot = Example.RobotKey });
        Advice(await RaiseAsync("Scheduled")).Should().Contain("firewall").And.Contain("代理");
    }

    [Fact]
    public async Task whoever_gets_words_of_our_own_is_led_to_the_alarm()
    {
        await Example.MakeAsync(host, robot);
        host.WeCom.AddFault(new Fault(FaultKind.ErrCode) { Robot = Example.RobotKey, Code = 85002, Count = 1 });
        var told = await RaiseAsync("Delivered");
        host.WeCom.Received[^1].Text.Should().Contain($"/a/{((string)told["alarmId"]!)["alarm-".Length..]}").And.NotContain("High pressure");
    }

    [Fact]
    public async Task a_message_without_words_names_the_alarm_all_the_same()
    {
        var example = await Example.MakeAsync(host, robot);
        var message = await host.GetAsync($"messages/{example.MessageId}");
        message["content"] = "{description}";
        (await host.PutAsync($"messages/{example.MessageId}", message["version"]!.GetValue<long>(), message)).Status.Should().Be(200);
        await RaiseAsync("Delivered");
        host.WeCom.Received[^1].Text.Should().Contain("High pressure: Site1");
    }

    [Fact]
    public async Task what_some_accounts_did_not_get_is_explained()
    {
        await Example.MakeAsync(host, accounts);
        host.WeCom.AddApp(new(Example.CorpId, Example.AppSecret, Example.AgentId) { Members = ["zhangsan"] });
        var told = await RaiseAsync("PartlyDelivered");
        Advice(told).Should().Contain("Visible range").And.Contain("可见范围");
        Advice(await InTimelineAsync(told)).Should().Be(Advice(told));
    }

    [Fact]
    public async Task what_has_arrived_needs_no_explanation_in_its_alarms_timeline()
    {
        await Example.MakeAsync(host, robot);
        (await InTimelineAsync(await RaiseAsync("Delivered"))).AsObject().ContainsKey("explanation").Should().BeFalse();
    }

    [Fact]
    public async Task a_token_that_could_not_be_had_is_told_from_a_send_that_failed()
    {
        await Example.MakeAsync(host, accounts);
        host.WeCom.AddFault(new Fault(FaultKind.ErrCode) { Path = "/cgi-bin/gettoken", Code = 40013 });
        var held = await RaiseAsync("Scheduled");
        ((string)held["attempts"]![0]!["call"]!).Should().Be("gettoken");
        Advice(held).Should().Contain("My company").And.Contain("我的企业");
        (await InTimelineAsync(held))["explanation"]!.ToJsonString().Should().Be(held["explanation"]!.ToJsonString());
    }

    [Fact]
    public async Task a_robot_that_its_service_has_no_more_is_explained()
    {
        var example = await Example.MakeAsync(host, robot);
        host.WeCom.AddFault(new Fault(FaultKind.ErrCode) { Robot = Example.RobotKey, Code = 93000 });
        await RaiseAsync("Scheduled");
        var service = await host.GetAsync($"services/{example.ServiceId}");
        await host.SendAsync("POST", $"rules/{example.RuleId}/disable", null, "If-Match", "\"1\"");
        service["wecom"]!["bots"]!.AsArray().RemoveAt(0);
        (await host.PutAsync($"services/{example.ServiceId}", service["version"]!.GetValue<long>(), service)).Status.Should().Be(200);
        var failed = await EndAsync("Failed");
        ((string)failed["reason"]!).Should().Contain("no longer has the robot 'Line 1'");
        Advice(failed).Should().Contain("service").And.Contain("通知服务");
    }

    private async Task<JsonNode> RaiseAsync(string status, string name = "High pressure")
    {
        raised = (string)(await host.PostAsync("alarms", new { alarms = new[] { new { name, path = "Site1" } } }))["accepted"]![0]!["alarmId"]!;
        return await EndAsync(status);
    }

    /// <summary>Of the alarm that was raised; where its robot or app is blocked, there is one of Notify's own too.</summary>
    private async Task<JsonNode> EndAsync(string status) => (await Eventually.GetAsync(
        () => host.GetAsync($"notifications?alarmId={raised}"), x =>
        x["items"]!.AsArray() is [var one] && (string)one!["status"]! == status && one["attempts"]!.AsArray().Count > 0))["items"]![0]!;

    private async Task<JsonNode> InTimelineAsync(JsonNode notification) =>
        (await host.GetAsync($"alarms/{notification["alarmId"]}"))["timeline"]!.AsArray()
        .Select(x => x!["notification"]).Single(x => x is not null && (string)x["id"]! == (string)notification["id"]!)!;

    private static string Advice(JsonNode notification) =>
        $"{notification["explanation"]!["advice"]!["en"]} {notification["explanation"]!["advice"]!["zh"]}";
}
