using Microsoft.Playwright;
using Notify.Testing;

namespace Notify.Console.Tests;

/// <summary>Who approves a change, and signs it.</summary>
[Collection(nameof(ConsoleHost))]
public sealed class ApprovalTests(ConsoleHost host)
{
    [Fact]
    public async Task who_has_no_password_here_signs_with_a_new_sign_in_at_the_provider_and_loses_nothing_that_was_typed()
    {
        await host.EnsureSetUpAsync();
        await host.Notify.Client.PostToAsync(
            "users", new { userName = "wang.wei", name = "Wang Wei", roles = new[] { "administrator" }, signIn = "oidc" });
        var policy = await host.Notify.Client.SendToAsync(
            "PUT", "approval-policy", new { kinds = new[] { "hold" }, signature = "approver" }, "If-Match", "*");
        policy.Status.Should().Be(200, policy.Text);
        // That nothing needs a second person any more needs one.
        var proposed = await host.Notify.Client.SendToAsync(
            "PUT", "approval-policy", new { kinds = Array.Empty<string>(), signature = "none" }, "If-Match", "*");
        proposed.Status.Should().Be(202, proposed.Text);

        host.Provider.Person = new("subject-1", "wang.wei", "Wang Wei");
        await using var console = await host.OpenAsync();
        await console.Page.GotoAsync("/sign-in");
        await console.Page.GetByRole(AriaRole.Link, new() { Name = "Sign in with your organisation" }).ClickAsync();
        await console.Page.Locator(".shell").WaitForAsync();
        await console.GoAsync($"people/approvals/{proposed.Id}");
        await console.Dialog.GetByLabel("Reason").FillAsync("Read, line by line");
        await console.Dialog.GetByRole(AriaRole.Button, new() { Name = "Sign in again, to sign" }).ClickAsync();
        await Assertions.Expect(console.Dialog.Locator("[role=status]:not(.notices)")).ToContainTextAsync("Signed in again");
        await Assertions.Expect(console.Dialog.GetByLabel("Reason")).ToHaveValueAsync("Read, line by line");
        await Assertions.Expect(console.Page).ToHaveURLAsync($"{host.Notify.Url}/people/approvals/{proposed.Id}");
        (await console.AxeAsync()).Should().BeEmpty();
        await console.Dialog.GetByRole(AriaRole.Button, new() { Name = "Approve" }).ClickAsync();
        await Assertions.Expect(console.Dialog).ToHaveCountAsync(0);

        var approved = await host.Notify.Client.GetFromAsync($"proposals/{proposed.Id}");
        ((string?)approved["state"], (string?)approved["decisionReason"]).Should().Be(("Approved", "Read, line by line"));
        var signature = approved["signatures"]!.AsArray().Should().ContainSingle().Subject!;
        ((string?)signature["displayName"], (string?)signature["method"]).Should().Be(("Wang Wei", "oidc"));

        await console.GoAsync("account");
        await Assertions.Expect(console.Page.GetByText("You sign in with your organisation's account")).ToBeVisibleAsync();
        await Assertions.Expect(console.Page.Locator("input[type=password]")).ToHaveCountAsync(0);
        console.Faults.Where(x => !x.Contains(host.Provider.Url, StringComparison.Ordinal)).Should().BeEmpty();
    }
}
