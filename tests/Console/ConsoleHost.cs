using System.Net.Http.Json;
using Microsoft.Playwright;
using Notify.Peers.Oidc;
using Notify.Peers.WeCom;
using Notify.Testing;

namespace Notify.Console.Tests;

/// <summary>A whole Notify with an administrator, and a browser. The tests of this project share them; each has a browser context of its
/// own.</summary>
public sealed class ConsoleHost : IAsyncLifetime
{
    public const string UserName = "admin";
    public const string Password = "four unrelated words here";

    private IPlaywright playwright = null!;
    private IBrowser browser = null!;
    private TestDatabase database = null!;
    private bool filled;

    public NotifyProcess Notify { get; private set; } = null!;

    public WeComStandIn WeCom { get; private set; } = null!;

    public IdentityProvider Provider { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        WeCom = await WeComStandIn.StartAsync(options => options.AcceptAnyRobot = true);
        database = await TestPostgres.CreateDatabaseAsync();
        Provider = await IdentityProvider.StartAsync();
        Notify = await NotifyProcess.StartNewAsync(
            WeCom.BaseUrl, $"ConnectionStrings:Notify={database.ConnectionString}", $"Notify:Oidc:Authority={Provider.Url}",
            $"Notify:Oidc:ClientId={IdentityProvider.ClientId}", $"Notify:Oidc:ClientSecret={IdentityProvider.ClientSecret}");
        // What a machine under load takes is not what is tested.
        Assertions.SetDefaultExpectTimeout(60_000);
        playwright = await Playwright.CreateAsync();
        browser = await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = "/usr/bin/chromium-headless-shell",
            Args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        });
    }

    public async Task DisposeAsync()
    {
        await browser.DisposeAsync();
        playwright.Dispose();
        await Notify.DisposeAsync();
        await database.DisposeAsync();
        await Provider.DisposeAsync();
        await WeCom.DisposeAsync();
    }

    /// <summary>Somebody's browser, in which nobody has signed in.</summary>
    /// <param name="language">As a browser asks for it: <c>zh-CN</c>, <c>en-GB</c>.</param>
    /// <param name="scripts">Whether it runs any.</param>
    /// <param name="url">Of another Notify, or of this one by another name.</param>
    public async Task<ConsolePage> OpenAsync(
        string language = "en-GB", bool dark = false, bool phone = false, bool scripts = true, string? url = null)
    {
        var context = await browser.NewContextAsync(new()
        {
            BaseURL = url ?? Notify.Url,
            JavaScriptEnabled = scripts,
            Locale = language,
            TimezoneId = "Asia/Shanghai",
            ColorScheme = dark ? ColorScheme.Dark : ColorScheme.Light,
            ViewportSize = phone ? new() { Width = 390, Height = 844 } : new() { Width = 1280, Height = 800 },
            HasTouch = phone,
            AcceptDownloads = true,
        });
        // What a machine under load takes is not what is tested.
        context.SetDefaultTimeout(60_000);
        return new ConsolePage(context, await context.NewPageAsync(), url ?? Notify.Url);
    }

    /// <summary>The administrator's browser; the first one does the set-up.</summary>
    /// <inheritdoc cref="OpenAsync"/>
    public async Task<ConsolePage> SignInAsync(string language = "en-GB", bool dark = false, bool phone = false, string userName = UserName)
    {
        var console = await OpenAsync(language, dark, phone);
        await EnsureSetUpAsync();
        await console.SignInAsync(userName, Password);
        return console;
    }

    /// <summary>Another person, with a role.</summary>
    public async Task AddPersonAsync(string userName, string role)
    {
        var user = await Notify.Client.PostToAsync("users", new { userName, name = userName, roles = new[] { role }, signIn = "password" });
        using var set = await Notify.Client.PostAsJsonAsync(
            new Uri($"/api/v1/users/{user["id"]}/password", UriKind.Relative), new { password = Password, mustChange = false });
        set.EnsureSuccessStatusCode();
    }

    /// <summary>Does something while changes of a kind need a second person.</summary>
    public async Task WithApprovalOfAsync(string kind, Func<Task> act)
    {
        await EnsureSetUpAsync();
        using var first = await KeyAsync();
        using var second = await KeyAsync();
        await first.SendToAsync("PUT", "approval-policy", new { kinds = new[] { kind } }, "If-Match", "*");
        try
        {
            await act();
        }
        finally
        {
            // That nothing needs approval any more, needs one.
            var end = await first.SendToAsync("PUT", "approval-policy", new { kinds = Array.Empty<string>() }, "If-Match", "*");
            (await second.SendToAsync("POST", $"proposals/{end.Id}/approve")).Status.Should().Be(200);
        }

        async Task<HttpClient> KeyAsync() => NotifyApi.ClientOf(
            Notify.Url, (string)(await Notify.Client.PostToAsync("api-keys", new { name = "Approvals", roles = new[] { "administrator" } }))["key"]!);
    }

    /// <summary>What somebody with a password for the database can do.</summary>
    public async Task ExecuteAsync(string sql)
    {
        await using var source = Npgsql.NpgsqlDataSource.Create(database.ConnectionString);
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Makes what pages show in their broadest rows: long names and paths, states of several words.</summary>
    public async Task EnsureFilledAsync()
    {
        await EnsureSetUpAsync();
        if (filled) return;
        filled = true;
        const string Path = "Site1/The old boiler house behind the harbour/Line 12/Circulation pump 3, spare";
        await Notify.Client.PostToAsync(
            "expected-sources", new { name = "The gateway of the old boiler house", path = Path + "/**", expectEvery = 10_080 });
        var posted = await Notify.Client.PostToAsync("alarms", new
        {
            alarms = Enumerable.Range(1, 3).Select(i => new
            {
                name = $"Temperature of bearing {i} above its upper limit for more than ten minutes",
                path = Path,
                level = "Critical",
                value = "97.25 °C, rising by 0.4 °C a minute",
                description = "The limit is 85 °C",
            }),
        });
        var ids = posted["accepted"]!.AsArray().Select(x => (string)x!["alarmId"]!).ToList();
        await Notify.Client.PostToAsync($"alarms/{ids[0]}/acknowledge", new { note = "On my way" });
        await Notify.Client.PostToAsync($"alarms/{ids[1]}/shelve", new { minutes = 60, reason = "Maintenance" });
    }

    public async Task EnsureSetUpAsync()
    {
        if ((bool)(await Notify.Client.GetFromAsync("session/set-up"))["needed"]!)
            await Notify.Client.PostToAsync("session/set-up", new { userName = UserName, name = "Zhang San", password = Password });
    }
}

/// <summary>All classes of this project, one after another: they share what <see cref="ConsoleHost"/> holds.</summary>
[CollectionDefinition(nameof(ConsoleHost))]
public sealed class ConsoleCollection : ICollectionFixture<ConsoleHost>;
