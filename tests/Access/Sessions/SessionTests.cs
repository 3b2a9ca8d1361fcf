using System.Text.Json.Nodes;
using Notify.Testing;

namespace Notify.Access.Tests.Sessions;

public sealed class SessionTests(SharedHost shared) : IClassFixture<SharedHost>
{
    private readonly MovedClock clock = shared.Clock;
    private readonly NotifyHost host = shared.Host;
    private readonly string name = SharedHost.NewName();
    private readonly string other = SharedHost.NewName();

    [Fact]
    public async Task who_signs_in_has_a_session_that_says_who_they_are_and_what_they_may_do()
    {
        using var browser = await host.SignedInAsync(name, "viewer");
        var answer = await browser.SendAsync("GET", "session");
        answer.Status.Should().Be(200, answer.Text);
        ((string?)answer.Body["userName"], (string?)answer.Body["name"], (string?)answer.Body["kind"]).Should().Be((name, $"The {name}", "user"));
        answer.Body["roles"]!.AsArray().Select(x => (string?)x).Should().Equal("viewer");
        answer.Body["permissions"]!.AsArray().Select(x => (string?)x).Should()
            .BeEquivalentTo("alarms.read", "configuration.read", "notifications.read");
        ((string?)answer.Body["session"]!["authentication"]).Should().Be("password");
        var (idle, end) = (answer.Body["session"]!["idleEnd"]!.GetValue<DateTimeOffset>(), answer.Body["session"]!["end"]!.GetValue<DateTimeOffset>());
        idle.Should().BeCloseTo(clock.GetUtcNow().AddMinutes(30), TimeSpan.FromMinutes(1));
        end.Should().BeCloseTo(clock.GetUtcNow().AddHours(12), TimeSpan.FromMinutes(1));
        (await browser.SendAsync("GET", "rules")).Status.Should().Be(200);
        (await browser.SendAsync("GET", "users")).Status.Should().Be(403);
    }

    [Fact]
    public async Task the_cookie_is_of_no_use_to_scripts_and_other_sites()
    {
        await host.MakePersonAsync(name);
        using var browser = Browser.Of(host);
        var answer = await browser.SendAsync("POST", "session", new { userName = name, password = SigningIn.Password });
        var cookie = answer.Headers.GetValues("Set-Cookie").Should().ContainSingle().Subject.ToLowerInvariant();
        cookie.Should().StartWith("notify=").And.Contain("httponly").And.Contain("samesite=lax").And.Contain("path=/")
            .And.NotContain("domain").And.NotContain("secure").And.NotContain("expires");
        answer.Text.Should().NotContain(cookie.Split('=', ';')[1]);
    }

    [Fact]
    public async Task behind_tls_the_cookie_is_bound_to_the_host()
    {
        await using var behind = await NotifyHost.StartAsync(["Notify:PublicUrl=https://ops.example.com"], replace: shared.UseClock, sameStoreAs: host);
        await host.MakePersonAsync(name);
        using var browser = new Browser(behind.Url, "https://ops.example.com");
        var answer = await browser.SendAsync("POST", "session", new { userName = name, password = SigningIn.Password });
        answer.Headers.GetValues("Set-Cookie").Single().Should().StartWith("__Host-notify=").And.Contain("; secure").And.Contain("; path=/");
    }

    [Fact]
    public async Task who_signs_in_ends_the_session_that_the_browser_had()
    {
        using var browser = await host.SignedInAsync(name);
        var (first, old) = ((string)(await browser.SendAsync("GET", "session")).Body["session"]!["id"]!, browser.CookieHeader);
        await browser.SignInAsync(name, SigningIn.Password);
        (await browser.SendAsync("GET", "sessions")).Body["items"]!.AsArray().Select(x => (string?)x!["id"]).Should().ContainSingle()
            .Which.Should().NotBe(first);
        using var thief = Browser.Of(host);
        (await thief.SendAsync("GET", "session", null, "Cookie", old)).Status.Should().Be(401);
        old = browser.CookieHeader;
        await host.MakePersonAsync(other);
        await browser.SignInAsync(other, SigningIn.Password);
        (await thief.SendAsync("GET", "session", null, "Cookie", old)).Status.Should().Be(401, "also of somebody else");
        foreach (var person in (string[])[name, other])
            (await OnRecordAsync("access.session_ended.v1", person)).Should().ContainSingle().Which["data"]!["why"]!.GetValue<string>()
                .Should().Be("replaced");
        (await browser.SendAsync("POST", "session", new { userName = other, password = "not this one at all" })).Status.Should().Be(401);
        (await browser.SendAsync("GET", "session")).Status.Should().Be(200, "who does not get in ends nothing");
    }

