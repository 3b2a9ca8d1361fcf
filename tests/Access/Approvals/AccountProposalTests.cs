using Notify.Access.Tests.SecondFactor;
using Notify.Testing;

namespace Notify.Access.Tests.Approvals;

/// <summary>Where changes of people need approval, nobody takes over another person's account alone.</summary>
public sealed class AccountProposalTests(SignersHost shared) : IClassFixture<SignersHost>, IAsyncLifetime
{
    private readonly NotifyHost host = shared.Host;
    private readonly Browser author = shared.Boss;
    private readonly Browser approver = shared.Chief;
    private readonly string name = SharedHost.NewName();
    private Browser person = null!;
    private string id = "";

    public async Task InitializeAsync()
    {
        person = await host.SignedInAsync(name, "administrator");
        id = (string)(await person.SendAsync("GET", "session")).Body["id"]!;
    }

    public async Task DisposeAsync()
    {
        person.Dispose();
        await shared.EndApprovalsAsync();
    }

    [Fact]
    public async Task a_new_password_is_made_when_somebody_else_approves_and_only_they_see_it()
    {
        await RequireAsync();
        var chosen = await author.SendAsync("POST", $"users/{id}/password", new { password = SigningIn.Password });
        chosen.Faults.Should().Equal("password");
        chosen.Text.Should().Contain("leave the password out");
        (await author.SendAsync("POST", $"users/{id}/password", new { mustChange = false })).Faults.Should().Equal("mustChange");

        var proposed = await author.SendAsync("POST", $"users/{id}/password", new { }, "X-Change-Reason", "Forgotten");
        (proposed.Status, (string?)proposed.Body["kind"], (string?)proposed.Body["resource"]!["name"]).Should().Be((202, "password", $"The {name}"), proposed.Text);
        proposed.Body["password"].Should().BeNull();
        (await person.SendAsync("GET", "session")).Status.Should().Be(200, "nothing has happened yet");
        (await author.SendAsync("POST", $"proposals/{proposed.Id}/approve")).Status.Should().Be(403);

        var approved = await approver.SendAsync("POST", $"proposals/{proposed.Id}/approve");
        approved.Status.Should().Be(200, approved.Text);
        var password = (string)approved.Body["password"]!;
        password.Should().MatchRegex("^([a-z2-9]{4}-){6}[a-z2-9]{4}$");
        (await person.SendAsync("GET", "session")).Status.Should().Be(401);
        (await person.SendAsync("POST", "session", new { userName = name, password = SigningIn.Password })).Status.Should().Be(401);
        ((string?)(await person.SignInAsync(name, password))["duty"]).Should().Be("changePassword");

        foreach (var reader in new[] { author, approver })
            (await reader.SendAsync("GET", $"proposals/{proposed.Id}")).Text.Should().Contain("Approved").And.NotContain(password);
        var history = await host.Client.GetAllFromAsync("audit");
        history.Should().OnlyContain(x => !x.ToJsonString().Contains(password, StringComparison.Ordinal));
        var set = history.First(x => (string?)x["type"] == "access.password_set.v1" && x["approvedBy"] is not null);
        ((string?)set["actor"]!["name"], (string?)set["approvedBy"]!["name"], (string?)set["approvedBy"]!["proposal"], (string?)set["reason"])
            .Should().Be(("The boss", "The chief", proposed.Id, "Forgotten"));
        var verified = await host.PostAsync("audit/verify", new { });
        verified["valid"]!.GetValue<bool>().Should().BeTrue(verified.ToJsonString());
    }

    [Fact]
    public async Task a_second_factor_is_removed_when_somebody_else_approves()
    {
        await RequireAsync();
        (await author.SendAsync("DELETE", $"users/{id}/second-factor")).Status.Should().Be(409, "there is none to propose to remove");
        await SecondFactorTests.SetUpAsync(person);
        var proposed = await author.SendAsync("DELETE", $"users/{id}/second-factor");
        (proposed.Status, (string?)proposed.Body["kind"], (string?)proposed.Body["verb"]).Should().Be((202, "secondFactor", "delete"), proposed.Text);
        (await person.SendAsync("GET", "session")).Body["hasSecondFactor"]!.GetValue<bool>().Should().BeTrue();
        var approved = await approver.SendAsync("POST", $"proposals/{proposed.Id}/approve");
        approved.Status.Should().Be(200, approved.Text);
        (await person.SendAsync("GET", "session")).Status.Should().Be(401);
        (await person.SignInAsync(name, SigningIn.Password))["hasSecondFactor"]!.GetValue<bool>().Should().BeFalse();
    }

    [Fact]
    public async Task who_approves_must_be_allowed_all_that_the_person_is_since_they_could_come_in_as_them()
    {
        await host.PostAsync("roles", new { name = "clerk", permissions = new[] { "people.read", "people.manage", "configuration.read", "configuration.approve" } });
        using var clerk = await host.SignedInAsync("clerk", "clerk");
        await RequireAsync();
        var proposed = await author.SendAsync("POST", $"users/{id}/password", new { });
        proposed.Status.Should().Be(202, proposed.Text);
        var refused = await clerk.SendAsync("POST", $"proposals/{proposed.Id}/approve");
        (refused.Status, refused.Body["password"]).Should().Be((403, null), refused.Text);
        (await person.SendAsync("GET", "session")).Status.Should().Be(200);
    }

    [Fact]
    public async Task in_an_emergency_the_password_is_made_at_once()
    {
        await RequireAsync();
        var asked = await author.SendAsync(
            "POST", "emergency",
            new { reason = "Nobody can sign in", minutes = 10, kinds = new[] { "user" }, signature = new { password = SigningIn.Password } });
        asked.Status.Should().Be(201, asked.Text);
        var confirmed = await approver.SendAsync("POST", $"emergency/{asked.Id}/confirm", new { signature = new { password = SigningIn.Password } });
        confirmed.Status.Should().Be(200, confirmed.Text);
        var made = await author.SendAsync("POST", $"users/{id}/password", new { });
        made.Status.Should().Be(200, made.Text);
        await person.SignInAsync(name, (string)made.Body["password"]!);
        (await author.SendAsync("POST", $"emergency/{asked.Id}/end")).Status.Should().Be(200, "the other tests are in none");
    }

    private async Task RequireAsync() =>
        (await host.SendAsync("PUT", "approval-policy", new { kinds = new[] { "user" } }, "If-Match", "*")).Status.Should().Be(200);
}
