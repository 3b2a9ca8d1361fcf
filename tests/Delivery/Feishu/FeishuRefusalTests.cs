using System.Text.Json.Nodes;
using Notify.Peers.Feishu;
using Notify.Testing;

namespace Notify.Delivery.Tests.Feishu;

/// <summary>What a robot refuses is named with the platform's code, and with advice in both languages.</summary>
public sealed class FeishuRefusalTests(FeishuRefusalTests.Plant plant) : IClassFixture<FeishuRefusalTests.Plant>
{
    private readonly FeishuStandIn platform = plant.Platform;
    private readonly NotifyHost host = plant.Host;

    [Fact]
    public async Task each_check_of_a_robot_is_explained()
    {
        var service = await ServiceAsync(
            ("Signed", platform.AddRobot("signed", new("A", Secret: "right")), "wrong"),
            ("Unsigned", platform.AddRobot("unsigned", new("A", Secret: "right")), null),
            ("Keyword", platform.AddRobot("keyword", new("A", Keyword: "报警")), null),
            ("Gone", platform.UrlOf("gone"), null),
            ("Good", platform.AddRobot("good", new("B", Secret: "right")), "right"));
        var answer = await host.PostAsync($"services/{service}/test", new
        {
            receivers = ((string[])["Signed", "Unsigned", "Keyword", "Gone", "Good"]).Select(x => new { kind = "bot", alias = x }),
            text = "Hello",
        });
        var results = answer["results"]!.AsArray();
        results.Select(x => (string?)x!["platformCode"]).Should().Equal("19021", "19021", "19024", "19001", "0");
        results.Take(4).Should().OnlyContain(x => ((string)x!["advice"]!["zh"]!).Length > 0 && (string)x["outcome"]! == "failed");
        platform.Shown.Should().ContainSingle().Which.Should().Be(new FeishuShown("B", "text", "Hello"));
    }

    [Theory]
    [InlineData("https://open.feishu.cn.evil.example/open-apis/bot/v2/hook/abc")]
    [InlineData("https://open.feishu.cn@evil.example/open-apis/bot/v2/hook/abc")]
    [InlineData("http://open.feishu.cn/open-apis/bot/v2/hook/abc")]
    [InlineData("https://open.feishu.cn/open-apis/bot/v2/hook/")]
    [InlineData("https://open.feishu.cn/open-apis/bot/v2/hook/../abc")]
    [InlineData("https://open.feishu.cn/open-apis/bot/v2/hook/abc?x=1")]
    [InlineData("open.feishu.cn")]
    public async Task only_an_address_as_the_platform_gives_it_out_is_taken(string url)
    {
        var answer = await host.SendAsync("POST", "services", Body(("A", url, null)));
        answer.Status.Should().Be(400);
        answer.Faults.Should().ContainSingle().Which.Should().StartWith("feishu.bots[0].webhookUrl");
    }

    [Fact]
    public async Task an_address_is_read_masked_and_can_be_sent_back()
    {
        var id = await ServiceAsync(("A", "https://open.larksuite.com/open-apis/bot/v2/hook/8f5c1c1e-0000-4000-8000-3a9d00000001", "a-secret"));
        var read = await host.GetAsync($"services/{id}");
        ((string)read["feishu"]!["bots"]![0]!["webhookUrl"]!).Should().Be("https://open.larksuite.com/open-apis/bot/v2/hook/****0001");
        read["feishu"]!.ToJsonString().Should().NotContain("a-secret").And.NotContain("8f5c1c1e");
        (await host.PutAsync($"services/{id}", 1, read)).Status.Should().Be(200);
    }

    private async Task<string> ServiceAsync(params (string Alias, string Url, string? Secret)[] robots) =>
        (string)(await host.PostAsync("services", Body(robots)))["id"]!;

    private static JsonObject Body(params (string Alias, string Url, string? Secret)[] robots) => new()
    {
        ["type"] = "feishu",
        ["name"] = $"Feishu {Guid.NewGuid():N}",
        ["feishu"] = new JsonObject
        {
            ["bots"] = new JsonArray([.. robots.Select(x => new JsonObject
            {
                ["alias"] = x.Alias, ["webhookUrl"] = x.Url, ["signSecret"] = x.Secret,
            })]),
        },
    };

    public sealed class Plant : IAsyncLifetime
    {
        public FeishuStandIn Platform { get; } = new();
        public NotifyHost Host { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            await Platform.StartAsync();
            Host = await NotifyHost.StartAsync([$"Notify:Feishu:AllowedOrigins:0={Platform.Origin}"]);
        }

        public async Task DisposeAsync()
        {
            await Host.DisposeAsync();
            await Platform.DisposeAsync();
        }
    }
}
