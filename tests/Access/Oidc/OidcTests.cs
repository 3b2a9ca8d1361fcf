using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Notify.Peers.Oidc;
using Notify.Testing;

namespace Notify.Access.Tests.Oidc;

public sealed class OidcTests : IClassFixture<ProviderHost>
{
    private readonly IdentityProvider provider;
    private readonly NotifyHost host;
    private readonly ProviderPerson li;
    private readonly string name = SharedHost.NewName();
    private readonly string other = SharedHost.NewName();

    public OidcTests(ProviderHost shared)
    {
        (provider, host) = (shared.Provider, shared.Host);
        (provider.Person, provider.Strength, provider.TokenAudience) = (null, null, IdentityProvider.Audience);
        li = new($"subject {name}", name, "Li Na", $"{name}@example.com", [$"night {name}", "elsewhere"]);
    }

    [Fact]
    public async Task who_comes_for_the_first_time_is_added_and_is_in_the_groups_that_the_provider_names()
    {
        var night = await MakeGroupAsync($"Night {name}", li.Groups![0], "operator");
        var day = await MakeGroupAsync($"Day {name}", $"day {name}", "engineer");
        provider.Person = li;
        using var browser = Browser.Of(host);
        var end = await SignInAsync(browser, "/alarms?state=ActiveUnacked");
        (end.Status, end.Headers.Location?.OriginalString).Should().Be((302, "/alarms?state=ActiveUnacked"), end.Text);
        var session = (await browser.SendAsync("GET", "session")).Body;
        ((string?)session["userName"], (string?)session["name"], (string?)session["session"]!["authentication"]).Should().Be((name, "Li Na", "oidc"));
        session["roles"]!.AsArray().Select(x => (string?)x).Should().Equal("operator");
        ((string?)(await host.GetAsync($"users/{session["id"]}"))["email"]).Should().Be(li.Email);

        provider.Person = li with { Groups = [$"day {name}"] };
        await SignInAsync(browser);
        (await browser.SendAsync("GET", "session")).Body["roles"]!.AsArray().Select(x => (string?)x).Should().Equal("engineer");
        (await host.GetAsync($"groups/{night}"))["members"]!.AsArray().Should().BeEmpty();
        (await host.GetAsync($"groups/{day}"))["members"]!.AsArray().Should().ContainSingle();
        (await browser.SendAsync("POST", "session/password", new { password = "x", newPassword = SigningIn.Password })).Status.Should().Be(403);
    }

    [Fact]
    public async Task the_provider_makes_nobody_two_administrators_that_are_separated()
    {
        await using var separated = await StartAsync("Notify:Oidc:CreateUsers=true", "Notify:SeparateAdministrators=true");
        foreach (var (group, role) in new[] { ("day", "system-administrator"), ("night", "audit-administrator") })
            await separated.PostAsync("groups", new { name = group, oidcGroup = group, roles = new[] { role } });
        using var browser = Browser.Of(separated);
        foreach (var (groups, role) in new (string[], string)[]
            { (["day", "night"], "system-administrator"), (["night"], "audit-administrator"), (["day"], "system-administrator") })
        {
            provider.Person = li with { Groups = groups };
            var end = await SignInAsync(browser);
            end.Status.Should().Be(302, end.Text);
            (await browser.SendAsync("GET", "session")).Body["roles"]!.AsArray().Select(x => (string?)x).Should().Equal(role);
        }
    }

    [Fact]
    public async Task the_last_administrator_is_not_shut_out_when_the_provider_calls_the_group_otherwise()
    {
        await using var own = await StartAsync();
        var (old, now) = (
            await MakeGroupAsync("Administrators", "admins", "administrator", own),
            await MakeGroupAsync("New administrators", "ot-admins", "administrator", own));
        provider.Person = li with { Groups = ["admins"] };
        using var browser = Browser.Of(own);
        await SignInAsync(browser);
        var key = (await own.GetAsync("api-keys"))["items"]!.AsArray().Single(x => (string?)x!["name"] == "bootstrap")!;
        var revoked = await browser.SendAsync("POST", $"api-keys/{key["id"]}/revoke", null, "If-Match", "*");
        revoked.Status.Should().Be(200, revoked.Text);

        provider.Person = li with { Groups = ["ot-admins"] };
        await SignInAsync(browser);
        async Task<int> MembersAsync(string group) => (await browser.SendAsync("GET", $"groups/{group}")).Body["members"]!.AsArray().Count;
        (await MembersAsync(old), await MembersAsync(now)).Should().Be((0, 1));
        // With no such group at all, the one that cannot be left is kept.
        provider.Person = li with { Groups = [] };
        await SignInAsync(browser);
        (await MembersAsync(old), await MembersAsync(now)).Should().Be((0, 1));
    }