    [Fact]
    public async Task a_password_that_somebody_else_has_set_expires_unused()
    {
        var id = await host.MakePersonAsync(name, mustChange: true);
        await host.MakePersonAsync(other);
        clock.Advance(TimeSpan.FromDays(6.9));
        using var browser = Browser.Of(host);
        ((string?)(await browser.SignInAsync(name, SigningIn.Password))["duty"]).Should().Be("changePassword");
        clock.Advance(TimeSpan.FromDays(0.2));
        var refused = await browser.SendAsync("POST", "session", new { userName = name, password = SigningIn.Password });
        (refused.Status, refused.Detail).Should().Be(
            (401, "The password that you were given has expired unused. Ask who gave it to you for another one."));
        (await browser.SendAsync("POST", "session", new { userName = name, password = "not this one at all" })).Detail.Should()
            .Be("The user name or the password is wrong.");
        await Browser.Of(host).SignInAsync(other, SigningIn.Password);
        (await host.SendAsync("POST", $"users/{id}/password", new { password = SigningIn.Password })).Status.Should().Be(204);
        await browser.SignInAsync(name, SigningIn.Password);
    }

    [Fact]
    public async Task the_cookie_counts_only_in_requests_of_notifys_own_pages()
    {
        using var browser = await host.SignedInAsync(name, "administrator");
        var (own, otherPort) = (host.Url, $"http://127.0.0.1:{new Uri(host.Url).Port ^ 1}");
        (string Method, string? Origin, string? Site, int Status)[] requests =
        [
            // Of Notify's own page.
            ("GET", own, "same-origin", 200), ("GET", null, "same-origin", 200), ("GET", own, null, 200),
            ("DELETE", own, "same-origin", 404), ("DELETE", null, "same-origin", 404), ("DELETE", own, null, 404),
            // Of an address that somebody has typed.
            ("GET", null, "none", 200), ("DELETE", null, "none", 401),
            // Of nobody knows what.
            ("GET", null, null, 401), ("DELETE", null, null, 401), ("GET", "", "", 401), ("DELETE", "", "", 401),
            // Of other pages.
            ("GET", "https://evil.example", null, 401), ("DELETE", "https://evil.example", null, 401),
            ("DELETE", "https://evil.example", "same-origin", 401), ("DELETE", own, "cross-site", 401), ("GET", null, "cross-site", 401),
            ("GET", null, "same-site", 401), ("DELETE", null, "same-site", 401), ("GET", "null", null, 401), ("DELETE", "null", "same-origin", 401),
            ("DELETE", otherPort, null, 401), ("DELETE", own.Replace("http://", "https://", StringComparison.Ordinal), null, 401),
            ("DELETE", "not an origin", null, 401),
        ];
        var faults = new List<string>();
        foreach (var (method, origin, site, status) in requests)
        {
            string[] headers = ["If-Match", "*"];
            if (origin is not null) headers = [.. headers, "Origin", origin];
            if (site is not null) headers = [.. headers, "Sec-Fetch-Site", site];
            var answer = await browser.SendRawAsync(method, method == "GET" ? "/api/v1/rules" : "/api/v1/rules/rule-unknown", null, headers);
            if (answer.Status != status || (status == 401 && answer.Detail?.Contains("Origin or Sec-Fetch-Site", StringComparison.Ordinal) != true))
                faults.Add($"{method} of {origin ?? "nothing"}, {site ?? "nothing"}: {answer.Status} {answer.Detail}");
        }

        faults.Should().BeEmpty();
    }

