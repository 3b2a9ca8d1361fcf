using System.Text.Json.Nodes;
using Notify.Peers;
using Notify.Peers.DingTalk;
using Notify.Testing;

namespace Notify.Delivery.Tests.DingTalk;

/// <summary>What the platform refuses is named with its code, and with advice in both languages.</summary>
public sealed class DingTalkRefusalTests(DingTalkRefusalTests.Plant plant) : IClassFixture<DingTalkRefusalTests.Plant>
{
    private readonly DingTalkStandIn platform = plant.Platform;
    private readonly NotifyHost host = plant.Host;

    /// <summary>An app of its own, so that no test gets another one's token.</summary>
    private readonly string client = $"client-{Guid.NewGuid():N}";

    private readonly int shownBefore = plant.Platform.Shown.Count;
    private readonly int tokensBefore = plant.Platform.TokenCalls;

    private IEnumerable<DingTalkShown> Shown => platform.Shown.Skip(shownBefore);

    private int TokenCalls => platform.TokenCalls - tokensBefore;

    [Fact]
    public async Task each_check_of_a_robot_is_explained()
    {
        var service = await RobotsAsync(
            ("Signed", platform.AddRobot("signed", new("A", Secret: "SECright")), "SECwrong"),
            ("Keyword", platform.AddRobot("keyword", new("A", Keyword: "报警")), null),
            ("Stopped", platform.AddRobot("stopped", new("A", IsStopped: true)), null),
            ("Gone", platform.UrlOf("gone"), null),
            ("Good", platform.AddRobot("good", new("B", Secret: "SECright")), "SECright"));
        var results = await TestAsync(service, [.. ((string[])["Signed", "Keyword", "Stopped", "Gone", "Good"]).Select(Robot)]);
        results.Select(x => (string?)x!["platformCode"]).Should().Equal("310000", "310000", "400102", "300005", "0");
        results.Take(4).Should().OnlyContain(x => ((string)x!["advice"]!["zh"]!).Length > 0 && (string)x["outcome"]! == "failed");
        Shown.Should().ContainSingle().Which.Should().BeEquivalentTo(new DingTalkShown("B", "text", "Hello", []));
    }

    [Fact]
    public async Task a_ban_by_the_gateway_without_errcode_is_no_success()
    {
        var service = await RobotsAsync(("Good", platform.AddRobot("banned", new("B")), null));
        platform.Fail(new HttpFault(200, Body: """{"status":1111,"wait":5,"punish":"deny","source":"gateway"}"""));
        var result = (await TestAsync(service, Robot("Good"))).Single()!;
        ((string?)result["platformCode"], (string?)result["outcome"]).Should().Be(("1111", "failed"));
    }

    [Fact]
    public async Task an_answer_with_its_code_as_text_counts()
    {
        var service = await RobotsAsync(("Good", platform.AddRobot("text", new("B")), null));
        platform.Fail(new HttpFault(200, Acts: true, Body: """{"errcode":"0","errmsg":"ok"}"""));
        ((string?)(await TestAsync(service, Robot("Good"))).Single()!["outcome"]).Should().Be("delivered");
    }

    [Fact]
    public async Task everyone_is_each_member_and_each_has_an_outcome()
    {
        var service = await MembersAsync("right", "robot", "zhangsan", "lisi", "gone");
        var results = await TestAsync(service, Member("zhangsan"), Member("lisi"), Member("gone"));
        results.Select(x => (string?)x!["outcome"]).Should().Equal("delivered", "delivered", "failed");
        ((string?)results[2]!["platformList"]).Should().Be("invalidStaffIdList");
        await TestAsync(service, Member("@all"));
        Shown.Select(x => x.To).Should().Equal("zhangsan", "lisi", "zhangsan", "lisi");
        TokenCalls.Should().Be(1);
    }

    [Fact]
    public async Task a_token_that_ended_early_is_fetched_anew()
    {
        var service = await MembersAsync("right", "robot", "zhangsan");
        await TestAsync(service, Member("zhangsan"));
        platform.EndTokens();
        ((string?)(await TestAsync(service, Member("zhangsan"))).Single()!["outcome"]).Should().Be("delivered");
        TokenCalls.Should().Be(2);
    }

