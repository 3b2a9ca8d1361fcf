using System.Text.Json.Nodes;
using Notify.Access.Verifying;
using Notify.Testing;

namespace Notify.Access.Tests.Passkeys;

public sealed class PasskeyTests(SharedHost shared) : IClassFixture<SharedHost>
{
    private readonly NotifyHost host = shared.Host;
    private readonly string name = SharedHost.NewName();

    /// <summary>As a browser has it: passkeys are bound to a name.</summary>
    private string Local => host.Url.Replace("127.0.0.1", "localhost", StringComparison.Ordinal);

    [Fact]
    public async Task a_passkey_signs_in_without_password_or_code()
    {
        using var browser = await SignedInAsync(name);
        await SecondFactor.SecondFactorTests.SetUpAsync(browser, shared.Clock);
        using var device = new PasskeyDevice(Local);
        var added = await AddAsync(browser, device, "Laptop");
        added.Status.Should().Be(200, added.Text);
        (await browser.SendAsync("GET", "session/passkeys")).Body["items"]!.AsArray().Select(x => (string?)x!["name"]).Should().Equal("Laptop");

        using var other = new Browser(Local);
        var signedIn = await SignInAsync(other, device);
        signedIn.Status.Should().Be(200, signedIn.Text);
        ((string?)signedIn.Body["userName"], (string?)signedIn.Body["session"]!["authentication"]).Should().Be((name, "passkey"));
        (await other.SendAsync("GET", "session")).Status.Should().Be(200);
    }

