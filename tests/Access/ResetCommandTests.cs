using Microsoft.Extensions.DependencyInjection;
using Notify.Kernel;
using Notify.Testing;

namespace Notify.Access.Tests;

public sealed class ResetCommandTests(SharedHost shared) : IClassFixture<SharedHost>
{
    private static readonly AuditContext audit = new(new Actor("machine", "machine command", Actor.SystemKind), "reset", Reason: "lost the phone");

    private readonly NotifyHost host = shared.Host;
    private readonly string name = SharedHost.NewName();

    [Fact]
    public async Task the_machine_gives_an_administrator_a_password_for_one_sign_in()
    {
        using var browser = await host.SignedInAsync(name, "administrator");
        await SecondFactor.SecondFactorTests.SetUpAsync(browser);
        var id = (string)(await browser.SendAsync("GET", "session")).Body["id"]!;
        var password = await ResetAsync(name.ToUpperInvariant());
        password.Should().MatchRegex("^([a-z2-9]{4}-){6}[a-z2-9]{4}$");
        (await browser.SendAsync("GET", "session")).Status.Should().Be(401);
        (await browser.SendAsync("POST", "session", new { userName = name, password = SigningIn.Password })).Status.Should().Be(401);
        var session = await browser.SignInAsync(name, password);
        ((string?)session["duty"], session["hasSecondFactor"]!.GetValue<bool>()).Should().Be(("changePassword", false));
        var entry = (await host.Client.GetAllFromAsync("audit?type=access.sessions_ended.v1")).First(x =>
            (string?)x["data"]!["why"] == "reset" && ((string)x["resource"]!["id"]!).EndsWith(id["user-".Length..], StringComparison.Ordinal));
        ((string?)entry["actor"]!["name"], (string?)entry["reason"]).Should().Be(("machine command", "lost the phone"));
        (await host.Client.GetAllFromAsync("audit")).Should().OnlyContain(x => !x.ToJsonString().Contains(password, StringComparison.Ordinal));
    }

    [Fact]
    public async Task a_disabled_person_is_enabled()
    {
        var id = await host.MakePersonAsync(name);
        await host.SendAsync("POST", $"users/{id}/disable", null, "If-Match", "*");
        var password = await ResetAsync(name);
        using var browser = Browser.Of(host);
        await browser.SignInAsync(name, password);
    }

    [Fact]
    public async Task who_is_not_there_is_told_so()
    {
        var reset = () => ResetAsync("nobody");
        (await reset.Should().ThrowAsync<ProblemException>()).Which.Status.Should().Be(404);
    }

    /// <summary>The policy needs somebody else to change it, and nobody else is left.</summary>
    [Fact]
    public async Task the_machine_ends_what_needs_approval_and_leaves_the_rest_of_the_policy()
    {
        using var browser = await host.SignedInAsync(name, "administrator");
        (await ResetApprovalsAsync()).Should().StartWith("No change needs approval");
        var policy = new { kinds = new[] { "user", "rule" }, signature = "both", reason = "required", reasonKinds = new[] { "rule" } };
        (await browser.SendAsync("PUT", "approval-policy", policy, "If-Match", "\"0\"")).Status.Should().Be(200);
        var stuck = await browser.SendAsync("PUT", "approval-policy", new { kinds = Array.Empty<string>() }, "If-Match", "*", "X-Change-Reason", "Stuck");
        stuck.Status.Should().Be(202, stuck.Text);

        (await ResetApprovalsAsync()).Should().Contain("Before, these did: rule, user.");
        var now = await host.GetAsync("approval-policy");
        (now["kinds"]!.AsArray().Count, (string?)now["signature"], (string?)now["reason"], (string?)now["reasonKinds"]![0], (long)now["version"]!)
            .Should().Be((0, "both", "required", "rule", 2));
        (await browser.SendAsync("POST", "users", new { userName = SharedHost.NewName(), name = "Li Na" })).Status.Should().Be(201);
        var entry = (await host.Client.GetAllFromAsync("audit?type=access.approval_policy_changed.v1"))[^1];
        ((string?)entry["actor"]!["name"], (string?)entry["reason"]).Should().Be(("machine command", "lost the phone"));
        var verified = await host.PostAsync("audit/verify", new { });
        verified["valid"]!.GetValue<bool>().Should().BeTrue(verified.ToJsonString());
    }

    private async Task<string> ResetApprovalsAsync()
    {
        await using var scope = host.Services.CreateAsyncScope();
        return await ResetCommand.ResetApprovalsAsync(scope.ServiceProvider, audit, CancellationToken.None);
    }

    private async Task<string> ResetAsync(string userName)
    {
        await using var scope = host.Services.CreateAsyncScope();
        return await ResetCommand.ResetAsync(scope.ServiceProvider, userName, audit, CancellationToken.None);
    }
}
