using System.Net;
using Notify.Testing;

namespace Notify.Acceptance.Tests;

/// <summary>A node that serves no console (<c>Notify__Console=false</c>).</summary>
public sealed class WithoutConsoleTests
{
    [Fact]
    public async Task a_node_without_console_has_no_page_takes_alarms_in_and_serves_the_links_in_messages()
    {
        await using var host = await NotifyHost.StartAsync(["Notify:Console=false"]);
        foreach (var address in new[] { "/", "/sign-in", "/services", "/_blazor", "/no-such-page" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(address, UriKind.Relative));
            request.Headers.Accept.ParseAdd("text/html");
            using var answer = await host.Client.SendAsync(request);
            (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType).Should().Be((HttpStatusCode.NotFound, "application/problem+json"), address);
        }

        (await host.PostAsync("alarms", new { alarms = new[] { new { name = "Motor too hot" } } }))["accepted"]!.AsArray().Should().ContainSingle();
        using var link = await host.Client.GetAsync(new Uri("/a/nobodys-link", UriKind.Relative));
        link.Content.Headers.ContentType?.MediaType.Should().Be("text/html");
    }
}