    [Fact]
    public async Task the_code_is_bound_to_the_browser_that_asked_for_it()
    {
        provider.Person = li;
        using var browser = Browser.Of(host);
        var start = await browser.SendRawAsync("GET", "/api/v1/session/oidc/start");
        var asked = start.Headers.Location!.Query;
        asked.Should().Contain("code_challenge_method=S256").And.Contain("response_type=code").And.Contain("state=").And.Contain("nonce=");
        var back = await FollowAsync(start.Headers.Location!);
        using var victim = Browser.Of(host);
        (await victim.SendRawAsync("GET", back.PathAndQuery)).Status.Should().Be(401, "it has none of the cookies of the one who asked");
        victim.CookieHeader.Should().BeEmpty();
        (await browser.SendRawAsync("GET", back.PathAndQuery)).Status.Should().Be(302);
        (await browser.SendRawAsync("GET", back.PathAndQuery)).Status.Should().Be(401, "a code counts once");
        (await browser.SendRawAsync("GET", "/api/v1/session/oidc/callback")).Status.Should().Be(401);
    }

    [Fact]
    public async Task whom_the_provider_refuses_or_nobody_knows_here_is_not_let_in()
    {
        using var browser = Browser.Of(host);
        (await SignInAsync(browser)).Status.Should().Be(401, "nobody is signed in at the provider");
        await host.MakePersonAsync(other);
        provider.Person = new($"subject {other}", other, "Wang");
        var refused = await SignInAsync(browser);
        (refused.Status, refused.Detail).Should().Be((401, "The identity provider signed you in, but you are not known here. Ask who manages people."));
        provider.Person = li;
        (await SignInAsync(browser)).Status.Should().Be(302);
        // The name was given to somebody else there.
        provider.Person = li with { Subject = $"another {name}" };
        using var elsewhere = Browser.Of(host);
        (await SignInAsync(elsewhere)).Status.Should().Be(401);
        provider.Person = li;
        var id = (string)(await browser.SendAsync("GET", "session")).Body["id"]!;
        await host.SendAsync("POST", $"users/{id}/disable", null, "If-Match", "*");
        (await SignInAsync(elsewhere)).Status.Should().Be(401);
        await using var strict = await StartAsync("Notify:Oidc:CreateUsers=false");
        using var unknown = Browser.Of(strict);
        (await SignInAsync(unknown)).Status.Should().Be(401, "nobody is added where no setting says so");
        (await strict.GetAsync("users"))["total"]!.GetValue<int>().Should().Be(0);
    }

    [Fact]
    public async Task another_site_begins_no_session_here()
    {
        provider.Person = li;
        using var browser = Browser.Of(host);
        foreach (var site in (string[])["cross-site", "same-site"])
        {
            var sent = await browser.SendRawAsync(
                "GET", "/api/v1/session/oidc/start", null, "Sec-Fetch-Site", site, "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document");
            (sent.Status, sent.Headers.Location?.OriginalString).Should().Be((302, "/sign-in"), site);
            browser.CookieHeader.Should().BeEmpty();
        }

        foreach (var site in (string[])["none", "same-origin"])
            (await browser.SendRawAsync("GET", "/api/v1/session/oidc/start", null, "Sec-Fetch-Site", site)).Headers.Location!.OriginalString
                .Should().StartWith(provider.Url);
    }

    [Fact]
    public async Task signing_in_there_ends_the_session_that_the_browser_had()
    {
        provider.Person = li;
        using var browser = await host.SignedInAsync(other);
        var old = browser.CookieHeader;
        (await SignInAsync(browser)).Status.Should().Be(302);
        ((string?)(await browser.SendAsync("GET", "session")).Body["userName"]).Should().Be(name);
        using var elsewhere = Browser.Of(host);
        old = old.Split("; ").Single(x => x.StartsWith("notify=", StringComparison.Ordinal));
        (await elsewhere.SendAsync("GET", "session", null, "Cookie", old)).Status.Should().Be(401);
    }

