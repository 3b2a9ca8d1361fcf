using System.Text.Json.Nodes;
using System.Web;
using Microsoft.Playwright;
using Notify.Testing;
using ZXing;

namespace Notify.Console.Tests;

/// <summary>What people do with their own accounts.</summary>
[Collection(nameof(ConsoleHost))]
public sealed class AccountTests(ConsoleHost host)
{
    /// <summary>Passkeys are bound to a name; an address of numbers has none.</summary>
    private string Local => host.Notify.Url.Replace("127.0.0.1", "localhost", StringComparison.Ordinal);

    [Fact]
    public async Task a_passkey_is_added_signs_in_without_password_and_is_removed()
    {
        var name = await AddPersonAsync();
        await using var console = await host.OpenAsync(url: Local);
        await AttachAuthenticatorAsync(console.Page);
        await console.SignInAsync(name, ConsoleHost.Password);
        await console.GoAsync("account");
        await console.Field("Name of the device").FillAsync("Laptop");
        await console.Page.Locator("#passkey-password").FillAsync("not the password at all");
        await console.Button("Add a passkey").ClickAsync();
        await Assertions.Expect(console.Page.Locator(".content .notice-error")).ToBeVisibleAsync();
        await console.Page.Locator("#passkey-password").FillAsync(ConsoleHost.Password);
        await console.Button("Add a passkey").ClickAsync();
        await Assertions.Expect(console.Button("Remove Laptop")).ToBeVisibleAsync();

        await console.Button("Sign out").ClickAsync();
        await console.Button("Sign in with a passkey").ClickAsync();
        await console.Page.Locator(".shell").WaitForAsync();
        await console.GoAsync("account");
        await Assertions.Expect(console.Page.Locator(".facts")).ToContainTextAsync(name);

        await console.Button("Remove Laptop").ClickAsync();
        await console.Dialog.GetByLabel("Current password").FillAsync(ConsoleHost.Password);
        await console.Dialog.GetByRole(AriaRole.Button, new() { Name = "Remove", Exact = true }).ClickAsync();
        await Assertions.Expect(console.Button("Remove Laptop")).ToHaveCountAsync(0);
        await console.Button("Sign out").ClickAsync();
        await console.Button("Sign in with a passkey").ClickAsync();
        await Assertions.Expect(console.Page.Locator("[data-problem]")).ToContainTextAsync("This passkey does not sign anybody in here.");
    }

    [Fact]
    public async Task a_second_factor_is_set_up_from_its_qr_code()
    {
        var name = await AddPersonAsync();
        await using var console = await host.OpenAsync("zh-CN");
        await console.SignInAsync(name, ConsoleHost.Password);
        await console.GoAsync("account");
        await console.Page.Locator("#factor-password").FillAsync(ConsoleHost.Password);
        await console.Button("设置双重验证").ClickAsync();
        var code = console.Page.GetByRole(AriaRole.Img, new() { Name = "密钥的二维码" });
        await Assertions.Expect(code).ToBeVisibleAsync();
        var fields = int.Parse((await code.GetAttributeAsync("viewBox"))!.Split(' ')[2], null);
        var scanned = Scan((await code.Locator("path").GetAttributeAsync("d"))!, fields);
        scanned.Should().StartWith("otpauth://totp/Notify%3A" + name);
        var secret = HttpUtility.ParseQueryString(new Uri(scanned).Query)["secret"]!;
        (await console.Page.Locator("#factor-title ~ p code").InnerTextAsync()).Should().Be(secret);
        await console.Field("验证码").FillAsync(AuthenticatorApp.CodeOf(secret));
        await console.Button("确认").ClickAsync();
        await Assertions.Expect(console.Page.GetByText("恢复码仅显示这一次")).ToBeVisibleAsync();
        console.Faults.Should().BeEmpty();
    }

    [Fact]
    public async Task a_security_administrator_arrives_where_they_may_and_a_page_left_open_says_that_its_session_has_ended()
    {
        var name = await AddPersonAsync("security-administrator");
        await using var console = await host.OpenAsync();
        await console.SignInAsync(name, ConsoleHost.Password);
        await console.ExpectAddressAsync("/services");
        await Assertions.Expect(console.Heading).ToHaveTextAsync("Services");
        await Assertions.Expect(console.Page.Locator(".menu .menu-group")).ToHaveTextAsync(["Alarms", "Alarm notifications", "History", "Administration"]);
        var faults = console.Faults.Count;

        var id = (string)(await host.Notify.Client.GetFromAsync($"users?search={name}"))["items"]![0]!["id"]!;
        (await host.Notify.Client.SendToAsync("DELETE", $"users/{id}/sessions")).Status.Should().BeLessThan(300);
        await Assertions.Expect(console.Heading).ToHaveTextAsync("Your session has ended");
        await Assertions.Expect(console.Page.Locator(".shell")).ToHaveCountAsync(0);
        await console.Page.GetByRole(AriaRole.Link, new() { Name = "Sign in" }).ClickAsync();
        await console.Page.Locator("#userName").FillAsync(name);
        await console.Page.Locator("#password").FillAsync(ConsoleHost.Password);
        await console.Page.Locator("button[type=submit]").ClickAsync();
        await console.ExpectAddressAsync("/services");
        await Assertions.Expect(console.Heading).ToHaveTextAsync("Services");
        faults.Should().Be(0, string.Join('\n', console.Faults));

        var missed = await host.Notify.Client.GetFromAsync($"audit?order=desc&limit=50&type=access.permission_missed.v1&actor={id}");
        missed["items"]!.AsArray().Should().BeEmpty("nobody is refused what their first page asks for");
    }

