using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Notify.Testing;

namespace Notify.Access.Tests.SecondFactor;

public sealed partial class SecondFactorTests(SharedHost shared) : IClassFixture<SharedHost>
{
    [GeneratedRegex("^([2-9A-Z]{4}-){6}[2-9A-Z]{4}$", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Code();

    private readonly NotifyHost host = shared.Host;
    private readonly string name = SharedHost.NewName();

    [Fact]
    public async Task with_a_second_factor_the_password_alone_opens_nothing()
    {
        using var browser = await host.SignedInAsync(name);
        var (secret, recovery) = await SetUpAsync(browser, shared.Clock);
        using var other = Browser.Of(host);
        var refused = await SignIn(other, null);
        (refused.Status, refused.Detail).Should().Be((401, "A code of your authenticator app, or a recovery code, is needed too."));
        refused.Faults.Should().Equal("code");
        (await SignIn(other, "000000x")).Status.Should().Be(401);
        (await SignIn(other, "")).Status.Should().Be(401);
        other.CookieHeader.Should().BeEmpty();
        var session = await other.SignInAsync(name, SigningIn.Password, NextCode(secret));
        ((string?)session["session"]!["authentication"], session["hasSecondFactor"]!.GetValue<bool>()).Should().Be(("password+code", true));
        recovery.Should().HaveCount(10).And.OnlyHaveUniqueItems().And.OnlyContain(x => Code().IsMatch(x));
    }

    [Fact]
    public async Task a_code_counts_once_also_at_the_same_time_and_on_another_node()
    {
        using var browser = await host.SignedInAsync(name);
        var (secret, _) = await SetUpAsync(browser, shared.Clock);
        await using var second = await NotifyHost.StartAsync(sameStoreAs: host, replace: shared.UseClock);
        using var elsewhere = new Browser(second.Url);
        var code = NextCode(secret);
        var answers = await Task.WhenAll(SignIn(browser, code), SignIn(elsewhere, code));
        answers.Select(x => x.Status).Order().Should().Equal(200, 401);
        answers.Single(x => x.Status == 401).Detail.Should().Be("The code is wrong, or was used before.");
    }

    [Fact]
    public async Task a_code_lives_for_its_step_and_the_next()
    {
        using var browser = await host.SignedInAsync(name);
        var (secret, _) = await SetUpAsync(browser, shared.Clock);
        using var other = Browser.Of(host);
        shared.Clock.Advance(TimeSpan.FromMinutes(10));
        foreach (var steps in (int[])[-2, 1, 2])
            (await SignIn(other, AuthenticatorApp.CodeOf(secret, shared.Clock, steps))).Status.Should().Be(401, $"{steps} steps away");
        var code = NextCode(secret);
        shared.Clock.Advance(TimeSpan.FromSeconds(30));
        (await SignIn(other, code)).Status.Should().Be(200);
        (await SignIn(other, code)).Status.Should().Be(401, "once");
    }

    [Fact]
    public async Task the_code_that_ended_the_set_up_does_not_sign_in()
    {
        using var browser = await host.SignedInAsync(name);
        var begun = await browser.SendAsync("POST", "session/second-factor", new { password = SigningIn.Password });
        var code = AuthenticatorApp.CodeOf((string)begun.Body["secret"]!, shared.Clock);
        (await browser.SendAsync("POST", "session/second-factor", new { state = (string?)begun.Body["state"], code })).Status.Should().Be(200);
        (await SignIn(browser, code)).Status.Should().Be(401);
    }

    [Fact]
    public async Task a_recovery_code_counts_once_however_it_is_written()
    {
        using var browser = await host.SignedInAsync(name);
        var (_, recovery) = await SetUpAsync(browser, shared.Clock);
        using var other = Browser.Of(host);
        var session = await other.SignInAsync(name, SigningIn.Password, recovery[3].ToLowerInvariant().Replace("-", " ", StringComparison.Ordinal));
        ((string?)session["session"]!["authentication"]).Should().Be("password+recoveryCode");
        (await SignIn(other, recovery[3])).Status.Should().Be(401);
        await other.SignInAsync(name, SigningIn.Password, recovery[4]);
    }

    [Fact]
    public async Task a_set_up_needs_the_password_and_a_code_that_fits_and_is_nobody_elses()
    {
        using var browser = await host.SignedInAsync(name);
        (await browser.SendAsync("POST", "session/second-factor", new { password = "not this one at all" })).Status.Should().Be(403);
        (await browser.SendAsync("POST", "session/second-factor", new { })).Faults.Should().Equal("password");
        var begun = await browser.SendAsync("POST", "session/second-factor", new { password = SigningIn.Password });
        var (state, secret) = ((string)begun.Body["state"]!, (string)begun.Body["secret"]!);
        ((string)begun.Body["uri"]!).Should().Be($"otpauth://totp/Notify%3A{name}?secret={secret}&issuer=Notify&digits=6");
        (await browser.SendAsync("POST", "session/second-factor", new { state })).Faults.Should().Equal("code");
        (await browser.SendAsync("POST", "session/second-factor", new { state, code = "12345" })).Faults.Should().Equal("code");
        var code = AuthenticatorApp.CodeOf(secret, shared.Clock);
        (await browser.SendAsync("POST", "session/second-factor", new { state = state[..^4] + "AAAA", code })).Faults.Should().Equal("state");
        using var other = await host.SignedInAsync(SharedHost.NewName());
        (await other.SendAsync("POST", "session/second-factor", new { state, code })).Faults.Should().Equal("state");
        using var again = Browser.Of(host);
        await again.SignInAsync(name, SigningIn.Password);
    }

    [Fact]
    public async Task it_is_removed_with_the_password_or_by_who_manages_people()
    {
        using var browser = await host.SignedInAsync(name);
        await SetUpAsync(browser, shared.Clock);
        (await browser.SendAsync("DELETE", "session/second-factor", new { password = "not this one at all" })).Status.Should().Be(403);
        (await browser.SendAsync("DELETE", "session/second-factor", new { password = SigningIn.Password })).Status.Should().Be(204);
        (await browser.SendAsync("DELETE", "session/second-factor", new { password = SigningIn.Password })).Status.Should().Be(409);
        (await SignIn(browser, null)).Status.Should().Be(200);
        await SetUpAsync(browser, shared.Clock);
        var id = (string)(await browser.SendAsync("GET", "session")).Body["id"]!;
        (await host.SendAsync("DELETE", $"users/{id}/second-factor")).Status.Should().Be(204);
        (await browser.SendAsync("GET", "session")).Status.Should().Be(401);
        (await SignIn(browser, null)).Status.Should().Be(200);
    }

    [Fact]
    public async Task where_it_is_compulsory_nobody_does_anything_without()
    {
        await using var strict = await NotifyHost.StartAsync(["Notify:SignIn:SecondFactor=required"], sameStoreAs: host, replace: shared.UseClock);
        await host.MakePersonAsync(name, "viewer");
        using var browser = new Browser(strict.Url);
        ((string?)(await browser.SignInAsync(name, SigningIn.Password))["duty"]).Should().Be("setUpSecondFactor");
        var refused = await browser.SendAsync("GET", "rules");
        (refused.Status, refused.Detail).Should().Be((403, "Set up a second factor first: POST /api/v1/session/second-factor."));
        var (secret, _) = await SetUpAsync(browser, shared.Clock);
        var session = await browser.SignInAsync(name, SigningIn.Password, NextCode(secret));
        session["duty"].Should().BeNull();
        (await browser.SendAsync("GET", "rules")).Status.Should().Be(200);
    }

    internal static async Task<(string Secret, string[] Recovery)> SetUpAsync(Browser browser, TimeProvider? clock = null)
    {
        var begun = await browser.SendAsync("POST", "session/second-factor", new { password = SigningIn.Password });
        begun.Status.Should().Be(200, begun.Text);
        var (state, secret) = ((string)begun.Body["state"]!, (string)begun.Body["secret"]!);
        var ended = await browser.SendAsync("POST", "session/second-factor", new { state, code = AuthenticatorApp.CodeOf(secret, clock) });
        ended.Status.Should().Be(200, ended.Text);
        return (secret, [.. ((JsonArray)ended.Body["recoveryCodes"]!).Select(x => (string)x!)]);
    }

    /// <summary>One that has not been shown before.</summary>
    private string NextCode(string secret)
    {
        shared.Clock.Advance(TimeSpan.FromSeconds(30));
        return AuthenticatorApp.CodeOf(secret, shared.Clock);
    }

    private Task<RestAnswer> SignIn(Browser browser, string? code) =>
        browser.SendAsync("POST", "session", new { userName = name, password = SigningIn.Password, code });
}
