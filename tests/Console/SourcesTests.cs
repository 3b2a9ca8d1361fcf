using Microsoft.Playwright;
using Notify.Testing;

namespace Notify.Console.Tests;

/// <summary>The paths of which reports are expected.</summary>
[Collection(nameof(ConsoleHost))]
public sealed class SourcesTests(ConsoleHost host)
{
    [Fact]
    public async Task an_expected_source_is_entered_and_shows_when_it_was_last_heard_of()
    {
        var name = $"Line {Guid.NewGuid().ToString("N")[..6]}";
        var client = host.Notify.Client;
        await using var console = await host.SignInAsync();
        await console.GoAsync("alarms");
        await console.Page.GetByRole(AriaRole.Link, new() { Name = "Expected sources", Exact = true }).ClickAsync();
        await Assertions.Expect(console.Heading).ToHaveTextAsync("Expected sources");
        await console.Page.GetByRole(AriaRole.Link, new() { Name = "Add", Exact = true }).First.ClickAsync();
        await console.Dialog.Locator("#f-name").FillAsync(name);
        await console.Dialog.Locator("#f-path").FillAsync("Notify/**");
        await console.Dialog.Locator("#f-path").BlurAsync();
        await Assertions.Expect(console.Dialog.Locator("#f-path-fault")).ToContainTextAsync("Notify's own alarms");
        await console.Dialog.Locator("#f-path").FillAsync($"Sources/{name}/**");
        await console.Dialog.Locator("#f-expectEvery").FillAsync("45");
        await console.Dialog.GetByRole(AriaRole.Button, new() { Name = "OK", Exact = true }).ClickAsync();
        await Assertions.Expect(console.Page.Locator("dialog[open]")).ToHaveCountAsync(0);
        var row = console.Page.Locator("tr", new() { HasText = name });
        await Assertions.Expect(row).ToContainTextAsync("every 45 min");
        await Assertions.Expect(row).ToContainTextAsync("awaited");

        // The node hears it once it has taken up the new source.
        var id = (string)(await client.GetFromAsync($"expected-sources?search={Uri.EscapeDataString(name)}"))["items"]![0]!["id"]!;
        await Eventually.GetAsync(() => client.GetFromAsync("expected-sources/states"), x => x["items"]!.AsArray().Any(s => (string)s!["id"]! == id));
        await client.PostToAsync(
            "alarms", new { alarms = new[] { new { name = "Heartbeat", path = $"Sources/{name}/Press", state = "ClearedAcked" } } });
        await Eventually.GetAsync(
            () => client.GetFromAsync("expected-sources/states"),
            x => x["items"]!.AsArray().Any(s => (string)s!["id"]! == id && (string)s["state"]! == "reporting"));
        await using var chinese = await host.SignInAsync("zh-CN");
        await chinese.GoAsync("expected-sources");
        await Assertions.Expect(chinese.Page.Locator("tr", new() { HasText = name })).ToContainTextAsync("正常上报");
        await Assertions.Expect(chinese.Page.Locator("tr", new() { HasText = name })).ToContainTextAsync("每 45 分钟");
        await console.GoAsync("expected-sources");
        await Assertions.Expect(row).ToContainTextAsync("reporting");
        console.Faults.Should().BeEmpty();
        chinese.Faults.Should().BeEmpty();
    }
}