    [Fact]
    public async Task what_is_sent_at_once_shares_one_token()
    {
        var service = await MembersAsync("right", "robot", "zhangsan", "lisi", "wangwu");
        string[] members = ["zhangsan", "lisi", "wangwu"];
        await Task.WhenAll(members.Select(x => TestAsync(service, Member(x))));
        TokenCalls.Should().Be(1);
        platform.EndTokens();
        (await Task.WhenAll(members.Select(x => TestAsync(service, Member(x))))).Select(x => (string?)x.Single()!["outcome"]).Should().AllBe("delivered");
        TokenCalls.Should().Be(2);
    }

    [Theory]
    [InlineData("wrong", "robot", "invalidClientIdOrSecret")]
    [InlineData("right", "another", "invalidParameter.robotCode.auth")]
    public async Task wrong_credentials_of_an_app_are_explained(string secret, string robotCode, string code)
    {
        var service = await MembersAsync(secret, robotCode, "zhangsan");
        var result = (await TestAsync(service, Member("zhangsan"))).Single()!;
        ((string?)result["platformCode"], (string?)result["outcome"]).Should().Be((code, "failed"));
        ((string)result["advice"]!["zh"]!).Should().Contain("开发者后台");
    }

    [Fact]
    public async Task the_connection_test_tells_a_wrong_secret_without_sending()
    {
        var right = await host.PostAsync($"services/{await MembersAsync("right", "robot", "zhangsan")}/connection-test", new { });
        right.ToJsonString().Should().Contain("\"passed\":true");
        var wrong = await host.PostAsync($"services/{await MembersAsync("wrong", "robot", "zhangsan")}/connection-test", new { });
        wrong.ToJsonString().Should().Contain("\"passed\":false").And.Contain("invalidClientIdOrSecret").And.NotContain("\"wrong\"");
        Shown.Should().BeEmpty();
    }

    [Theory]
    [InlineData("{ \"sendTo\": [\"member\"] }", "dingtalk.app", "dingtalk.members")]
    [InlineData("{ \"sendTo\": [\"bot\"] }", "dingtalk.bots")]
    [InlineData("{ \"sendTo\": null }", "dingtalk.bots")]
    [InlineData("{ \"sendTo\": [\"fax\"], \"bots\": [] }", "dingtalk.sendTo[0]")]
    public async Task what_is_chosen_is_required(string settings, params string[] faults)
    {
        var answer = await host.SendAsync(
            "POST", "services", new JsonObject { ["type"] = "dingtalk", ["name"] = "D", ["dingtalk"] = JsonNode.Parse(settings) });
        answer.Status.Should().Be(400);
        faults.Should().OnlyContain(x => answer.Faults.Any(f => f.StartsWith(x, StringComparison.Ordinal)));
    }

    private async Task<string> RobotsAsync(params (string Alias, string Url, string? Secret)[] robots) => (string)(await host.PostAsync(
        "services", new
        {
            type = "dingtalk",
            name = $"D{Guid.NewGuid():N}",
            dingtalk = new { bots = robots.Select(x => new { alias = x.Alias, webhookUrl = x.Url, signSecret = x.Secret }) },
        }))["id"]!;

    private async Task<string> MembersAsync(string secret, string robotCode, params string[] users)
    {
        platform.AddApp(new(client, "right", "robot", ["zhangsan", "lisi", "wangwu"]));
        return (string)(await host.PostAsync("services", new
        {
            type = "dingtalk",
            name = $"D{Guid.NewGuid():N}",
            dingtalk = new
            {
                sendTo = new[] { "member" },
                app = new { clientId = client, clientSecret = secret, robotCode },
                members = users.Select(x => new { userId = x }),
            },
        }))["id"]!;
    }

    private async Task<JsonArray> TestAsync(string service, params object[] receivers) =>
        (await host.PostAsync($"services/{service}/test", new { receivers, text = "Hello" }))["results"]!.AsArray();

    private static object Robot(string alias) => new { kind = "bot", alias };

    private static object Member(string account) => new { kind = "member", account };

    public sealed class Plant : IAsyncLifetime
    {
        public DingTalkStandIn Platform { get; } = new();
        public NotifyHost Host { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            await Platform.StartAsync();
            Host = await NotifyHost.StartAsync(
                [$"Notify:DingTalk:AllowedOrigins:0={Platform.Origin}", $"Notify:DingTalk:ApiBaseUrl={Platform.Origin}"]);
        }

        public async Task DisposeAsync()
        {
            await Host.DisposeAsync();
            await Platform.DisposeAsync();
        }
    }
}
