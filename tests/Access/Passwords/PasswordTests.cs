using Notify.Testing;

namespace Notify.Access.Tests.Passwords;

public sealed class PasswordTests(SharedHost shared) : IClassFixture<SharedHost>
{
    private const string Another = "marble onion window forest";

    private readonly NotifyHost host = shared.Host;
    private readonly string name = SharedHost.NewName();

    [Fact]
    public async Task who_changes_their_password_keeps_this_session_and_loses_the_others()
    {
        using var browser = await host.SignedInAsync(name);
        using var other = Browser.Of(host);
        await other.SignInAsync(name, SigningIn.Password);
        var changed = await browser.SendAsync("POST", "session/password", new { password = SigningIn.Password, newPassword = Another });
        changed.Status.Should().Be(204, changed.Text);
        (await browser.SendAsync("GET", "session")).Status.Should().Be(200);
        (await other.SendAsync("GET", "session")).Status.Should().Be(401);
        (await other.SendAsync("POST", "session", new { userName = name, password = SigningIn.Password })).Status.Should().Be(401);
        await other.SignInAsync(name, Another);
    }

    [Fact]
    public async Task a_password_that_does_not_fit_changes_nothing()
    {
        using var browser = await host.SignedInAsync("li.na");
        (await Change(browser, SigningIn.Password, "short")).Faults.Should().Equal("newPassword");
        (await Change(browser, SigningIn.Password, "li.na li.na li.na")).Faults.Should().Equal("newPassword");
        (await Change(browser, SigningIn.Password, SigningIn.Password)).Faults.Should().Equal("newPassword");
        (await Change(browser, null, Another)).Faults.Should().Equal("password");
        (await Change(browser, "", "")).Faults.Should().Equal("newPassword", "password");
        var wrong = await Change(browser, "not this one at all", Another);
        (wrong.Status, wrong.Detail).Should().Be((403, "The password is wrong."));
        using var other = Browser.Of(host);
        await other.SignInAsync("li.na", SigningIn.Password);
        (await host.Client.GetAllFromAsync("audit?type=access.password_changed.v1")).Should().NotContain(x => (string?)x["actor"]!["name"] == "The li.na");
    }

    [Fact]
    public async Task who_must_change_their_password_may_do_nothing_else_before()
    {
        await host.MakePersonAsync(name, "administrator", mustChange: true);
        using var browser = Browser.Of(host);
        var session = await browser.SignInAsync(name, SigningIn.Password);
        ((string?)session["duty"]).Should().Be("changePassword");
        session["permissions"]!.AsArray().Should().BeEmpty();
        var refused = await browser.SendAsync("GET", "rules");
        (refused.Status, refused.Detail).Should().Be((403, "Choose a password of your own first: POST /api/v1/session/password."));
        (await Change(browser, SigningIn.Password, Another)).Status.Should().Be(204);
        (await browser.SendAsync("GET", "rules")).Status.Should().Be(200);
    }

    [Fact]
    public async Task nobody_sets_the_password_of_who_may_do_more()
    {
        var administrator = await host.MakePersonAsync(name, "administrator");
        await host.PostAsync("roles", new { name = "clerk", permissions = new[] { "people.read", "people.manage", "alarms.read" } });
        using var clerk = await host.SignedInAsync("clerk", "clerk");
        var body = new { password = Another };
        var refused = await clerk.SendAsync("POST", $"users/{administrator}/password", body);
        refused.Status.Should().Be(403, refused.Text);
        (await clerk.SendAsync("DELETE", $"users/{administrator}/second-factor")).Status.Should().Be(403);
        using var browser = Browser.Of(host);
        await browser.SignInAsync(name, SigningIn.Password);
        var own = (string)(await clerk.SendAsync("GET", "session")).Body["id"]!;
        (await clerk.SendAsync("POST", $"users/{own}/password", body)).Status.Should().Be(409, "that is what /session/password is for");
    }

    [Fact]
    public async Task a_password_is_set_only_where_it_is_one_and_ends_all_sessions()
    {
        using var browser = await host.SignedInAsync("zhang.wei");
        var id = (string)(await browser.SendAsync("GET", "session")).Body["id"]!;
        (await host.SendAsync("POST", $"users/{id}/password", new { })).Faults.Should().Equal("password");
        (await host.SendAsync("POST", $"users/{id}/password", new { password = "The zhang.wei the zhang.wei" })).Faults.Should().Equal("password");
        (await host.SendAsync("POST", "users/user-unknown/password", new { password = Another })).Status.Should().Be(404);
        var told = await host.PostAsync("users", new { userName = "told", name = "Told", roles = Array.Empty<string>(), signIn = "none" });
        (await host.SendAsync("POST", $"users/{told["id"]}/password", new { password = Another })).Status.Should().Be(409);
        (await browser.SendAsync("GET", "session")).Status.Should().Be(200);

        (await host.SendAsync("POST", $"users/{id}/password", new { password = Another })).Status.Should().Be(204);
        (await browser.SendAsync("GET", "session")).Status.Should().Be(401);
        var session = await browser.SignInAsync("zhang.wei", Another);
        ((string?)session["duty"]).Should().Be("changePassword", "that is the default");
    }

    private static Task<RestAnswer> Change(Browser browser, string? password, string? newPassword) =>
        browser.SendAsync("POST", "session/password", new { password, newPassword });
}
