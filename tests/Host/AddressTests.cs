using System.Net;
using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Notify.Host.Operating;
using Notify.Testing;

namespace Notify.Host.Tests;

/// <summary>Where a proxy shows Notify below a path; and what the start says of addresses that nobody may have meant.</summary>
public sealed class AddressTests
{
    [Fact]
    public async Task below_a_path_every_link_has_it_and_both_ways_in_answer()
    {
        await using var host = await NotifyHost.StartAsync(["Notify:PublicUrl=https://ops.example.com/notify/"]);
        using var created = await host.Client.PostAsJsonAsync(new Uri("/api/v1/schedules", UriKind.Relative),
            new { kind = "holiday", name = "Day off", timeZone = "Asia/Shanghai", from = "2026-10-01", to = "2026-10-01" });
        var preview = await host.PostAsync("messages/preview", new { type = "wecom", content = "{urlPath}" });

        created.Headers.Location!.ToString().Should().StartWith("/notify/api/v1/schedules/schedule-");
        (await host.Client.GetAsync(created.Headers.Location)).StatusCode.Should().Be(HttpStatusCode.OK, "a proxy may leave the path in");
        (await host.Client.GetAsync(new Uri(created.Headers.Location.ToString()["/notify".Length..], UriKind.Relative))).StatusCode.Should()
            .Be(HttpStatusCode.OK, "or take it away");
        preview["text"]!.GetValue<string>().Should().StartWith("https://ops.example.com/notify/a/sample-");
    }

    [Fact]
    public async Task the_start_says_where_links_lead_and_that_it_listens_everywhere()
    {
        var log = new LogLines();
        await using var host = await NotifyHost.StartAsync(
            ["urls=http://0.0.0.0:0", "Logging:LogLevel:Notify.Addresses=Warning"], replace: services => services.AddSingleton<ILoggerProvider>(log));

        var said = await Eventually.GetAsync(
            () => Task.FromResult(log.Lines.Where(x => x.StartsWith("Notify", StringComparison.Ordinal)).ToList()), x => x.Count == 2);
        said.Should().ContainSingle(x => x.StartsWith(
            "Notify__PublicUrl is not set: links in messages point to http://", StringComparison.Ordinal)).Which.Should().NotContain("0.0.0.0");
        said.Should().ContainSingle(x => x.StartsWith("Notify listens on every network of this machine (http://", StringComparison.Ordinal));
        said.Should().NotContain(x => x.Contains('\n'));
    }

    [Theory]
    [InlineData("Host=db.example.com", "may be made without TLS", "SSL Mode=VerifyFull")]
    [InlineData("Host=10.0.0.7:5433;SSL Mode=Disable", "may be made without TLS", "ConnectionStrings__Notify")]
    [InlineData("Host=127.0.0.1,db.example.com;SSL Mode=Require", "(db.example.com) is encrypted, but the name in its certificate is not checked")]
    [InlineData("Host=db.example.com;SSL Mode=VerifyCA", "the name in its certificate is not checked", "SSL Mode=VerifyFull")]
    [InlineData("Host=db.example.com;SSL Mode=VerifyFull")]
    [InlineData("Host=127.0.0.1;Port=25432")]
    [InlineData("Host=localhost:5433;SSL Mode=Disable")]
    [InlineData("Host=[::1]")]
    [InlineData("Host=::1")]
    [InlineData("Host=/var/run/postgresql")]
    public void a_database_on_another_machine_without_tls_that_is_checked_is_told_of_with_the_setting(string connection, params string[] parts)
    {
        var said = Addresses.OfDatabase(connection + ";Username=notify;Password=a-password-of-the-database").ToList();
        said.Should().HaveCount(parts.Length == 0 ? 0 : 1);
        foreach (var part in parts) said[0].Should().Contain(part).And.NotContain("a-password");
    }

    [Theory]
    [InlineData("https://ops.example.com/notify?a=1", "query")]
    [InlineData("ops.example.com", "not an http or https address")]
    public async Task a_start_with_an_address_that_cannot_be_one_is_refused(string url, string why)
    {
        var start = () => NotifyHost.StartAsync([$"Notify:PublicUrl={url}"]);

        (await start.Should().ThrowAsync<Exception>()).Which.Message.Should().Contain("Notify:PublicUrl").And.Contain(why);
    }
}
