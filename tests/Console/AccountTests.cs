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
        await console.Dialog.GetByLabel("Password now").FillAsync(ConsoleHost.Password);
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
        await console.Button("设置").ClickAsync();
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

    private async Task<string> AddPersonAsync()
    {
        await host.EnsureSetUpAsync();
        var name = "own." + Guid.NewGuid().ToString("N")[..8];
        await host.AddPersonAsync(name, "operator");
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
