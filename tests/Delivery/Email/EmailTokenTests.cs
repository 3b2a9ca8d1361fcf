using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Notify.Peers;
using Notify.Peers.Email;
using Notify.Testing;

namespace Notify.Delivery.Tests.Email;

/// <summary>Signing in by access tokens that end, through the whole of Notify: from the alarm to the mail server, with a clock that is put
/// forward.</summary>
public sealed class EmailTokenTests : IAsyncLifetime
{
    private const string Address = "duty@plant.example";
    private readonly MovedClock clock = new();
    private TokenStandIn tokens = null!;
    private TokenMailServer server = null!;
    private NotifyHost host = null!;

    public async Task InitializeAsync()
    {
        tokens = new(clock);
        await tokens.StartAsync();
        server = new(tokens);
        host = await NotifyHost.StartAsync(
            ["Notify:Outgoing:AllowedNetworks:0=127.0.0.0/8", "Notify:Email:AllowHttp=true", "Notify:Email:LimitPerMinute=0",
                "Notify:Email:ProbeInterval=00:00:01"],
            replace: services => services.Replace(ServiceDescriptor.Singleton<TimeProvider>(clock)));
    }

    public async Task DisposeAsync()
    {
        await host.DisposeAsync();
        await server.DisposeAsync();
        await tokens.DisposeAsync();
    }

    private JsonObject Service(Action<JsonObject>? changeClient = null, Action<JsonObject>? change = null)
    {
        var client = new JsonObject
        {
            ["tokenEndpoint"] = tokens.Endpoint,
            ["clientId"] = TokenStandIn.ClientId,
            ["clientSecret"] = TokenStandIn.ClientSecret,
            ["scope"] = TokenStandIn.Scope,
        };
        changeClient?.Invoke(client);
        var settings = new JsonObject
        {
            ["from"] = EmailStandIn.User,
            ["host"] = "127.0.0.1",
            ["port"] = server.Port,
            ["security"] = "none",
            ["userName"] = EmailStandIn.User,
            ["authentication"] = "oauth2",
            ["oauth2"] = client,
        };
        change?.Invoke(settings);
        return new() { ["type"] = "email", ["name"] = "Mail", ["email"] = settings };
    }

    /// <summary>And a rule that tells of everything by it.</summary>
    private async Task<string> ServiceAsync(JsonObject service)
    {
        var id = (string)(await host.PostAsync("services", service))["id"]!;
        var message = await host.PostAsync(
            "messages", new { type = "email", name = "Mail", subject = "{name}", format = "text", content = "{name}" });
        var schedule = (await host.GetAsync("schedules?search=Default"))["items"]![0]!;
        await host.PostAsync("rules", new
        {
            name = "Mail",
            criteria = new { states = new[] { "ActiveUnacked" } },
            actions = new[]
            {
                new
                {
                    type = "email", serviceId = id, messageId = (string)message["id"]!, scheduleId = (string)schedule["id"]!,
                    receivers = new[] { new { kind = "address", account = Address } },
                },
            },
        });
        return id;
    }

    private Task<JsonObject> RaiseAsync(string name) => host.PostAsync("alarms", new { alarms = new[] { new { name, path = "Site1" } } });

    /// <returns>The token it was sent with.</returns>
    private async Task<string> MailAsync(string subject) => (await Eventually.GetAsync(
        () => Task.FromResult(server.Received), x => x.Any(m => m.Mail.Subject == subject))).Single(x => x.Mail.Subject == subject).Token;

    private Task<JsonNode> NotificationAsync(string alarm, Func<JsonNode, bool> fits) => Eventually.GetAsync(
        async () => (await host.GetAsync("notifications?limit=1000"))["items"]!.AsArray().FirstOrDefault(x => (string)x!["alarmName"]! == alarm)!,
        x => x is not null && fits(x));

    [Fact]
    public async Task one_token_serves_until_shortly_before_its_end_and_is_then_replaced_without_a_mail_that_waits_for_it()
    {
        await ServiceAsync(Service());
        await RaiseAsync("First");
        await RaiseAsync("Second");
        var token = await MailAsync("First");
        (await MailAsync("Second")).Should().Be(token);
        tokens.Issued.Should().Be(1);

        clock.Advance(TokenStandIn.Life - TimeSpan.FromMinutes(4));
        await RaiseAsync("Third");
        (await MailAsync("Third")).Should().Be(token, "it still serves");
        await Eventually.GetAsync(() => Task.FromResult(tokens.Issued), x => x == 2);
        clock.Advance(TimeSpan.FromMinutes(5));
        await RaiseAsync("Fourth");
        (await MailAsync("Fourth")).Should().NotBe(token);
        tokens.Issued.Should().Be(2);

        clock.Advance(2 * TokenStandIn.Life);
        await RaiseAsync("Fifth");
        await MailAsync("Fifth");
        tokens.Issued.Should().Be(3);
        foreach (var path in (string[])["services", "audit?limit=1000", "notifications"])
            (await host.GetAsync(path)).ToJsonString().Should().NotContain(TokenStandIn.ClientSecret).And.NotContain(token);
    }