    [Fact]
    public async Task an_api_key_needs_no_origin_and_counts_before_the_cookie()
    {
        using var browser = await host.SignedInAsync(name);
        (await browser.SendRawAsync("GET", "/api/v1/session", null, "Authorization", $"Bearer {NotifyHost.AdminKey}")).Body["kind"]!
            .GetValue<string>().Should().Be("apiKey");
        (await browser.SendAsync("GET", "session", null, "Authorization", "Bearer ntf_no_such_key_at_all")).Status.Should().Be(401);
    }

    [Fact]
    public async Task who_signs_out_is_out_also_with_the_old_cookie_and_on_the_other_node()
    {
        await using var second = await NotifyHost.StartAsync(replace: shared.UseClock, sameStoreAs: host);
        using var browser = await host.SignedInAsync(name);
        using var elsewhere = new Browser(second.Url);
        var cookie = browser.CookieHeader;
        (await elsewhere.SendAsync("GET", "session", null, "Cookie", cookie)).Status.Should().Be(200, "a session counts on every node at once");
        using var again = Browser.Of(host);
        await again.SignInAsync(name, SigningIn.Password);
        (await elsewhere.SendAsync("GET", "session", null, "Cookie", again.CookieHeader)).Status.Should().Be(200, "also of somebody who is known there");

        (await browser.SendAsync("DELETE", "session")).Status.Should().Be(204);
        browser.CookieHeader.Should().BeEmpty();
        var after = await browser.SendAsync("GET", "session", null, "Cookie", cookie);
        (after.Status, after.Detail).Should().Be((401, "The session has ended. Sign in again."));
        clock.Advance(TimeSpan.FromSeconds(5));
        (await elsewhere.SendAsync("GET", "session", null, "Cookie", cookie)).Status.Should().Be(401);
    }

    [Fact]
    public async Task a_session_in_which_nothing_is_done_is_over_and_one_in_which_something_is_done_goes_on()
    {
        using var idle = await host.SignedInAsync(name);
        using var active = Browser.Of(host);
        await active.SignInAsync(name, SigningIn.Password);
        for (var i = 0; i < 4; i++)
        {
            clock.Advance(TimeSpan.FromMinutes(16));
            (await active.SendAsync("GET", "session")).Status.Should().Be(200);
        }

        (await idle.SendAsync("GET", "session")).Status.Should().Be(401);
    }

    [Fact]
    public async Task no_session_lasts_longer_than_the_setting_says()
    {
        using var browser = await host.SignedInAsync(name);
        for (var hours = 0.0; hours < 11.9; hours += 0.4)
        {
            (await browser.SendAsync("GET", "session")).Status.Should().Be(200);
            clock.Advance(TimeSpan.FromHours(0.4));
        }

        clock.Advance(TimeSpan.FromMinutes(10));
        (await browser.SendAsync("GET", "session")).Status.Should().Be(401);
    }

    [Fact]
    public async Task a_disabled_person_and_a_removed_role_count_within_five_seconds()
    {
        using var browser = await host.SignedInAsync(name, "viewer");
        var user = await host.GetAsync($"users?search={name}");
        var (id, version) = ((string)user["items"]![0]!["id"]!, user["items"]![0]!["version"]!.GetValue<long>());
        (await browser.SendAsync("GET", "rules")).Status.Should().Be(200);
        var change = await host.PutAsync($"users/{id}", version, new { userName = name, name = "Li Na", roles = Array.Empty<string>(), signIn = "password" });
        change.Status.Should().Be(200, change.Text);
        clock.Advance(TimeSpan.FromSeconds(5));
        (await browser.SendAsync("GET", "rules")).Status.Should().Be(403);
        (await host.SendAsync("POST", $"users/{id}/disable", null, "If-Match", "*")).Status.Should().Be(200);
        clock.Advance(TimeSpan.FromSeconds(5));
        (await browser.SendAsync("GET", "session")).Status.Should().Be(401);
        (await browser.SendAsync("POST", "session", new { userName = name, password = SigningIn.Password })).Status.Should().Be(401);
    }

