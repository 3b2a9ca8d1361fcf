using System.Text.Json.Nodes;
using Notify.Channels.Sending;
using Notify.Channels.WeCom;
using Notify.Contracts.Rules;
using Notify.Peers.WeCom;
using Notify.Testing;

namespace Notify.Delivery.Tests.WeCom;

/// <summary>Departments and tags of the contacts, and a WeCom of one's own.</summary>
public sealed class WeComGroupsTests(WeComGroupsTests.Plant plant) : IClassFixture<WeComGroupsTests.Plant>
{
    private const string CorpId = "ww00000000000000aa";
    private readonly WeComStandIn own = plant.Own;
    private readonly NotifyHost host = plant.Host;

    [Fact]
    public async Task departments_and_tags_are_told_in_one_request_and_each_has_an_outcome()
    {
        var results = await TestAsync(await ServiceAsync(null), Of("account", "zhangsan"), Of("party", "2"), Of("party", "99"), Of("tag", "7"));
        results.Select(x => $"{x!["kind"]} {x["account"]} {x["outcome"]}").Should().Equal(
            "account zhangsan delivered", "party 2 delivered", "party 99 failed", "tag 7 delivered");
        ((string?)results[2]!["platformList"]).Should().Be("invalidparty");
        ((string)results[2]!["advice"]!["zh"]!).Should().Contain("部门");
        host.WeCom.Received.Should().ContainSingle().Which.ShownTo.Should().BeEquivalentTo("zhangsan", "lisi", "wangwu", "zhaoliu");
    }

    [Theory]
    [InlineData("party", "two")]
    [InlineData("tag", "")]
    [InlineData("party", "@all")]
    [InlineData("party", null)]
    public async Task a_department_or_tag_goes_by_its_number(string kind, string? id)
    {
        var answer = await host.SendAsync(
            "POST", $"services/{await ServiceAsync(null)}/test", new { receivers = new[] { Of(kind, id) }, text = "Hello" });
        answer.Status.Should().Be(400);
        answer.Faults.Should().OnlyContain(x => x.StartsWith("receivers[0]", StringComparison.Ordinal));
    }

    [Fact]
    public async Task a_service_with_an_address_of_its_own_calls_that_one()
    {
        var before = (host.WeCom.Received.Count, host.WeCom.Counters.TokenCalls);
        // An app of its own, for which there is no token yet.
        var service = await ServiceAsync(own.BaseUrl, Plant.OwnAgent);
        ((string?)(await TestAsync(service, Of("account", "zhangsan"))).Single()!["outcome"]).Should().Be("delivered");
        own.Received.Should().ContainSingle();
        (host.WeCom.Received.Count, host.WeCom.Counters.TokenCalls).Should().Be(before, "the secret goes to no other");
        ((string?)(await host.GetAsync($"services/{service}"))["wecom"]!["apiBaseUrl"]).Should().Be(own.BaseUrl.TrimEnd('/'));
    }

    [Theory]
    [InlineData("https://evil.example")]
    [InlineData("https://qyapi.weixin.qq.com@evil.example")]
    [InlineData("ftp://qyapi.weixin.qq.com")]
    [InlineData("https://qyapi.weixin.qq.com/?a=b")]
    [InlineData("qyapi.weixin.qq.com")]
    public async Task the_secret_goes_to_origins_of_the_operators_only(string address)
    {
        var answer = await host.SendAsync("POST", "services", Body(address));
        answer.Status.Should().Be(400);
        answer.Faults.Should().ContainSingle().Which.Should().StartWith("wecom.apiBaseUrl");
    }

    [Fact]
    public void a_hundred_departments_go_in_one_request()
    {
        var payloads = AppMessage.Plan(
            1, ["a"], new("text", "hot", Mentions.None), link: null, groups: new([.. Enumerable.Range(1, 150).Select(i => $"{i}")], ["7"]));
        payloads.Select(x => (x.Accounts.Count, x.Groups.Parties.Count, x.Groups.Tags.Count)).Should().Equal((1, 100, 1), (0, 50, 0));
    }

    [Fact]
    public void nobody_knows_who_is_in_a_department_so_it_counts_for_all()
    {
        var channel = TestChannels.All.Find("wecom")!;
        var routes = channel.Routes(JsonNode.Parse("""
            { "sendTo": ["account"], "app": { "corpId": "c", "agentId": 1, "secret": { "ref": "r", "fingerprint": "f" } },
              "accounts": [ { "account": "a", "name": "A" }, { "account": "b", "name": "B" } ] }
            """)!.AsObject());
        routes.AudienceOf([new Receiver("party", Account: "2")]).Should().BeEquivalentTo(new Audience([Receiver.All], 2));
    }

    private async Task<string> ServiceAsync(string? address, int agent = Plant.Agent) =>
        (string)(await host.PostAsync("services", Body(address, agent)))["id"]!;

    private async Task<JsonArray> TestAsync(string service, params object[] receivers) =>
        (await host.PostAsync($"services/{service}/test", new { receivers, text = "Hello" }))["results"]!.AsArray();

    private static object Body(string? address, int agentId = Plant.Agent) => new
    {
        type = "wecom",
        name = $"Plant {Guid.NewGuid():N}",
        wecom = new
        {
            sendTo = new[] { "account" },
            apiBaseUrl = address,
            app = new { corpId = CorpId, agentId, secret = $"the-secret-of-{agentId}" },
            accounts = new[] { new { account = "zhangsan" } },
        },
    };

    private static object Of(string kind, string? account) => new { kind, account };

    public sealed class Plant : IAsyncLifetime
    {
        internal const int Agent = 1000009, OwnAgent = 1000010;

        public WeComStandIn Own { get; private set; } = null!;
        public NotifyHost Host { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            Own = await WeComStandIn.StartAsync();
            Host = await NotifyHost.StartAsync([$"Notify:WeCom:AllowedOrigins:0={new Uri(Own.BaseUrl).GetLeftPart(UriPartial.Authority)}"]);
            foreach (var agent in (int[])[Agent, OwnAgent])
            {
                AppRegistration app = new(CorpId, $"the-secret-of-{agent}", agent)
                {
                    Members = ["zhangsan"],
                    Departments = new Dictionary<string, string[]> { ["2"] = ["lisi", "wangwu"] },
                    Tags = new Dictionary<string, string[]> { ["7"] = ["zhaoliu"] },
                };
                Host.WeCom.AddApp(app);
                Own.AddApp(app);
            }
        }

        public async Task DisposeAsync()
        {
            await Host.DisposeAsync();
            await Own.DisposeAsync();
        }
    }
}
