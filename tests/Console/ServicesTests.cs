using Microsoft.Playwright;
using Notify.Testing;

namespace Notify.Console.Tests;

/// <summary>Services, by mouse and by keyboard.</summary>
[Collection(nameof(ConsoleHost))]
public sealed class ServicesTests(ConsoleHost host)
{
    [Fact]
    public async Task a_wecom_robot_is_added_and_tested_in_chinese_by_mouse()
    {
        var (name, key) = ("产线企业微信 " + Guid.NewGuid().ToString("N")[..6], Guid.NewGuid().ToString());
        await using var console = await host.SignInAsync("zh-CN");
        await console.GoAsync("services");
        await console.Page.GetByRole(AriaRole.Link, new() { Name = "新增", Exact = true }).First.ClickAsync();
        await console.Dialog.GetByLabel("企业微信", new() { Exact = true }).CheckAsync();
        await console.Dialog.GetByRole(AriaRole.Button, new() { Name = "下一步" }).ClickAsync();
        await Assertions.Expect(console.Dialog.GetByLabel("企业微信机器人")).ToBeCheckedAsync();
        await Assertions.Expect(console.Dialog.GetByRole(AriaRole.Button, new() { Name = "确认", Exact = true })).ToBeDisabledAsync();

        await console.Dialog.GetByLabel("名称").FillAsync(name);
        await console.Dialog.GetByLabel("别名 1").FillAsync("一号线");
        await console.Dialog.GetByLabel("Webhook URL 1").FillAsync("http://elsewhere.example.com/hook");
        await console.Dialog.GetByLabel("别名 1").FocusAsync();
        await Assertions.Expect(console.Dialog.GetByLabel("Webhook URL 1")).ToHaveAttributeAsync("aria-invalid", "true");
        await Assertions.Expect(console.Dialog.GetByRole(AriaRole.Button, new() { Name = "确认", Exact = true })).ToBeDisabledAsync();

        await console.Dialog.GetByLabel("Webhook URL 1").FillAsync(host.WeCom.RobotUrl(key));
        await console.Dialog.GetByRole(AriaRole.Button, new() { Name = "确认", Exact = true }).ClickAsync();
        await console.Page.GetByRole(AriaRole.Link, new() { Name = name, Exact = true }).ClickAsync();

        await console.Dialog.GetByRole(AriaRole.Button, new() { Name = "发送测试" }).ClickAsync();
        await console.Dialog.GetByLabel("一号线").CheckAsync();
        await console.Dialog.GetByLabel("内容").FillAsync("来自浏览器的测试");
        await console.Dialog.GetByRole(AriaRole.Button, new() { Name = "发送测试", Exact = true }).ClickAsync();
        await Assertions.Expect(console.Dialog.GetByText("已送达")).ToBeVisibleAsync();
        (await host.Notify.Client.GetFromAsync($"services?search={Uri.EscapeDataString(name)}"))["total"]!.GetValue<int>().Should().Be(1);
        console.Faults.Should().BeEmpty();
    }

    [Fact]
    public async Task a_service_is_added_by_keyboard_alone()
    {
        var name = "By keyboard " + Guid.NewGuid().ToString("N")[..6];
        await using var console = await host.SignInAsync();
        await console.GoAsync("services");
        var keys = console.Page.Keyboard;
        await keys.PressAsync("n");
        await console.Dialog.GetByRole(AriaRole.Button, new() { Name = "Next" }).WaitForAsync();
        await Assertions.Expect(console.Dialog.Locator(":focus")).ToHaveCountAsync(1);
        while (!await console.Dialog.GetByLabel("WeCom", new() { Exact = true }).IsCheckedAsync()) await keys.PressAsync("ArrowDown");
        await TabToAsync(console, "Next");
        await keys.PressAsync("Enter");
        await Assertions.Expect(console.Dialog.GetByLabel("Name")).ToBeFocusedAsync();
        await keys.TypeAsync(name);
        await TabToAsync(console, "Alias 1");
        await keys.TypeAsync("Line 1");
        await TabToAsync(console, "Webhook URL 1");
        await keys.TypeAsync(host.WeCom.RobotUrl(Guid.NewGuid().ToString()));
        // It can be pressed once the server has found nothing wrong.
        await Assertions.Expect(console.Dialog.GetByRole(AriaRole.Button, new() { Name = "OK", Exact = true })).ToBeEnabledAsync();
        await TabToAsync(console, "OK");
        await keys.PressAsync("Enter");
        await Assertions.Expect(console.Page.GetByRole(AriaRole.Link, new() { Name = name, Exact = true })).ToBeVisibleAsync();

        // Escape closes, and the focus is where it was.
        await console.Page.GetByRole(AriaRole.Button, new() { Name = $"History of {name}" }).FocusAsync();
        await keys.PressAsync("Enter");
        await Assertions.Expect(console.Dialog).ToBeVisibleAsync();
        await keys.PressAsync("Escape");
        await Assertions.Expect(console.Page.GetByRole(AriaRole.Button, new() { Name = $"History of {name}" })).ToBeFocusedAsync();
    }

