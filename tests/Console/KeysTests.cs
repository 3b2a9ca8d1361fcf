using Microsoft.Playwright;
using Notify.Testing;

namespace Notify.Console.Tests;

/// <summary>API keys in the console.</summary>
[Collection(nameof(ConsoleHost))]
public sealed class KeysTests(ConsoleHost host)
{
    private readonly string name = $"k{Guid.NewGuid():N}"[..12];

    [Fact]
    public async Task a_key_of_which_reports_are_expected_is_made_and_shown_once()
    {
        await using var console = await host.SignInAsync();
        await FillInAsync(console);
        var minutes = console.Dialog.GetByLabel("Reports expected every … minutes");
        await minutes.FillAsync("0");
        await minutes.BlurAsync();
        await Assertions.Expect(console.Dialog.Locator("#f-expectEvery-fault")).ToHaveTextAsync("Give a whole number of minutes from 1 to 10080.");
        await Assertions.Expect(Ok(console)).ToBeDisabledAsync();
        await minutes.FillAsync("1440");
        await Ok(console).ClickAsync();

        var shown = console.Page.Locator(".notice code");
        await Assertions.Expect(shown).ToBeVisibleAsync();
        await Assertions.Expect(RowOf(console)).ToContainTextAsync("every 1440 min");
        using var client = NotifyApi.ClientOf(host.Notify.Url, await shown.InnerTextAsync());
        (await client.SendToAsync("POST", "alarms", new { alarms = new[] { new { name, state = "ClearedUnacked" } } })).Status.Should().Be(202);
        console.Faults.Should().BeEmpty();
    }

    [Fact]
    public async Task a_key_that_waits_for_approval_is_shown_to_its_author_and_opens_once_it_is_approved()
    {
        await host.WithApprovalOfAsync("apiKey", async () =>
        {
            await using var console = await host.SignInAsync();
            await FillInAsync(console);
            await Ok(console).ClickAsync();
            var shown = console.Page.Locator(".notice code");
            await Assertions.Expect(shown).ToBeVisibleAsync();
            using var client = NotifyApi.ClientOf(host.Notify.Url, await shown.InnerTextAsync());
            var alarms = new { alarms = new[] { new { name, state = "ClearedUnacked" } } };
            (await client.SendToAsync("POST", "alarms", alarms)).Status.Should().Be(401);
            var proposal = (await host.Notify.Client.GetFromAsync("proposals?state=Open"))["items"]!.AsArray()
                .Single(x => x!.ToJsonString().Contains(name, StringComparison.Ordinal))!;
            await host.Notify.Client.PostToAsync($"proposals/{proposal["id"]}/approve", new { });
            (await client.SendToAsync("POST", "alarms", alarms)).Status.Should().Be(202);
            console.Faults.Should().BeEmpty();
        });
    }