    [Fact]
    public async Task a_challenge_counts_once()
    {
        using var browser = await SignedInAsync(name);
        using var device = new PasskeyDevice(Local);
        await AddAsync(browser, device, "Laptop");
        var (state, options) = await ChallengeAsync(browser);
        var body = new { state, credential = device.Get(options) };
        var answers = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => browser.SendAsync("POST", "session/passkey", body)));
        answers.Select(x => x.Status).Order().Should().Equal(200, 401, 401);
        (await browser.SendAsync("POST", "session/passkey", body)).Status.Should().Be(401);
        string[] again = [state + "\n", " " + state, state + "=", state[..^1] + (char)(state[^1] + 1), state[..^1] + (char)(state[^1] - 1)];
        foreach (var written in again)
            (await browser.SendAsync("POST", "session/passkey", new { state = written, body.credential })).Status.Should().BeOneOf(400, 401);
        var (otherState, _) = await ChallengeAsync(browser);
        (await browser.SendAsync("POST", "session/passkey", new { state = otherState, body.credential })).Status.Should().Be(401);
    }

    [Fact]
    public async Task what_is_signed_for_another_site_or_by_nobody_opens_nothing()
    {
        using var browser = await SignedInAsync(name);
        using var device = new PasskeyDevice(Local);
        await AddAsync(browser, device, "Laptop");
        using var stranger = new PasskeyDevice(Local);
        (await SignInAsync(browser, stranger)).Status.Should().Be(401);
        device.Origin = "https://evil.example";
        (await SignInAsync(browser, device)).Status.Should().Be(401);
        (device.Origin, device.RpId) = (Local, "evil.example");
        (await SignInAsync(browser, device)).Status.Should().Be(401);
        (device.RpId, device.Verifies) = (null, false);
        (await SignInAsync(browser, device)).Status.Should().Be(401, "nobody was asked for a finger or a PIN");
        device.Verifies = true;
        (await SignInAsync(browser, device)).Status.Should().Be(200);
    }

    [Fact]
    public async Task a_copy_of_a_passkey_that_counts_is_found_out()
    {
        using var browser = await SignedInAsync(name);
        using var device = new PasskeyDevice(Local) { SignCount = 10 };
        await AddAsync(browser, device, "Key");
        (await SignInAsync(browser, device)).Status.Should().Be(200);
        device.SignCount = 10;
        (await SignInAsync(browser, device)).Status.Should().Be(401);
        device.SignCount = 100;
        (await SignInAsync(browser, device)).Status.Should().Be(200);
    }

    [Fact]
    public async Task adding_one_needs_the_password_and_an_answer_that_fits()
    {
        using var browser = await SignedInAsync(name);
        using var device = new PasskeyDevice(Local);
        (await browser.SendAsync("POST", "session/passkeys/options", new { })).Faults.Should().Equal("password");
        (await browser.SendAsync("POST", "session/passkeys/options", new { password = "not this one at all" })).Status.Should().Be(403);
        (await browser.SendAsync("POST", "session/passkeys", new { })).Faults.Should().Equal("credential", "name", "state");
        (await browser.SendAsync("POST", "session/passkeys", new { name = "", state = "", credential = (object?)null })).Faults.Should()
            .Equal("credential", "name", "state");
        (await browser.SendAsync("POST", "session/passkeys", new { name = "x", state = "nonsense", credential = new { } })).Faults.Should().Equal("state");
        var begun = await browser.SendAsync("POST", "session/passkeys/options", new { password = SigningIn.Password });
        var state = (string)begun.Body["state"]!;
        (await browser.SendAsync("POST", "session/passkeys", new { name = "x", state, credential = new { id = "x" } })).Faults.Should().Equal("credential");
        device.Origin = "https://evil.example";
        (await AddAsync(browser, device, "x")).Faults.Should().Equal("credential");
        device.Origin = Local;
        using var other = await SignedInAsync(SharedHost.NewName());
        (await other.SendAsync("POST", "session/passkeys", new { name = "x", state, credential = device.Create(begun.Body["options"]!) })).Faults.Should()
            .Equal("state");
        (await AddAsync(browser, device, "Laptop")).Status.Should().Be(200);
        (await AddAsync(browser, device, "Laptop again")).Faults.Should().Equal("credential");
        (await AddAsync(other, device, "Somebody else's")).Faults.Should().Equal("credential");
    }

    [Fact]
    public async Task neither_guesses_nor_a_wrong_password_slow_a_passkey_but_a_disabled_person_has_none()
    {
        using var browser = await SignedInAsync(name);
        var id = (string)(await browser.SendAsync("GET", "session")).Body["id"]!;
        using var device = new PasskeyDevice(Local);
        await AddAsync(browser, device, "Laptop");
        for (var i = 0; i <= SignInThrottle.FreeAtAddress; i++)
            await browser.SendAsync("POST", "session", new { userName = name, password = "not this one at all" });
        (await browser.SendAsync("POST", "session", new { userName = name, password = SigningIn.Password })).Status.Should().Be(429);
        (await SignInAsync(browser, device)).Status.Should().Be(200);
        await host.SendAsync("POST", $"users/{id}/disable", null, "If-Match", "*");
        (await SignInAsync(browser, device)).Status.Should().Be(401);
    }

    [Fact]
    public async Task a_removed_passkey_opens_nothing_any_more()
    {
        using var browser = await SignedInAsync(name);
        using var device = new PasskeyDevice(Local);
        var id = (string)(await AddAsync(browser, device, "Laptop")).Body["id"]!;
        var proof = new { password = SigningIn.Password };
        (await browser.SendAsync("DELETE", "session/passkeys/passkey-unknown", proof)).Status.Should().Be(404);
        (await browser.SendAsync("DELETE", $"session/passkeys/{id}", new { })).Faults.Should().Equal("password");
        (await browser.SendAsync("DELETE", $"session/passkeys/{id}", new { password = "not this one at all" })).Status.Should().Be(403);
        (await SignInAsync(browser, device)).Status.Should().Be(200);
        (await browser.SendAsync("DELETE", $"session/passkeys/{id}", proof)).Status.Should().Be(204);
        (await SignInAsync(browser, device)).Status.Should().Be(401);
        (await browser.SendAsync("GET", "session/passkeys")).Body["items"]!.AsArray().Should().BeEmpty();
    }

    private static async Task<RestAnswer> AddAsync(Browser browser, PasskeyDevice device, string name)
    {
        var begun = await browser.SendAsync("POST", "session/passkeys/options", new { password = SigningIn.Password });
        begun.Status.Should().Be(200, begun.Text);
        return await browser.SendAsync(
            "POST", "session/passkeys", new { name, state = (string)begun.Body["state"]!, credential = device.Create(begun.Body["options"]!) });
    }

    private static async Task<(string State, JsonNode Options)> ChallengeAsync(Browser browser)
    {
        var challenge = await browser.SendAsync("POST", "session/passkey/options");
        challenge.Status.Should().Be(200, challenge.Text);
        return ((string)challenge.Body["state"]!, challenge.Body["options"]!);
    }

    private static async Task<RestAnswer> SignInAsync(Browser browser, PasskeyDevice device)
    {
        var (state, options) = await ChallengeAsync(browser);
        return await browser.SendAsync("POST", "session/passkey", new { state, credential = device.Get(options) });
    }

    private async Task<Browser> SignedInAsync(string userName)
    {
        await host.MakePersonAsync(userName);
        var browser = new Browser(Local);
        await browser.SignInAsync(userName, SigningIn.Password);
        return browser;
    }
}