    [Fact]
    public async Task people_see_and_end_their_own_sessions_and_nobody_elses()
    {
        using var first = await host.SignedInAsync(name);
        using var second = Browser.Of(host);
        await second.SignInAsync(name.ToUpperInvariant(), SigningIn.Password);
        using var third = await host.SignedInAsync(other);
        var own = (await second.SendAsync("GET", "sessions")).Body["items"]!.AsArray();
        own.Select(x => x!["isCurrent"]!.GetValue<bool>()).Should().Equal(true, false);
        var id = (string)own[1]!["id"]!;
        (await third.SendAsync("DELETE", $"sessions/{id}")).Status.Should().Be(404);
        (await first.SendAsync("GET", "session")).Status.Should().Be(200);
        (await second.SendAsync("DELETE", $"sessions/{id}")).Status.Should().Be(204);
        (await first.SendAsync("GET", "session")).Status.Should().Be(401);
        (await second.SendAsync("GET", "session")).Status.Should().Be(200);
        (await second.SendAsync("DELETE", "sessions")).Status.Should().Be(204);
        (await second.SendAsync("GET", "session")).Status.Should().Be(401);
        (await third.SendAsync("GET", "session")).Status.Should().Be(200);
    }

    [Fact]
    public async Task who_manages_people_sees_the_sessions_of_a_person_and_ends_them_all()
    {
        using var browser = await host.SignedInAsync(name);
        var id = (string)(await browser.SendAsync("GET", "session")).Body["id"]!;
        (await browser.SendAsync("GET", $"users/{id}/sessions")).Status.Should().Be(403);
        (await host.GetAsync($"users/{id}/sessions"))["items"]!.AsArray().Should().ContainSingle();
        (await host.SendAsync("DELETE", $"users/{id}/sessions")).Status.Should().Be(204);
        (await browser.SendAsync("GET", "session")).Status.Should().Be(401);
        (await host.SendAsync("DELETE", "users/user-unknown/sessions")).Status.Should().Be(404);
    }

    [Fact]
    public async Task what_is_done_in_a_session_says_so_on_record()
    {
        using var browser = await host.SignedInAsync(name, "engineer");
        var made = await browser.SendAsync("POST", "messages", new { type = "wecom", name, content = "x" });
        made.Status.Should().Be(201, made.Text);
        var entry = (await OnRecordAsync("rules.message_created.v1", name)).Single();
        ((string?)entry["actor"]!["kind"], (string?)entry["authenticatedBy"]).Should().Be(("user", "password"));
        ((string?)(await OnRecordAsync("access.session_started.v1", name)).Single()["sourceIp"]).Should().Be("127.0.0.1");
        (await host.Client.GetAllFromAsync("audit?type=access.sign_in_succeeded.v1")).Should()
            .OnlyContain(x => (string)x["actor"]!["kind"]! == "apiKey", "a session is on record since it began");
    }

    [Fact]
    public async Task an_api_key_has_no_session_password_or_second_factor()
    {
        (await host.GetAsync("session"))["session"].Should().BeNull();
        (await host.SendAsync("GET", "sessions")).Status.Should().Be(403);
        (await host.SendAsync("DELETE", "session")).Status.Should().Be(403);
        (await host.SendAsync("POST", "session/password", new { password = "x", newPassword = "viola teapot lunar crescent" })).Status.Should().Be(403);
        (await host.SendAsync("POST", "session/second-factor", new { password = "x" })).Status.Should().Be(403);
        (await host.SendAsync("POST", "session/passkeys/options", new { password = "x" })).Status.Should().Be(403);
    }

    [Fact]
    public async Task a_restart_keeps_sessions()
    {
        using var browser = await host.SignedInAsync(name);
        var cookie = browser.CookieHeader;
        await using var again = await NotifyHost.StartAsync(replace: shared.UseClock, sameStoreAs: host);
        using var after = new Browser(again.Url);
        (await after.SendAsync("GET", "session", null, "Cookie", cookie)).Status.Should().Be(200);
    }

    private async Task<List<JsonObject>> OnRecordAsync(string type, string person) =>
        [.. (await host.Client.GetAllFromAsync($"audit?type={type}")).Where(x => (string?)x["actor"]!["name"] == $"The {person}")];
}
