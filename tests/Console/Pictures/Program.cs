using Microsoft.Playwright;

namespace Notify.Console.Tests.Pictures;

/// <summary>
/// <c>build/screenshots.sh</c>: each page in both languages, both themes, on a desk and on a phone, into the directory that is given first; and those
/// that the README shows into the second. Further arguments name kinds of pictures (<c>zh-dark-phone</c>): then only these are taken, none for the
/// README.
/// </summary>
public static class Program
{
    public static async Task Main(string[] args)
    {
        var (all, shown) = (args[0], args[1]);
        var host = new ConsoleHost();
        await host.InitializeAsync();
        try
        {
            var plant = new Plant(host);
            await plant.BuildAsync();
            if (args.Length == 2) await ShowAsync(host, plant, shown);
            foreach (var language in new[] { "en-GB", "zh-CN" })
                foreach (var dark in new[] { false, true })
                    foreach (var phone in new[] { false, true })
                    {
                        var kind = $"{language[..2]}-{(dark ? "dark" : "light")}-{(phone ? "phone" : "desktop")}";
                        if (args.Length > 2 && !args.Skip(2).Contains(kind)) continue;
                        await TakeAsync(host, plant, Path.Combine(all, kind), language, dark, phone);
                    }
        }
        finally
        {
            await host.DisposeAsync();
        }
    }

    private static async Task TakeAsync(ConsoleHost host, Plant plant, string directory, string language, bool dark, bool phone)
    {
        await using var console = await host.OpenAsync(language, dark, phone);
        foreach (var address in new[] { "sign-in", plant.AcknowledgeLink.TrimStart('/') })
        {
            await console.Page.GotoAsync("/" + address);
            await console.Heading.WaitForAsync();
            await KeepAsync(console, directory, address.Split('/')[0] == "a" ? "acknowledge" : address);
        }

        await console.SignInAsync(ConsoleHost.UserName, ConsoleHost.Password);
        foreach (var address in EveryPageTests.Addresses().Concat(plant.Pages))
        {
            await console.GoAsync(address);
            await KeepAsync(console, directory, NameOf(address));
        }
    }

    /// <summary>What a reader sees first of it, on a desk.</summary>
    private static async Task ShowAsync(ConsoleHost host, Plant plant, string directory)
    {
        await using var console = await host.SignInAsync();
        foreach (var (name, address) in new[] { ("overview", ""), ("alarm", plant.Pages[0]), ("replay", plant.Pages[6]), ("rule", plant.Pages[2]) })
        {
            await console.GoAsync(address);
            if (name == "replay")
            {
                await console.Page.GetByRole(AriaRole.Group, new() { Name = "Jump to the next" }).GetByText("Failure").ClickAsync();
                await Assertions.Expect(console.Page.Locator(".player-list [aria-current]")).ToContainTextAsync("failed");
                await console.Page.Locator(".player-list").ScrollIntoViewIfNeededAsync();
            }

            if (name == "rule") await console.Dialog.Locator(".time-line").ScrollIntoViewIfNeededAsync();
            await SettleAsync(console, milliseconds: 1500);
            await console.Page.ScreenshotAsync(new() { Path = Path.Combine(directory, name + ".png") });
        }
    }

    /// <summary>One alarm's page is <c>alarms-one</c>.</summary>
    private static string NameOf(string address) =>
        address.Length == 0 ? "overview" : string.Join('-', address.Split('/').Select((x, i) => i > 0 && x.Length > 20 ? "one" : x));

    private static async Task KeepAsync(ConsolePage console, string directory, string name)
    {
        await SettleAsync(console);
        await console.Page.ScreenshotAsync(new() { Path = Path.Combine(directory, name + ".png"), FullPage = true });
    }

    /// <summary>What a page asks for when it is there has come, and has been drawn.</summary>
    private static async Task SettleAsync(ConsolePage console, int milliseconds = 250)
    {
        await Assertions.Expect(console.Page.Locator(".loading")).ToHaveCountAsync(0);
        await console.Page.WaitForTimeoutAsync(milliseconds);
    }
}
