using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using Notify.Benchmarks.Configuration;

namespace Notify.Benchmarks;

/// <summary>The console in a browser, with 10,000 rules and 1,000,000 notifications in the store: what the first page weighs and takes, and how long
/// it is from a click in the menu to the page's answer.</summary>
internal static class ConsolePages
{
    private const int Rules = 10_000;
    private const int Repeats = 9;
    private const string Password = "four unrelated words here";
    private static readonly TimeSpan patience = TimeSpan.FromSeconds(20);

    /// <summary>From the click to the page: its address, another heading, and nothing that is still loading.</summary>
    private const string Click =
        """
        address => new Promise(done => {
          const heading = document.querySelector('h1').textContent;
          const from = performance.now();
          document.querySelector(`.menu a[href="${address}"]`).click();
          const look = () => {
            const now = document.querySelector('h1');
            if (now && now.textContent !== heading && !document.querySelector('.loading')) done(performance.now() - from);
            else setTimeout(look, 1);
          };
          look();
        })
        """;

    public static async Task MeasureAsync(Bench bench)
    {
        using var made = await bench.Client.PostAsJsonAsync("/api/v1/session/set-up", new { userName = "admin", name = "Bench", password = Password });
        made.EnsureSuccessStatusCode();
        var rule = (await bench.Client.GetFromJsonAsync<JsonObject>("/api/v1/rules?sort=createdAt"))!["items"]![0]!.AsObject();
        await ConfigurationCost.ImportRulesAsync(bench, rule, 1, Rules);
        await Million.FillAsync(bench);
        using var playwright = await Playwright.CreateAsync();
        await using var browser = await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = "/usr/bin/chromium-headless-shell",
            Args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        });
        await using var context = await browser.NewContextAsync(new() { BaseURL = $"http://127.0.0.1:{bench.Port}", Locale = "en-GB" });
        var page = await context.NewPageAsync();
        await page.GotoAsync("/sign-in");
        await page.Locator("#userName").FillAsync("admin");
        await page.Locator("#password").FillAsync(Password);
        await page.Locator("button[type=submit]").ClickAsync();
        await page.Locator(".shell h1").WaitForAsync();
        var (weight, first) = await FirstPageAsync(context);
        Console.WriteLine($"First page: {weight / 1024.0:N0} KB compressed (target: 600 KB), usable after {first:N0} ms with nothing cached (target: 1,000 ms).");

        var addresses = await page.Locator(".menu a").EvaluateAllAsync<string[]>("links => links.map(x => x.getAttribute('href'))");
        var rows = new List<string[]>();
        foreach (var address in addresses.Where(x => x.Length > 0).Distinct(StringComparer.Ordinal))
        {
            Console.Write($"{address} … ");
            var times = new List<double>();
            try
            {
                for (var i = 0; i <= Repeats; i++)
                {
                    var time = await page.EvaluateAsync<double>(Click, address).WaitAsync(patience);
                    // The first one compiles.
                    if (i > 0) times.Add(time);
                    await page.EvaluateAsync<double>(Click, "").WaitAsync(patience);
                }

                times.Sort();
                rows.Add([address, $"{times[Repeats / 2]:N0}", $"{times[^1]:N0}"]);
                Console.WriteLine($"{times[Repeats / 2]:N0} ms");
            }
            catch (TimeoutException)
            {
                rows.Add([address, $"> {patience.TotalMilliseconds:N0}", ""]);
                Console.WriteLine($"no answer after {patience.TotalSeconds:N0} s");
                await page.CloseAsync();
                page = await context.NewPageAsync();
                await page.GotoAsync("/");
                await page.Locator(".shell h1").WaitForAsync();
            }
        }

        Report.Table([["from a click to the page's answer (target: 100 ms)", "median ms", "slowest ms"], .. rows]);
    }

    private static async Task<(long Weight, double Milliseconds)> FirstPageAsync(IBrowserContext signedIn)
    {
        var page = await signedIn.NewPageAsync();
        var session = await signedIn.NewCDPSessionAsync(page);
        await session.SendAsync("Network.enable");
        await session.SendAsync("Network.setCacheDisabled", new() { ["cacheDisabled"] = true });
        var weight = 0L;
        session.Event("Network.loadingFinished").OnEvent += (_, e) => Interlocked.Add(ref weight, (long)e!.Value.GetProperty("encodedDataLength").GetDouble());
        var clock = System.Diagnostics.Stopwatch.StartNew();
        await page.GotoAsync("/");
        await page.Locator("h1").WaitForAsync();
        await Assertions.Expect(page.Locator(".loading")).ToHaveCountAsync(0);
        var time = clock.Elapsed.TotalMilliseconds;
        await page.CloseAsync();
        return (weight, time);
    }
}