    [Fact]
    public async Task two_people_who_edit_the_same_service_lose_nothing()
    {
        var service = await AddAsync("Shared");
        await using var first = await host.SignInAsync();
        await using var second = await host.SignInAsync();
        await first.GoAsync($"services/{service}");
        await second.GoAsync($"services/{service}");
        await first.Dialog.GetByLabel("Description").FillAsync("What the first one wrote");
        await second.Dialog.GetByLabel("Name").FillAsync("Renamed by the second");
        await SaveAsync(first);
        await second.Dialog.GetByRole(AriaRole.Button, new() { Name = "OK", Exact = true }).ClickAsync();
        await Assertions.Expect(second.Dialog.GetByText("has changed this in the meantime")).ToBeVisibleAsync();
        await Assertions.Expect(second.Dialog.GetByLabel("Description")).ToHaveValueAsync("What the first one wrote");
        await SaveAsync(second);
        var saved = await host.Notify.Client.GetFromAsync($"services/{service}");
        saved["description"]!.GetValue<string>().Should().Be("What the first one wrote");
        saved["name"]!.GetValue<string>().Should().Be("Renamed by the second");
    }

    [Fact]
    public async Task what_is_typed_outlives_a_restart_of_the_server()
    {
        await using var console = await host.SignInAsync();
        await console.GoAsync("services/new/wecom");
        await console.Dialog.GetByLabel("Name").FillAsync("Typed before the restart");
        await console.Dialog.GetByLabel("Description").FillAsync("and not saved");
        await Eventually.GetAsync(
            () => console.Page.EvaluateAsync<string?>("Object.values(sessionStorage).join()"), x => x?.Contains("and not saved", StringComparison.Ordinal) == true);
        await host.Notify.KillAsync();
        await host.Notify.StartAsync();
        await Assertions.Expect(console.Dialog.GetByLabel("Description")).ToHaveValueAsync("and not saved", new() { Timeout = 60_000 });
        await Assertions.Expect(console.Dialog.GetByLabel("Name")).ToHaveValueAsync("Typed before the restart");
    }

    /// <summary>A draft of a long form is longer than what a page may otherwise say at once.</summary>
    [Fact]
    public async Task what_is_typed_into_a_long_form_outlives_a_reload_and_what_others_save_meanwhile()
    {
        var made = await host.Notify.Client.PostToAsync("services", new
        {
            type = "wecom",
            name = $"Long {Guid.NewGuid().ToString("N")[..6]}",
            wecom = new
            {
                sendTo = new[] { "account" },
                app = new { corpId = "ww1", agentId = 1_000_002, secret = "SecretOfAnApp" },
                accounts = Enumerable.Range(1, 800).Select(x => new { account = $"account.{x:000}", name = $"Somebody of shift {x:000}" }),
            },
        });
        await using var console = await host.SignInAsync();
        await console.GoAsync($"services/{made["id"]}");
        await console.Dialog.Locator("#f-description").FillAsync("Typed by one");
        await console.Dialog.Locator("#reason").FillAsync("Why one typed it");
        await Eventually.GetAsync(
            () => console.Page.EvaluateAsync<string?>("Object.values(sessionStorage).join()"), x => x?.Contains("Why one typed it", StringComparison.Ordinal) == true);
        var other = await host.Notify.Client.GetFromAsync($"services/{made["id"]}");
        other["name"] += " renamed";
        (await host.Notify.Client.SendToAsync("PUT", $"services/{made["id"]}", other, "If-Match", "*")).Status.Should().Be(200);

        await console.Page.ReloadAsync();
        await Assertions.Expect(console.Dialog.GetByText("has changed this in the meantime")).ToBeVisibleAsync();
        await Assertions.Expect(console.Dialog.Locator("#f-name")).ToHaveValueAsync((string)other["name"]!);
        await Assertions.Expect(console.Dialog.Locator("#f-description")).ToHaveValueAsync("Typed by one");
        await Assertions.Expect(console.Dialog.Locator("#reason")).ToHaveValueAsync("Why one typed it");
        await SaveAsync(console);
        (await host.Notify.Client.GetFromAsync($"services/{made["id"]}"))["description"]!.GetValue<string>().Should().Be("Typed by one");
        console.Faults.Should().BeEmpty();
    }

