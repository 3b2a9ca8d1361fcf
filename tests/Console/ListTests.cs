using Microsoft.Playwright;
using Notify.Testing;

namespace Notify.Console.Tests;

/// <summary>What holds for every list of resources and the forms over it.</summary>
[Collection(nameof(ConsoleHost))]
public sealed class ListTests(ConsoleHost host)
{
    private static readonly string[] addresses =
    [
        "services", "messages", "schedules", "rules", "drills", "expected-sources", "people/users", "people/groups", "people/roles", "people/keys",
    ];

    [Fact]
    public async Task a_form_opens_and_closes_onto_the_list_as_it_was()
    {
        var name = $"Found {Guid.NewGuid().ToString("N")[..6]}";
        await host.Notify.Client.PostToAsync("messages", new { type = "wecom", name, content = "{name}" });
        var list = $"messages?search={Uri.EscapeDataString(name)}&sort=name";
        await using var console = await host.SignInAsync();
        await console.GoAsync(list);
        await console.Page.GetByRole(AriaRole.Link, new() { Name = $"Edit {name}" }).ClickAsync();
        await console.Dialog.Locator("#f-description").FillAsync("Changed");
        await console.Dialog.GetByRole(AriaRole.Button, new() { Name = "OK", Exact = true }).ClickAsync();
        await ExpectListAsync(console, list);
        await Assertions.Expect(console.Page.Locator("tbody tr")).ToHaveCountAsync(1);

        await console.Page.GetByRole(AriaRole.Link, new() { Name = "Add", Exact = true }).ClickAsync();
        await console.Dialog.GetByRole(AriaRole.Button, new() { Name = "Next" }).ClickAsync();
        await console.Dialog.Locator("#f-name").WaitForAsync();
        await CloseAsync(console, "Cancel");
        await ExpectListAsync(console, list);

        foreach (var address in addresses)
        {
            await console.GoAsync($"{address}/new?sort=name&pageSize=10");
            await CloseAsync(console, "Cancel");
            await ExpectListAsync(console, $"{address}?sort=name&pageSize=10");
        }

        console.Faults.Should().BeEmpty();
    }

    [Fact]
    public async Task escape_again_and_again_closes_nothing_that_the_page_keeps_open()
    {
        await using var console = await host.SignInAsync();
        await console.GoAsync("schedules/new/standard");
        await console.Dialog.Locator("#f-name").FillAsync("Night shift");
        var question = console.Page.GetByRole(AriaRole.Dialog, new() { Name = "Discard your changes?" });
        for (var i = 0; i < 3; i++)
        {
            await console.Page.Keyboard.PressAsync("Escape");
            await Assertions.Expect(question).ToBeVisibleAsync();
            await console.Page.Keyboard.PressAsync("Escape");
            await Assertions.Expect(question).ToHaveCountAsync(0);
            await Assertions.Expect(console.Dialog.Locator("#f-name")).ToHaveValueAsync("Night shift");
        }

        // A browser may close it whatever a page does.
        await console.Dialog.EvaluateAsync("x => x.close()");
        await Assertions.Expect(console.Dialog.Locator("#f-name")).ToBeVisibleAsync();
        console.Faults.Should().BeEmpty();
    }

    [Fact]
    public async Task a_link_to_what_there_is_no_longer_says_so()
    {
        await using var console = await host.SignInAsync();
        foreach (var address in addresses)
        {
            await console.GoAsync($"{address}/gone?sort=name");
            await Assertions.Expect(console.Dialog.GetByRole(AriaRole.Alert)).ToContainTextAsync("gone");
            await CloseAsync(console, "Close");
            await ExpectListAsync(console, $"{address}?sort=name");
        }

        console.Faults.Should().BeEmpty();
    }

    [Fact]
    public async Task a_viewer_reads_a_form_and_changes_nothing_in_it()
    {
        var viewer = $"viewer.{Guid.NewGuid().ToString("N")[..6]}";
        await host.EnsureSetUpAsync();
        await host.AddPersonAsync(viewer, "viewer");
        var schedule = (await host.Notify.Client.GetFromAsync("schedules?search=Default"))["items"]![0]!["id"];
        await using var console = await host.SignInAsync(userName: viewer);
        await console.GoAsync($"schedules/{schedule}");
        await Assertions.Expect(console.Dialog.Locator("#f-name")).ToBeDisabledAsync();
        await Assertions.Expect(console.Dialog.GetByText("configuration.change")).ToBeVisibleAsync();
        // The week is drawn on something that is no input.
        var grid = console.Dialog.Locator(".week-grid");
        await Assertions.Expect(grid).Not.ToHaveAttributeAsync("aria-busy", "true");
        await grid.FocusAsync();
        foreach (var key in new[] { "Space", "ArrowRight" }) await console.Page.Keyboard.PressAsync(key);
        await Assertions.Expect(console.Dialog.Locator("p[role=status]")).ToContainTextAsync("08:15:00 ~ 08:29:59, open");
        await Assertions.Expect(console.Dialog.Locator("input.time")).ToHaveCountAsync(14);
        (await console.AxeAsync()).Should().BeEmpty();
        await CloseAsync(console, "Close");
        await Assertions.Expect(console.Page.Locator("dialog[open]")).ToHaveCountAsync(0);
        console.Faults.Should().BeEmpty();
    }

    private static Task CloseAsync(ConsolePage console, string button) =>
        console.Dialog.Locator(".dialog-actions").GetByRole(AriaRole.Button, new() { Name = button, Exact = true }).ClickAsync();

    private static async Task ExpectListAsync(ConsolePage console, string list)
    {
        await Assertions.Expect(console.Page.Locator("dialog[open]")).ToHaveCountAsync(0);
        await console.ExpectAddressAsync("/" + list);
    }
}
