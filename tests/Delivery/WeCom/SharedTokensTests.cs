using Notify.Testing;

namespace Notify.Delivery.Tests.WeCom;

/// <summary>One token for each app in the whole cluster, however many ask for it at once.</summary>
public sealed class SharedTokensTests : IAsyncLifetime
{
    private static readonly object[] account = [new { kind = "account", account = "zhangsan" }];
    private NotifyHost host = null!;
    private Example example = null!;

    public async Task InitializeAsync()
    {
        host = await NotifyHost.StartAsync(["Notify:WeCom:MemberLimitPerMinute=0"]);
        example = await Example.MakeAsync(host, account);
    }

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public async Task thirty_alarms_and_tests_on_two_nodes_fetch_one_token_and_a_refused_one_is_replaced_once()
    {
        await using (var other = await NotifyHost.StartAsync(["Notify:WeCom:MemberLimitPerMinute=0"], sameStoreAs: host))
        {
            await Task.WhenAll([PostAsync("a", 30), TestAsync(host), TestAsync(other), TestAsync(other)]);
            await DeliveredAsync(30);
            host.WeCom.Counters.TokenCalls.Should().Be(1);

            host.WeCom.InvalidateTokens(); // 40014
            await Task.WhenAll([PostAsync("b", 30), TestAsync(host), TestAsync(other), TestAsync(other)]);
            await DeliveredAsync(60);
            host.WeCom.Counters.TokenCalls.Should().Be(2);
        }

        await using var restarted = await NotifyHost.StartAsync(["Notify:WeCom:MemberLimitPerMinute=0"], sameStoreAs: host);
        await TestAsync(restarted);
        host.WeCom.Counters.TokenCalls.Should().Be(2, "a node that starts uses the token in the store");
        host.WeCom.ExpireTokens(); // 42001
        await TestAsync(restarted);
        host.WeCom.Counters.TokenCalls.Should().Be(3);
    }

    [Fact]
    public async Task no_token_lies_open_in_the_store()
    {
        await TestAsync(host);
        await using var source = Npgsql.NpgsqlDataSource.Create(host.ConnectionString);
        await using var command = source.CreateCommand(
            "select count(*) from notify.access_token where sealed is not null and length(sealed) > 200 and encode(sealed, 'escape') !~ '[A-Za-z0-9_-]{60}'");
        (await command.ExecuteScalarAsync()).Should().Be(1L);
    }

    private Task<System.Text.Json.Nodes.JsonObject> PostAsync(string prefix, int count) =>
        host.PostAsync("alarms", new { alarms = Enumerable.Range(0, count).Select(i => new { name = $"{prefix}{i}", path = "Site1" }) });

    private async Task TestAsync(NotifyHost node)
    {
        var answer = await node.PostAsync($"services/{example.ServiceId}/test", new { receivers = account, text = "Hello" });
        answer["results"]![0]!["outcome"]!.GetValue<string>().Should().Be("delivered", answer.ToJsonString());
    }

    private async Task DeliveredAsync(int count) => await Eventually.GetAsync(
        () => host.GetAsync("notifications?limit=100"), x => x["items"]!.AsArray().Count(y => (string)y!["status"]! == "Delivered") == count);
}