    /// <summary>The rules are named, and their number is asked for again when they have become more.</summary>
    [Fact]
    public async Task a_service_that_rules_use_is_disabled_once_that_is_certain()
    {
        var service = await AddAsync("In use");
        var name = (string)(await host.Notify.Client.GetFromAsync($"services/{service}"))["name"]!;
        await AddRuleAsync(service, "First");
        await using var console = await host.SignInAsync("zh-CN");
        await console.GoAsync($"services?search={Uri.EscapeDataString(name)}");
        await console.Page.GetByRole(AriaRole.Switch, new() { Name = $"启用：{name}" }).ClickAsync();
        await console.Dialog.GetByRole(AriaRole.Button, new() { Name = "停用", Exact = true }).ClickAsync();
        await Assertions.Expect(console.Dialog.GetByText("正被使用")).ToBeVisibleAsync();
        await AddRuleAsync(service, "Second");
        await console.Dialog.GetByRole(AriaRole.Button, new() { Name = "仍要停用（影响 1 项）" }).ClickAsync();
        await console.Dialog.GetByRole(AriaRole.Button, new() { Name = "仍要停用（影响 2 项）" }).ClickAsync();
        await Assertions.Expect(console.Page.Locator("dialog[open]")).ToHaveCountAsync(0);
        ((string?)(await host.Notify.Client.GetFromAsync($"services/{service}"))["status"]).Should().Be("disabled");
    }

    private async Task AddRuleAsync(string serviceId, string name)
    {
        var client = host.Notify.Client;
        var unique = $"{name} {Guid.NewGuid().ToString("N")[..6]}";
        var message = await client.PostToAsync("messages", new { type = "wecom", name = unique, content = "{name}" });
        var schedule = (await client.GetFromAsync("schedules?search=Default"))["items"]![0]!;
        await client.PostToAsync("rules", new
        {
            name = unique,
            criteria = new { states = new[] { "ActiveUnacked" }, paths = new[] { "Nowhere/**" } },
            actions = new[]
            {
                new
                {
                    type = "wecom", serviceId, messageId = message["id"], scheduleId = schedule["id"],
                    receivers = new[] { new { kind = "bot", alias = "Line 1" } },
                },
            },
        });
    }

    private async Task<string> AddAsync(string name)
    {
        var service = await host.Notify.Client.PostToAsync("services", new
        {
            type = "wecom",
            name = $"{name} {Guid.NewGuid().ToString("N")[..6]}",
            wecom = new { bots = new[] { new { alias = "Line 1", webhookUrl = host.WeCom.RobotUrl(Guid.NewGuid().ToString()) } } },
        });
        return service["id"]!.GetValue<string>();
    }

    private static async Task SaveAsync(ConsolePage console)
    {
        await console.Dialog.GetByRole(AriaRole.Button, new() { Name = "OK", Exact = true }).ClickAsync();
        await Assertions.Expect(console.Page.Locator("dialog[open]")).ToHaveCountAsync(0);
    }

    private static async Task TabToAsync(ConsolePage console, string name)
    {
        for (var i = 0; i < 60; i++)
        {
            var focused = await console.Page.EvaluateAsync<string>(
                "(() => { const e = document.activeElement; return (e.getAttribute('aria-label') ?? e.labels?.[0]?.innerText ?? e.innerText ?? '').trim(); })()");
            if (focused == name) return;
            await console.Page.Keyboard.PressAsync("Tab");
        }

        throw new InvalidOperationException($"No press of Tab leads to '{name}'.");
    }
}
