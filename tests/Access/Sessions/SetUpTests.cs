using System.Net.Http.Headers;
using Notify.Testing;

namespace Notify.Access.Tests.Sessions;

public sealed class SetUpTests : IAsyncLifetime
{
    private static readonly object first = new { userName = "boss", name = "The Boss", password = SigningIn.Password };

    private NotifyHost host = null!;

    public async Task InitializeAsync() => host = await NotifyHost.StartAsync();

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public async Task the_first_administrator_is_made_at_the_machine_once()
    {
        using var browser = Browser.Of(host);
        (await browser.SendAsync("GET", "session/set-up")).Body["needed"]!.GetValue<bool>().Should().BeTrue();
        var done = await browser.SendAsync("POST", "session/set-up", first);
        done.Status.Should().Be(200, done.Text);
        (await browser.SendAsync("GET", "session/set-up")).Body["needed"]!.GetValue<bool>().Should().BeFalse();
        (await browser.SendAsync("POST", "session/set-up", first)).Status.Should().Be(409);
        (await browser.SendAsync("POST", "session/set-up", new { userName = "other", name = "X", password = SigningIn.Password })).Status.Should().Be(409);
        var session = await browser.SignInAsync("boss", SigningIn.Password);
        session["roles"]!.AsArray().Select(x => (string?)x).Should().Equal("administrator");
        (await browser.SendAsync("GET", "users")).Body["total"]!.GetValue<int>().Should().Be(1);
    }

    [Fact]
    public async Task of_many_at_once_on_two_nodes_one_is_done()
    {
        await using var second = await NotifyHost.StartAsync(sameStoreAs: host);
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(async i =>
        {
            using var browser = new Browser(i % 2 == 0 ? host.Url : second.Url);
            return (UserName: $"boss{i}",
                Answer: await browser.SendAsync("POST", "session/set-up", new { userName = $"boss{i}", name = "Boss", password = SigningIn.Password }));
        }));
        answers.Select(x => x.Answer.Status).Order().Should().Equal(200, 409, 409, 409, 409, 409, 409, 409);
        (await host.GetAsync("users"))["total"]!.GetValue<int>().Should().Be(1);
        using var winner = Browser.Of(host);
        await winner.SignInAsync(answers.Single(x => x.Answer.Status == 200).UserName, SigningIn.Password);
    }

    [Theory]
    [InlineData("X-Forwarded-For", "203.0.113.9")]
    [InlineData("Forwarded", "for=203.0.113.9")]
    [InlineData("Via", "1.1 proxy")]
    [InlineData("Host", "evil.example")]
    public async Task it_is_not_done_from_elsewhere_through_a_proxy_at_the_machine_or_by_another_name(string header, string value)
    {
        using var client = new HttpClient { BaseAddress = new Uri(host.Url) };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/session/set-up") { Content = System.Net.Http.Json.JsonContent.Create(first) };
        request.Headers.TryAddWithoutValidation(header, value);
        using var response = await client.SendAsync(request);
        ((int)response.StatusCode).Should().Be(403);
        using var withKey = new HttpRequestMessage(HttpMethod.Post, "/api/v1/session/set-up") { Content = System.Net.Http.Json.JsonContent.Create(first) };
        withKey.Headers.TryAddWithoutValidation(header, value);
        withKey.Headers.Authorization = new AuthenticationHeaderValue("Bearer", NotifyHost.AdminKey);
        using var done = await client.SendAsync(withKey);
        ((int)done.StatusCode).Should().Be(200);
    }

    [Fact]
    public async Task what_does_not_fit_is_named_and_makes_nobody()
    {
        using var browser = Browser.Of(host);
        (await browser.SendAsync("POST", "session/set-up", new { })).Faults.Should().Equal("name", "password", "userName");
        (await browser.SendAsync("POST", "session/set-up", new { userName = "", name = " ", password = "" })).Faults.Should()
            .Equal("name", "password", "userName");
        (await browser.SendAsync("POST", "session/set-up", new { userName = "bad name", name = "X", password = SigningIn.Password })).Faults.Should()
            .Equal("userName");
        (await browser.SendAsync("POST", "session/set-up", new { userName = "boss", name = "The Boss", password = "theboss theboss" })).Faults.Should()
            .Equal("password");
        (await browser.SendRawAsync("POST", "/api/v1/session/set-up", first, "Origin", "https://evil.example")).Status.Should().Be(403);
        (await host.GetAsync("users"))["total"]!.GetValue<int>().Should().Be(0);
        (await browser.SendAsync("GET", "session/set-up")).Body["needed"]!.GetValue<bool>().Should().BeTrue();
    }

    [Fact]
    public async Task where_somebody_can_sign_in_it_is_not_needed()
    {
        await host.MakePersonAsync("li.na", "administrator");
        using var browser = Browser.Of(host);
        (await browser.SendAsync("POST", "session/set-up", first)).Status.Should().Be(409);
    }
}