    [Fact]
    public async Task over_tls_the_cookies_of_a_sign_in_are_bound_to_the_host()
    {
        await using var behind = await NotifyHost.StartAsync([.. Settings(), "Notify:PublicUrl=https://ops.example.com"], sameStoreAs: host);
        using var browser = Browser.Of(behind);
        var start = await browser.SendRawAsync("GET", "/api/v1/session/oidc/start");
        var cookies = start.Headers.GetValues("Set-Cookie").ToList();
        cookies.Should().HaveCount(2).And.OnlyContain(x => x.StartsWith("__Host-notify-oidc-", StringComparison.Ordinal));
        foreach (var cookie in cookies)
            cookie.Should().ContainAll("; secure", "; path=/;", "; httponly", "; samesite=lax").And.NotContain("domain");
        // A browser sends them back over TLS: the sign-in goes on by them.
        provider.Person = li;
        var back = await FollowAsync(start.Headers.Location!);
        back.GetLeftPart(UriPartial.Authority).Should().Be("https://ops.example.com");
        var sent = string.Join("; ", cookies.Select(x => x.Split(';')[0]));
        (await browser.SendRawAsync("GET", back.PathAndQuery, null, "Cookie", sent)).Status.Should().Be(302);
        (await browser.SendRawAsync("GET", back.PathAndQuery)).Status.Should().Be(401);
    }

    [Fact]
    public async Task another_issuer_than_the_settings_say_signs_nobody_in_and_the_log_says_which_setting_does()
    {
        provider.Person = li;
        var log = new LogLines();
        await using var strict = await NotifyHost.StartAsync(
            [.. Settings(), "Notify:Oidc:Issuer=https://sso.example.com/realms/plant", "Logging:LogLevel:Notify.Access.Oidc=Warning"],
            replace: services => services.AddSingleton<ILoggerProvider>(log), sameStoreAs: host);
        using var browser = Browser.Of(strict);
        (await SignInAsync(browser)).Status.Should().Be(401);
        browser.CookieHeader.Should().NotContain("notify=");
        (await CallAsync(await TokenAsync(), "session", strict)).Status.Should().Be(401);
        var said = await Eventually.GetAsync(
            () => Task.FromResult(log.Lines.Where(x => x.Contains("sso.example.com", StringComparison.Ordinal)).ToList()), x => x.Count >= 2);
        said.Should().ContainMatch($"The identity provider calls itself {provider.Url}/, not https://sso.example.com/realms/plant*Notify__Oidc__Issuer*")
            .And.ContainMatch($"A sign-in at the identity provider failed: The token is of {provider.Url}/*");
        await using var named = await NotifyHost.StartAsync([.. Settings(), $"Notify:Oidc:Issuer={provider.Url}"], sameStoreAs: host);
        using var elsewhere = Browser.Of(named);
        (await SignInAsync(elsewhere)).Status.Should().Be(302);
    }

    [Fact]
    public async Task who_signed_in_there_less_strongly_than_the_settings_say_is_not_let_in()
    {
        await using var strict = await NotifyHost.StartAsync([.. Settings(), "Notify:Oidc:Acr=urn:mfa urn:smartcard"], sameStoreAs: host);
        provider.Person = li;
        using var browser = Browser.Of(strict);
        foreach (var (strength, status) in new[] { (null, 403), ("urn:password", 403), ("urn:smartcard", 302) })
        {
            provider.Strength = strength;
            var start = await browser.SendRawAsync("GET", "/api/v1/session/oidc/start");
            start.Headers.Location!.Query.Should().Contain("acr_values=urn%3Amfa%20urn%3Asmartcard");
            (await browser.SendRawAsync("GET", (await FollowAsync(start.Headers.Location!)).PathAndQuery)).Status.Should().Be(status, strength);
        }
    }

    [Fact]
    public async Task a_provider_that_is_away_is_told_of_as_such()
    {
        await using var without = await NotifyHost.StartAsync(
            ["Notify:Oidc:Authority=http://127.0.0.1:1", "Notify:Oidc:ClientId=notify"], sameStoreAs: host);
        using var browser = Browser.Of(without);
        var refused = await browser.SendRawAsync("GET", "/api/v1/session/oidc/start");
        (refused.Status, refused.Detail).Should().Be((503, "The identity provider cannot be reached. Try again shortly."));
        refused.RetryAfter.Should().NotBeNull();
    }