    [Fact]
    public async Task single_keys_are_switched_off_and_the_search_covers_nothing_that_has_the_focus()
    {
        var name = await AddPersonAsync("viewer");
        await using var console = await host.OpenAsync();
        await console.SignInAsync(name, ConsoleHost.Password);
        await console.GoAsync("account");
        var keys = console.Page.Locator("#keys");
        await console.Page.GetByLabel("Single keys").UncheckAsync();
        await Assertions.Expect(console.Page.Locator("html")).ToHaveAttributeAsync("data-keys", "off");
        await console.Page.ReloadAsync();
        await Assertions.Expect(console.Page.GetByLabel("Single keys")).Not.ToBeCheckedAsync();
        await console.Heading.FocusAsync();
        await console.Page.Keyboard.PressAsync("?");
        await console.Page.Keyboard.PressAsync("/");
        await Assertions.Expect(console.Heading).ToBeFocusedAsync();
        await Assertions.Expect(keys).ToBeHiddenAsync();
        await console.Page.GetByLabel("Single keys").CheckAsync();
        await Assertions.Expect(console.Page.Locator("html")).ToHaveAttributeAsync("data-keys", "on");
        await console.Heading.FocusAsync();
        await console.Page.Keyboard.PressAsync("?");
        await Assertions.Expect(keys).ToBeVisibleAsync();
        await console.Page.Keyboard.PressAsync("Escape");

        await console.Page.Locator("#search").FillAsync("no such name");
        await Assertions.Expect(console.Page.Locator("#search-found")).ToBeVisibleAsync();
        await console.Page.GetByLabel("Single keys").FocusAsync();
        await Assertions.Expect(console.Page.Locator("#search-found")).ToHaveCountAsync(0);
        await Assertions.Expect(console.Page.Locator("#search")).ToHaveValueAsync("no such name");
        console.Faults.Should().BeEmpty();
    }

    [Fact]
    public async Task roles_that_come_with_notify_are_shown_without_what_would_be_refused()
    {
        await using var console = await host.SignInAsync();
        await console.GoAsync("people/roles?search=viewer");
        await Assertions.Expect(console.Page.GetByText("built in")).ToBeVisibleAsync();
        await Assertions.Expect(console.Button("Delete viewer")).ToHaveCountAsync(0);
        await Assertions.Expect(console.Page.GetByText("1970")).ToHaveCountAsync(0);
    }

    /// <summary>What a phone reads in a drawing of dark fields, four dots wide each.</summary>
    private static string Scan(string drawn, int fields)
    {
        const int dots = 4;
        var (width, light) = (fields * dots, new byte[fields * dots * fields * dots]);
        Array.Fill(light, byte.MaxValue);
        foreach (var field in drawn.Split('M', StringSplitOptions.RemoveEmptyEntries))
        {
            var at = field[..field.IndexOf('h', StringComparison.Ordinal)].Split(' ').Select(x => int.Parse(x, null) * dots).ToArray();
            for (var y = 0; y < dots; y++) Array.Fill(light, (byte)0, ((at[1] + y) * width) + at[0], dots);
        }

        return new BarcodeReaderGeneric().Decode(light, width, width, RGBLuminanceSource.BitmapFormat.Gray8)?.Text ?? "nothing";
    }

    private async Task<string> AddPersonAsync(string role = "operator")
    {
        await host.EnsureSetUpAsync();
        var name = "own." + Guid.NewGuid().ToString("N")[..8];
        await host.AddPersonAsync(name, role);
        return name;
    }

    /// <summary>A device with a finger on it.</summary>
    private static async Task AttachAuthenticatorAsync(IPage page)
    {
        var session = await page.Context.NewCDPSessionAsync(page);
        await session.SendAsync("WebAuthn.enable");
        await session.SendAsync("WebAuthn.addVirtualAuthenticator", new()
        {
            ["options"] = new JsonObject
            {
                ["protocol"] = "ctap2",
                ["transport"] = "internal",
                ["hasResidentKey"] = true,
                ["hasUserVerification"] = true,
                ["isUserVerified"] = true,
                ["automaticPresenceSimulation"] = true,
            },
        });
    }
}