    [Fact]
    public async Task a_token_that_was_revoked_is_replaced_at_the_next_try()
    {
        await ServiceAsync(Service());
        await RaiseAsync("First");
        var token = await MailAsync("First");

        tokens.Revoke();
        await RaiseAsync("Second");

        (await MailAsync("Second")).Should().NotBe(token);
        var attempts = (await NotificationAsync("Second", x => (string)x["status"]! == "Delivered"))["attempts"]!.AsArray();
        attempts.Should().HaveCount(2);
        ((string?)attempts[0]!["platformCode"]).Should().Be("5.7.3");
    }

    [Fact]
    public async Task a_refresh_token_is_good_for_access_tokens_and_the_one_that_replaces_it_is_used()
    {
        await ServiceAsync(Service(x => (x["grant"], x["refreshToken"]) = ("refreshToken", "the-first-refresh-token")));
        tokens.NextRefreshToken = "the-second-refresh-token";
        await RaiseAsync("First");
        await MailAsync("First");

        tokens.RevokeRefreshToken("the-first-refresh-token");
        clock.Advance(2 * TokenStandIn.Life);
        await RaiseAsync("Second");
        await MailAsync("Second");
        (await host.GetAsync("audit?limit=1000")).ToJsonString().Should().NotContain("the-second-refresh-token");
    }

    [Fact]
    public async Task what_the_token_endpoint_refuses_is_explained_and_what_was_held_leaves_when_it_is_corrected()
    {
        const string Wrong = "a-client-secret-of-somebody-else";
        var id = await ServiceAsync(Service(x => x["clientSecret"] = Wrong));
        var tested = (await host.PostAsync($"services/{id}/connection-test", new { })).ToJsonString();
        tested.Should().Contain("invalid_client").And.Contain("The token endpoint refused the client ID or the client secret.").And.NotContain(Wrong);

        await RaiseAsync("Held");
        var held = await NotificationAsync("Held", x => x["held"] is not null);
        held.ToJsonString().Should().Contain("invalid_client").And.NotContain(Wrong);
        var service = await host.GetAsync($"services/{id}");
        service["email"]!["oauth2"]!["clientSecret"] = TokenStandIn.ClientSecret;
        (await host.PutAsync($"services/{id}", 1, service)).Status.Should().Be(200);

        await MailAsync("Held");
        (await host.PostAsync($"services/{id}/connection-test", new { })).ToJsonString().Should().NotContain("\"passed\":false");
    }

    [Fact]
    public async Task a_token_endpoint_that_fails_is_asked_again_and_the_old_token_serves_meanwhile()
    {
        await ServiceAsync(Service());
        tokens.Fail(new HttpFault(503, Body: "<html>Service unavailable</html>"));
        await RaiseAsync("First");
        var token = await MailAsync("First");
        var attempts = (await NotificationAsync("First", x => (string)x["status"]! == "Delivered"))["attempts"]!.AsArray();
        ((string?)attempts[0]!["platformCode"], (bool?)attempts[0]!["mayHaveArrived"] ?? false).Should().Be(("TOKEN", false));

        tokens.Fail(new HttpFault(503), count: null);
        clock.Advance(TokenStandIn.Life - TimeSpan.FromMinutes(4));
        await RaiseAsync("Second");
        (await MailAsync("Second")).Should().Be(token);
    }

    [Fact]
    public async Task a_token_that_was_entered_serves_as_before()
    {
        var token = tokens.Issue();
        await ServiceAsync(Service(change: x =>
        {
            (x["authentication"], x["password"]) = ("xoauth2", token);
            x.Remove("oauth2");
        }));
        await RaiseAsync("First");
        (await MailAsync("First")).Should().Be(token);
        tokens.Issued.Should().Be(1);
    }

    [Fact]
    public async Task a_bad_client_is_refused_with_its_field()
    {
        foreach (var (change, field) in new (Action<JsonObject>, string)[]
        {
            (x => x.Remove("oauth2"), "oauth2"), (x => x["oauth2"] = null, "oauth2"), (x => x["oauth2"] = "x", "oauth2"),
            (x => x.Remove("userName"), "userName"),
            (x => x["oauth2"]!["tokenEndpoint"] = "", "oauth2.tokenEndpoint"), (x => x["oauth2"]!["tokenEndpoint"] = "token", "oauth2.tokenEndpoint"),
            (x => x["oauth2"]!["tokenEndpoint"] = "https://10.0.0.1/token", "oauth2.tokenEndpoint"),
            (x => x["oauth2"]!["tokenEndpoint"] = "https://user@login.example/token", "oauth2.tokenEndpoint"),
            (x => x["oauth2"]!["clientId"] = null, "oauth2.clientId"), (x => x["oauth2"]!["clientId"] = 1, "oauth2.clientId"),
            (x => x["oauth2"]!.AsObject().Remove("clientSecret"), "oauth2.clientSecret"),
            (x => x["oauth2"]!["clientSecret"] = "", "oauth2.clientSecret"),
            (x => x["oauth2"]!["grant"] = "password", "oauth2.grant"), (x => x["oauth2"]!["grant"] = "refreshToken", "oauth2.refreshToken"),
            (x => x["oauth2"]!["scope"] = "a\nb", "oauth2.scope"), (x => x["oauth2"]!["scopes"] = "a", "oauth2.scopes"),
        })
        {
            var service = Service(change: change);
            var refused = await host.SendAsync("POST", "services", service);
            refused.Status.Should().Be(400, service.ToJsonString());
            refused.Faults.Should().Equal([$"email.{field}"], service.ToJsonString());
        }
    }
}
