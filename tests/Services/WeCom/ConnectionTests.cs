using System.Text.Json.Nodes;
using Notify.Peers.WeCom;
using Notify.Testing;

namespace Notify.Services.Tests.WeCom;

public sealed class ConnectionTests(HostFixture fixture) : IClassFixture<HostFixture>, IAsyncLifetime
{
    private readonly NotifyHost host = fixture.Host;

    public Task InitializeAsync()
    {
        host.WeCom.ClearFaults();
        return Task.CompletedTask;
    }

    public Task DisposeAsync() => InitializeAsync();

    [Fact]
    public async Task a_secret_that_holds_passes_and_nobody_is_told()
    {
        host.WeCom.AddApp(new("ww1234567890abcdef", HostFixture.AppSecret, 1000002) { Members = ["zhangsan"] });
        var answer = await TestAsync((await fixture.CreateServiceAsync("zhangsan")).Id);
        ((string)answer["outcome"]!).Should().Be("passed");
        answer["checks"]!.AsArray().Select(x => $"{x!["call"]} {x["passed"]}").Should().Equal("webhook/send ", "gettoken true");
        host.WeCom.Received.Should().BeEmpty();
        var recorded = await Eventually.GetAsync(
            () => host.GetAsync("audit?type=services.connection_tested.v1"),
            x => x["items"]!.AsArray().Any(e => e!.ToJsonString().Contains("\"outcome\":\"passed\"", StringComparison.Ordinal)));
        recorded.ToJsonString().Should().NotContain(HostFixture.AppSecret);
    }

    [Fact]
    public async Task a_refusal_has_the_platforms_words_and_advice_but_no_secret()
    {
        host.WeCom.AddFault(new Fault(FaultKind.ErrCode) { Path = "/cgi-bin/gettoken", Code = 40013, Echoes = true });
        var answer = await TestAsync((await fixture.CreateServiceAsync("zhangsan")).Id);
        ((string)answer["outcome"]!).Should().Be("failed");
        var check = answer["checks"]!.AsArray()[^1]!;
        ((string)check["code"]!).Should().Be("40013");
        ((string)check["advice"]!["en"]!).Should().NotBeEmpty();
        answer.ToJsonString().Should().NotContain(HostFixture.AppSecret);
    }

    [Fact]
    public async Task robots_alone_cannot_be_tested_without_telling_somebody() =>
        ((string)(await TestAsync((await fixture.CreateServiceAsync()).Id))["outcome"]!).Should().Be("notTested");

    [Fact]
    public async Task a_secret_that_was_exchanged_for_another_is_a_failed_check()
    {
        var id = (await fixture.CreateServiceAsync("zhangsan")).Id;
        (await host.ChangeAsync(
            $$"""
            update notify.mt_events set data = jsonb_set(data, '{settings,weCom,app,secret,ref}', data #> '{settings,weCom,bots,0,key,ref}')
            where stream_id = '{{id}}'
            """)).Should().Be(1);
        // So that its events are read again.
        foreach (var (verb, version) in new[] { ("disable?confirm=1", 1), ("enable", 2) })
            (await host.SendAsync("POST", $"services/{id}/{verb}", null, "If-Match", $"\"{version}\"")).Status.Should().Be(200);

        var answer = await TestAsync(id);

        ((string)answer["outcome"]!).Should().Be("failed");
        ((string)answer["checks"]!.AsArray()[^1]!["lines"]![0]!).Should().MatchRegex(
            "^The secret [0-9a-f]{16} is not what lies under its reference\\.$");
    }

    [Fact]
    public async Task an_unknown_service_is_not_found() =>
        (await host.SendAsync("POST", "services/service-none/connection-test", null)).Status.Should().Be(404);

    private Task<JsonObject> TestAsync(string id) => host.PostAsync($"services/{id}/connection-test", new { });
}
