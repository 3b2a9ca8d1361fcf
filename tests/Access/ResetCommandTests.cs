using Microsoft.Extensions.DependencyInjection;
using Notify.Kernel;
using Notify.Testing;

namespace Notify.Access.Tests;

public sealed class ResetCommandTests : IAsyncLifetime
{
    private static readonly AuditContext audit = new(new Actor("machine", "machine command", Actor.SystemKind), "reset", Reason: "lost the phone");

    private NotifyHost host = null!;

    public async Task InitializeAsync() => host = await NotifyHost.StartAsync();

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public async Task the_machine_gives_an_administrator_a_password_for_one_sign_in()
    {
        using var browser = await host.SignedInAsync("boss", "administrator");
        await SecondFactor.SecondFactorTests.SetUpAsync(browser);
        var password = await ResetAsync("BOSS");
        password.Should().MatchRegex("^([a-z2-9]{4}-){4}[a-z2-9]{4}$");
        (await browser.SendAsync("GET", "session")).Status.Should().Be(401);
        (await browser.SendAsync("POST", "session", new { userName = "boss", password = SigningIn.Password })).Status.Should().Be(401);
        var session = await browser.SignInAsync("boss", password);
        ((string?)session["duty"], session["hasSecondFactor"]!.GetValue<bool>()).Should().Be(("changePassword", false));
        var entry = (await host.Client.GetAllFromAsync("audit?type=access.sessions_ended.v1")).First(x => (string?)x["data"]!["why"] == "reset");
        ((string?)entry["actor"]!["name"], (string?)entry["reason"]).Should().Be(("machine command", "lost the phone"));
        (await host.Client.GetAllFromAsync("audit")).Should().OnlyContain(x => !x.ToJsonString().Contains(password, StringComparison.Ordinal));
    }

    [Fact]
    public async Task a_disabled_person_is_enabled()
    {
        var id = await host.MakePersonAsync("li.na");
        await host.SendAsync("POST", $"users/{id}/disable", null, "If-Match", "*");
        var password = await ResetAsync("li.na");
        using var browser = Browser.Of(host);
        await browser.SignInAsync("li.na", password);
    }

    [Fact]
    public async Task who_is_not_there_is_told_so()
    {
        var reset = () => ResetAsync("nobody");
        (await reset.Should().ThrowAsync<ProblemException>()).Which.Status.Should().Be(404);
    }

    private async Task<string> ResetAsync(string userName)
    {
        await using var scope = host.Services.CreateAsyncScope();
        return await ResetCommand.ResetAsync(scope.ServiceProvider, userName, audit, CancellationToken.None);
    }
}