    [Fact]
    public async Task everything_about_a_key_but_its_secret_is_changed_in_a_form_and_two_who_do_so_at_once_lose_nothing()
    {
        var made = await host.Notify.Client.PostToAsync("api-keys", new
        {
            name,
            description = "Line 1",
            roles = new[] { "intake" },
            paths = new[] { "Site1/**" },
            expiresAt = "2100-01-01T00:00:00Z",
            expectEvery = 15,
        });
        await using var console = await host.SignInAsync();
        await console.GoAsync("people/keys");
        await RowOf(console).GetByRole(AriaRole.Link, new() { Name = $"Edit {name}" }).ClickAsync();
        // As it is, on the reader's clock.
        await Assertions.Expect(console.Dialog.Locator("#f-description")).ToHaveValueAsync("Line 1");
        await Assertions.Expect(console.Dialog.GetByLabel("Intake", new() { Exact = true })).ToBeCheckedAsync();
        await Assertions.Expect(console.Dialog.Locator("#f-paths")).ToHaveValueAsync("Site1/**");
        await Assertions.Expect(console.Dialog.Locator("#f-expiresAt")).ToHaveValueAsync("2100-01-01 08:00:00");
        await Assertions.Expect(console.Dialog.Locator("#f-expectEvery")).ToHaveValueAsync("15");

        await console.Dialog.Locator("#f-description").FillAsync("Line 1 and 2");
        await console.Dialog.Locator("summary").ClickAsync();
        await console.Dialog.GetByLabel("alarms.read", new() { Exact = false }).CheckAsync();
        await console.Dialog.Locator("#f-paths").FillAsync("Site1/**\nSite2/**");
        await console.Dialog.Locator("#f-expiresAt").FillAsync("2101-02-03T04:05:06");
        await console.Dialog.Locator("#f-expectEvery").FillAsync("");
        await console.Dialog.Locator("#reason").FillAsync("Line 2 is new");
        await Assertions.Expect(Ok(console)).ToBeEnabledAsync();

        // Meanwhile somebody else gives it another name.
        var other = await host.Notify.Client.GetFromAsync($"api-keys/{made["id"]}");
        other["name"] = name + "b";
        (await host.Notify.Client.SendToAsync("PUT", $"api-keys/{made["id"]}", other, "If-Match", "*")).Status.Should().Be(200);
        await Ok(console).ClickAsync();
        await Assertions.Expect(console.Dialog.GetByText("has changed this in the meantime")).ToBeVisibleAsync();
        await Ok(console).ClickAsync();
        await Assertions.Expect(console.Page.Locator("dialog[open]")).ToHaveCountAsync(0);
        await Assertions.Expect(RowOf(console)).ToContainTextAsync("alarms.read");

        var saved = await host.Notify.Client.GetFromAsync($"api-keys/{made["id"]}");
        saved["name"]!.ToString().Should().Be(name + "b");
        saved["description"]!.ToString().Should().Be("Line 1 and 2");
        saved["roles"]!.ToJsonString().Should().Be("""["intake"]""");
        saved["permissions"]!.ToJsonString().Should().Be("""["alarms.read"]""");
        saved["paths"]!.ToJsonString().Should().Be("""["Site1/**","Site2/**"]""");
        saved["expiresAt"]!.ToString().Should().StartWith("2101-02-02T20:05:06");
        saved["expectEvery"].Should().BeNull();
        saved["fingerprint"]!.ToString().Should().Be(made["fingerprint"]!.ToString());
        var history = (await host.Notify.Client.GetFromAsync($"api-keys/{made["id"]}/history"))["items"]!.AsArray();
        history[0]!["reason"]!.ToString().Should().Be("Line 2 is new");

        // No expiry at all.
        await RowOf(console).GetByRole(AriaRole.Link, new() { Name = $"Edit {name}b" }).ClickAsync();
        await console.Dialog.Locator("#f-expiresAt").FillAsync("");
        await console.Dialog.Locator("#reason").FillAsync("It stays");
        await Ok(console).ClickAsync();
        await Assertions.Expect(console.Page.Locator("dialog[open]")).ToHaveCountAsync(0);
        (await host.Notify.Client.GetFromAsync($"api-keys/{made["id"]}"))["expiresAt"].Should().BeNull();
        console.Faults.Should().BeEmpty();
    }

    private async Task FillInAsync(ConsolePage console)
    {
        await console.GoAsync("people/keys");
        await console.Page.GetByRole(AriaRole.Link, new() { Name = "Add", Exact = true }).ClickAsync();
        await console.Dialog.Locator("#f-name").FillAsync(name);
        await console.Dialog.GetByLabel("Intake", new() { Exact = true }).CheckAsync();
    }

    private static ILocator Ok(ConsolePage console) => console.Dialog.GetByRole(AriaRole.Button, new() { Name = "OK" });

    private ILocator RowOf(ConsolePage console) => console.Page.GetByRole(AriaRole.Row).Filter(new() { HasText = name });
}
