using System.Net;
using Notify.Testing;

namespace Notify.Access.Tests;

public sealed class BootstrapKeyTests : IAsyncLifetime
{
    private NotifyHost host = null!;

    public async Task InitializeAsync() => host = await NotifyHost.StartAsync();

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public async Task the_key_of_the_setting_gives_access_as_administrator()
    {
        var rule = await host.PostAsync("messages", new { type = "wecom", name = "A", content = "x" });
        rule["createdBy"]!["name"]!.GetValue<string>().Should().Be("bootstrap");
        rule["createdBy"]!["kind"]!.GetValue<string>().Should().Be("apiKey");
    }

    [Fact]
    public async Task any_other_key_is_refused_with_a_problem_document_and_health_needs_none()
    {
        foreach (var key in (string[])["ntf_some_other_key_of_right_length", "x", ""])
        {
            using var other = host.ClientWith(key);
            using var response = await other.GetAsync(new Uri("/api/v1/rules", UriKind.Relative));
            response.StatusCode.Should().Be(HttpStatusCode.Unauthorized, key);
            response.Content.Headers.ContentType!.MediaType.Should().Be("application/problem+json", key);
        }

        using var client = new HttpClient { BaseAddress = new Uri(host.Url) };
        (await client.GetAsync(new Uri("/health/live", UriKind.Relative))).StatusCode.Should().Be(HttpStatusCode.OK);
        (await client.GetAsync(new Uri("/health/ready", UriKind.Relative))).StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task a_new_bootstrap_key_in_the_setting_revokes_the_old_one()
    {
        const string Other = "ntf_another_administrator_key";
        await using (var second = await NotifyHost.StartAsync([$"Notify:Auth:BootstrapKey={Other}"], sameStoreAs: host))
        {
            using var old = second.ClientWith(NotifyHost.AdminKey);
            (await old.GetAsync(new Uri("/api/v1/rules", UriKind.Relative))).StatusCode.Should().Be(HttpStatusCode.Unauthorized);
            using var current = second.ClientWith(Other);
            (await current.GetAsync(new Uri("/api/v1/rules", UriKind.Relative))).StatusCode.Should().Be(HttpStatusCode.OK);
        }
    }
}