    [Fact]
    public async Task nobody_is_sent_to_another_site()
    {
        using var browser = Browser.Of(host);
        foreach (var returnUrl in (string[])["https://evil.example/", "//evil.example/", "/\\evil.example/", "evil"])
        {
            var answer = await browser.SendRawAsync("GET", $"/api/v1/session/oidc/start?returnUrl={Uri.EscapeDataString(returnUrl)}");
            answer.Status.Should().Be(400, returnUrl);
            answer.Faults.Should().Equal(["returnUrl"], returnUrl);
        }
    }

    [Fact]
    public async Task a_program_comes_in_with_an_access_token_of_the_provider_for_notify()
    {
        await host.PostAsync("users", new { userName = "robot", name = "The robot", roles = new[] { "viewer" }, signIn = "oidc" });
        var token = await TokenAsync();
        (await CallAsync(token, "session")).Body["userName"]!.GetValue<string>().Should().Be("robot");
        (await CallAsync(token, "rules")).Status.Should().Be(200);
        (await CallAsync(token, "users")).Status.Should().Be(403);
        var parts = token.Split('.');
        var forged = await CallAsync($"{parts[0]}.{parts[1]}.{parts[2][..^6]}AAAAAA", "rules");
        (forged.Status, forged.Detail).Should().Be((401, "The access token is not valid here."));
        provider.TokenAudience = "another-program";
        (await CallAsync(await TokenAsync(), "rules")).Status.Should().Be(401);
        (provider.TokenAudience, provider.Person) = (IdentityProvider.Audience, new("subject-9", "stranger", "Nobody"));
        (await CallAsync(await TokenAsync(), "rules")).Status.Should().Be(401);
        provider.Person = new("another-robot", "robot", "The robot");
        (await CallAsync(await TokenAsync(), "rules")).Status.Should().Be(401, "the name belongs to another subject");
        (await host.GetAsync("rules"))["total"]!.GetValue<int>().Should().Be(0, "keys come in as before");
    }

    [Fact]
    public async Task without_a_provider_there_is_no_such_address()
    {
        await using var plain = await NotifyHost.StartAsync();
        using var browser = Browser.Of(plain);
        (await browser.SendRawAsync("GET", "/api/v1/session/oidc/start")).Status.Should().Be(404);
    }

    private Task<NotifyHost> StartAsync(params string[] settings) => NotifyHost.StartAsync([.. Settings(), .. settings]);

    private string[] Settings() => ProviderHost.SettingsOf(provider);

    private async Task<string> MakeGroupAsync(string name, string oidcGroup, string role, NotifyHost? at = null) =>
        (string)(await (at ?? host).PostAsync("groups", new { name, oidcGroup, roles = new[] { role } }))["id"]!;

    /// <returns>The last answer of Notify's.</returns>
    private static async Task<RestAnswer> SignInAsync(Browser browser, string returnUrl = "/")
    {
        var start = await browser.SendRawAsync("GET", $"/api/v1/session/oidc/start?returnUrl={Uri.EscapeDataString(returnUrl)}");
        start.Status.Should().Be(302, start.Text);
        return await browser.SendRawAsync("GET", (await FollowAsync(start.Headers.Location!)).PathAndQuery);
    }

    /// <returns>Where the provider sends the browser back to.</returns>
    private static async Task<Uri> FollowAsync(Uri address)
    {
        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false });
        using var response = await client.GetAsync(address);
        response.StatusCode.Should().Be(HttpStatusCode.Redirect, await response.Content.ReadAsStringAsync());
        return response.Headers.Location!;
    }

    private async Task<string> TokenAsync()
    {
        using var client = new HttpClient();
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "client_credentials",
            ["client_id"] = "robot",
            ["client_secret"] = IdentityProvider.RobotSecret,
        });
        using var response = await client.PostAsync(new Uri($"{provider.Url}/connect/token"), form);
        return (string)JsonNode.Parse(await response.Content.ReadAsStringAsync())!["access_token"]!;
    }

    private async Task<RestAnswer> CallAsync(string token, string path, NotifyHost? at = null)
    {
        using var browser = Browser.Of(at ?? host);
        return await browser.SendRawAsync("GET", $"/api/v1/{path}", null, "Authorization", new AuthenticationHeaderValue("Bearer", token).ToString());
    }
}
