using Microsoft.Playwright;
using Notify.Testing;

namespace Notify.Console.Tests;

/// <summary>API keys in the console.</summary>
[Collection(nameof(ConsoleHost))]
public sealed class KeysTests(ConsoleHost host)
{
    [Fact]
    public async Task a_key_of_which_reports_are_expected_is_made_and_shown_once()
    {
        var name = $"k{Guid.NewGuid():N}"[..12];
        await host.EnsureSetUpAsync();
        await using var console = await host.SignInAsync();
        await console.GoAsync("people/keys");
        await console.Page.GetByRole(AriaRole.Button, new() { Name = "Add", Exact = true }).ClickAsync();
        await console.Dialog.GetByLabel("Name").FillAsync(name);
        await console.Dialog.GetByLabel("intake", new() { Exact = true }).CheckAsync();
        var minutes = console.Dialog.GetByLabel("Reports expected every … minutes");
        await minutes.FillAsync("0");
        await console.Dialog.GetByRole(AriaRole.Button, new() { Name = "OK" }).ClickAsync();
        await Assertions.Expect(console.Dialog.GetByText("Give a whole number of minutes from 1 to 10080.").First).ToBeVisibleAsync();
        await minutes.FillAsync("1440");
        await console.Dialog.GetByRole(AriaRole.Button, new() { Name = "OK" }).ClickAsync();

        var shown = console.Page.Locator(".notice code");
        await Assertions.Expect(shown).ToBeVisibleAsync();
        await Assertions.Expect(console.Page.GetByRole(AriaRole.Row).Filter(new() { HasText = name })).ToContainTextAsync("every 1440 min");
        using var client = NotifyApi.ClientOf(host.Notify.Url, await shown.InnerTextAsync());
        (await client.SendToAsync("POST", "alarms", new { alarms = new[] { new { name, state = "ClearedUnacked" } } })).Status.Should().Be(202);
        console.Faults.Should().BeEmpty();
    }
}
