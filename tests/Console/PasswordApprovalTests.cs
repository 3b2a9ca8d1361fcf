using Microsoft.Playwright;
using Notify.Testing;

namespace Notify.Console.Tests;

/// <summary>A second person, in the console.</summary>
[Collection(nameof(ConsoleHost))]
public sealed class PasswordApprovalTests(ConsoleHost host)
{
    [Fact]
    public async Task a_new_password_is_shown_to_who_approves_it_and_opens_once()
    {
        var (person, second) = ($"p{Guid.NewGuid():N}"[..12], $"s{Guid.NewGuid():N}"[..12]);
        await host.EnsureSetUpAsync();
        await host.AddPersonAsync(person, "operator");
        await host.AddPersonAsync(second, "administrator");
        await using var author = await host.SignInAsync();
        await using var approver = await host.SignInAsync("zh-CN", userName: second);
        await host.WithApprovalOfAsync("user", async () =>
        {
            await author.GoAsync($"people/users?search={person}");
            await author.Page.GetByRole(AriaRole.Link, new() { Name = person, Exact = true }).First.ClickAsync();
            await author.Dialog.GetByRole(AriaRole.Button, new() { Name = "Set password" }).ClickAsync();
            await author.Dialog.GetByLabel("New password").FillAsync(ConsoleHost.Password);
            await author.Dialog.GetByRole(AriaRole.Button, new() { Name = "Set password" }).ClickAsync();
            await Assertions.Expect(author.Dialog.GetByText("leave the password out").First).ToBeVisibleAsync();
            await author.Dialog.GetByLabel("New password").FillAsync("");
            await author.Dialog.GetByRole(AriaRole.Button, new() { Name = "Set password" }).ClickAsync();
            await Assertions.Expect(author.Page.GetByText("Proposed: another person must approve it.")).ToBeVisibleAsync();

            await approver.GoAsync("people/approvals");
            await approver.Page.GetByRole(AriaRole.Link).Filter(new() { HasText = $"修改 密码： {person}" }).ClickAsync();
            await approver.Dialog.GetByRole(AriaRole.Button, new() { Name = "批准" }).ClickAsync();
            var shown = approver.Dialog.Locator(".notice code");
            await Assertions.Expect(shown).ToBeVisibleAsync();
            using var browser = new Browser(host.Notify.Url);
            ((string?)(await browser.SignInAsync(person, await shown.InnerTextAsync()))["duty"]).Should().Be("changePassword");
            author.Faults.Concat(approver.Faults).Should().BeEmpty();
        });
    }
}
