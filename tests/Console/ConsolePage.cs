using System.Text.RegularExpressions;
using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace Notify.Console.Tests;

/// <summary>A page in a browser of its own, which notes what goes wrong in it.</summary>
public sealed class ConsolePage(IBrowserContext context, IPage page, string url) : IAsyncDisposable
{
    private readonly List<string> faults = [];
    private bool watched;

    public IPage Page
    {
        get
        {
            Watch();
            return page;
        }
    }

    /// <summary>What the browser reported: errors of scripts, refusals of the content policy, requests to elsewhere.</summary>
    public IReadOnlyList<string> Faults => faults;

    public ILocator Heading => Page.Locator("h1");

    public ILocator Dialog => Page.Locator("dialog[open]").Last;

    public async Task SignInAsync(string userName, string password)
    {
        await Page.GotoAsync("/sign-in");
        await Page.Locator("#userName").FillAsync(userName);
        await Page.Locator("#password").FillAsync(password);
        await Page.Locator("button[type=submit]").ClickAsync();
        await Page.Locator(".shell").WaitForAsync();
    }

    /// <summary>Goes to an address of the console, and waits until the page is there and has nothing to load.</summary>
    public async Task GoAsync(string address)
    {
        await Page.GotoAsync("/" + address);
        await Heading.First.WaitForAsync();
        await Assertions.Expect(Page.Locator(".loading")).ToHaveCountAsync(0);
    }

    /// <summary>Waits until the address contains a text. A pattern with stars missed addresses that were there, on a busy machine.</summary>
    public Task ExpectAddressAsync(string part) =>
        Assertions.Expect(Page).ToHaveURLAsync(new Regex(Regex.Escape(part), RegexOptions.None, TimeSpan.FromSeconds(1)));

    public ILocator Button(string name) => Page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    public ILocator Field(string name) => Page.GetByLabel(name);

    /// <summary>What axe finds that is serious or critical: rule and place.</summary>
    public async Task<IReadOnlyList<string>> AxeAsync() =>
        [.. from violation in (await Page.RunAxe(new AxeRunOptions { ResultTypes = [ResultType.Violations] })).Violations
            where violation.Impact is "serious" or "critical"
            from node in violation.Nodes
            select $"{violation.Id}: {node.Target} {node.Html}"];

    public async ValueTask DisposeAsync() => await context.DisposeAsync();

    private void Watch()
    {
        if (watched) return;
        watched = true;
        page.PageError += (_, text) => faults.Add($"script: {text}");
        page.Console += (_, message) =>
        {
            if (message.Type == "error") faults.Add($"console: {message.Text} at {message.Location}");
        };
        page.Request += (_, request) =>
        {
            if (!request.Url.StartsWith(url, StringComparison.Ordinal) && !request.Url.StartsWith("data:", StringComparison.Ordinal)
                && !request.Url.StartsWith("ws", StringComparison.Ordinal) && !request.Url.StartsWith("blob:", StringComparison.Ordinal))
                faults.Add($"request to elsewhere: {request.Url}");
        };
    }
}
