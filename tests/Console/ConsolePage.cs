using System.Text.RegularExpressions;
using Deque.AxeCore.Commons;
using Microsoft.Playwright;

namespace Notify.Console.Tests;

/// <summary>A page in a browser of its own, which notes what goes wrong in it.</summary>
public sealed class ConsolePage(IBrowserContext context, IPage page, string url) : IAsyncDisposable
{
    private static readonly string axe = new BundledAxeScriptProvider().GetScript();

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

    /// <summary>Goes to an address from the page that is open, as its links do, and waits as <see cref="GoAsync"/> does.</summary>
    /// <param name="address">Of another kind of page: its heading is not the one that is there.</param>
    public async Task GoOnAsync(string address)
    {
        await Page.EvaluateAsync("address => { document.querySelector('h1').dataset.left = true; Blazor.navigateTo('/' + address); }", address);
        await Page.Locator("h1:not([data-left])").First.WaitForAsync();
        await Assertions.Expect(Page.Locator(".loading")).ToHaveCountAsync(0);
    }

    /// <summary>Waits until the address contains a text. A pattern with stars missed addresses that were there, on a busy machine.</summary>
    public Task ExpectAddressAsync(string part) =>
        Assertions.Expect(Page).ToHaveURLAsync(new Regex(Regex.Escape(part), RegexOptions.None, TimeSpan.FromSeconds(1)));

    public ILocator Button(string name) => Page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    public ILocator Field(string name) => Page.GetByLabel(name);

    /// <summary>What axe finds that is serious or critical: rule and place. It runs in the page itself, which has no frames; the package for
    /// Playwright reads the whole report and opens a second page for each, which takes as long again.</summary>
    public async Task<IReadOnlyList<string>> AxeAsync()
    {
        if (await Page.EvaluateAsync<bool>("typeof axe === 'undefined'")) await Page.EvaluateAsync(axe);
        return await Page.EvaluateAsync<string[]>(
            """
            async () => (await axe.run(document, { resultTypes: ['violations'] })).violations
              .filter(x => x.impact === 'serious' || x.impact === 'critical')
              .flatMap(x => x.nodes.map(y => `${x.id}: ${y.target} ${y.html}`))
            """);
    }

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
