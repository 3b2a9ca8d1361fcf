using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Notify.Testing;

namespace Notify.Access.Tests;

public sealed class SignInTests : IAsyncLifetime
{
    private readonly MovedClock clock = new();
    private NotifyHost host = null!;

    public async Task InitializeAsync() =>
        host = await NotifyHost.StartAsync(replace: services => services.Replace(ServiceDescriptor.Singleton<TimeProvider>(clock)));

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public async Task a_key_that_comes_in_is_on_record_once_a_day_for_each_address_whichever_node_it_comes_to()
    {
        for (var i = 0; i < 3; i++) await host.GetAsync("rules");
        await using (var second = await NotifyHost.StartAsync(sameStoreAs: host)) await second.GetAsync("rules");

        var entry = (await host.Client.GetAllFromAsync("audit?type=access.sign_in_succeeded.v1")).Should().ContainSingle().Subject;
        entry["actor"]!["name"]!.GetValue<string>().Should().Be("bootstrap");
        entry["authenticatedBy"]!.GetValue<string>().Should().Be("apiKey");
        entry["sourceIp"]!.GetValue<string>().Should().Be("127.0.0.1");
        entry["data"]!["role"]!.GetValue<string>().Should().Be("administrator");
    }

    [Fact]
    public async Task requests_with_a_wrong_key_are_counted_and_the_key_is_not_kept()
    {
        using var stranger = host.ClientWith("ntf_a_key_that_nobody_made");
        for (var i = 0; i < 5; i++) (await stranger.GetAsync(new Uri("/api/v1/rules", UriKind.Relative))).StatusCode.Should()
            .Be(HttpStatusCode.Unauthorized);

        var entries = await Eventually.GetAsync(() => host.Client.GetAllFromAsync("audit?type=access.sign_in_failed.v1"), x => x.Count > 0);
        entries[0]["actor"]!["id"]!.GetValue<string>().Should().Be("anonymous");
        entries[0]["sourceIp"]!.GetValue<string>().Should().Be("127.0.0.1");
        entries[0]["data"]!["count"]!.GetValue<int>().Should().BeInRange(1, 5);
        entries[0].ToJsonString().Should().NotContain("nobody_made");
    }

    [Fact]
    public async Task a_change_that_is_refused_is_on_record_with_who_asked_for_it()
    {
        await Example.MakeAsync(host);
        (await host.SendAsync("POST", "messages", new { type = "wecom", name = "Alarm text", content = "x" })).Status.Should().Be(409);
        (await host.SendAsync("POST", "messages", new { type = "wecom", name = "Other" })).Status.Should().Be(400);
        (await host.SendAsync("GET", "messages/message-unknown")).Status.Should().Be(404);

        var entries = await Eventually.GetAsync(() => host.Client.GetAllFromAsync("audit?type=access.request_refused.v1"), x => x.Count >= 2);
        entries.Select(x => x["data"]!["status"]!.GetValue<int>()).Should().BeEquivalentTo([409, 400]);
        entries.Should().OnlyContain(
            x => x["actor"]!["name"]!.GetValue<string>() == "bootstrap" && x["data"]!["path"]!.GetValue<string>() == "/api/v1/messages");
    }

    [Fact]
    public async Task a_flood_of_refused_requests_is_counted_and_fills_no_disk()
    {
        // Each of these would be a kind of its own, if the number of kinds had no bound.
        var methods = Enumerable.Range(0, 300).Select(i => $"METHOD{i}");
        foreach (var method in methods) await host.SendAsync(method, "no/such/address");
        // What comes again within a minute of its record is told of a minute later.
        clock.Advance(TimeSpan.FromMinutes(1));
        var entries = await Eventually.GetAsync(
            () => host.Client.GetAllFromAsync("audit?type=access.request_refused.v1"), x => x.Sum(e => e["data"]!["count"]!.GetValue<int>()) >= 300);
        entries.Count.Should().BeLessThan(130);
    }
}
