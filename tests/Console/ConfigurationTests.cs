using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using Notify.Testing;

namespace Notify.Console.Tests;

/// <summary>Messages, schedules and rules, as an engineer makes them.</summary>
[Collection(nameof(ConsoleHost))]
public sealed class ConfigurationTests(ConsoleHost host)
{
    [Fact]
    public async Task a_message_is_written_with_parameters_at_the_cursor_and_seen_as_it_will_be_read()
    {
        var name = Named("Message");
        await using var console = await host.SignInAsync();
        await AddAsync(console, "messages");
        await console.Dialog.GetByLabel("WeCom", new() { Exact = true }).CheckAsync();
        await console.Dialog.GetByRole(AriaRole.Button, new() { Name = "Next" }).ClickAsync();
        await console.Dialog.Locator("#f-name").FillAsync(name);
        var text = console.Dialog.Locator("#f-content");
        await text.FillAsync("Look: ");
        await console.Dialog.GetByRole(AriaRole.Button, new() { Name = "Insert name" }).ClickAsync();
        await console.Page.Keyboard.TypeAsync(" is ");
        await console.Dialog.GetByRole(AriaRole.Button, new() { Name = "Insert state" }).ClickAsync();
        await Assertions.Expect(text).ToHaveValueAsync("Look: {name} is {state}");
        await Assertions.Expect(console.Dialog.Locator(".look")).ToContainTextAsync("Look: Sample alarm is Active, unacknowledged");

        await text.FillAsync("Look: {nam}");
        await text.BlurAsync();
        await Assertions.Expect(console.Dialog.Locator("#f-content-fault")).ToContainTextAsync("nam");
        await Assertions.Expect(Ok(console)).ToBeDisabledAsync();

        await text.FillAsync("Look: {name}");
        await SaveAsync(console);
        var saved = (await host.Notify.Client.GetFromAsync($"messages?search={Uri.EscapeDataString(name)}"))["items"]![0]!;
        saved["content"]!.GetValue<string>().Should().Be("Look: {name}");
        console.Faults.Should().BeEmpty();
    }

    [Fact]
    public async Task a_week_is_drawn_by_mouse_and_by_keys_and_seen_in_the_calendar()
    {
        var name = Named("Day shift");
        await using var console = await host.SignInAsync();
        await AddAsync(console, "schedules");
        await console.Dialog.GetByRole(AriaRole.Button, new() { Name = "Next" }).ClickAsync();
        await console.Dialog.Locator("#f-name").FillAsync(name);
        await console.Dialog.GetByRole(AriaRole.Button, new() { Name = "Clear" }).ClickAsync();
        await Assertions.Expect(console.Dialog.Locator("input.time")).ToHaveCountAsync(0);

        // Monday from 8:00 to 17:30: where a drag begins and ends counts whole.
        var grid = console.Dialog.Locator(".week-grid");
        await Assertions.Expect(grid).Not.ToHaveAttributeAsync("aria-busy", "true");
        await grid.ScrollIntoViewIfNeededAsync();
        var box = (await grid.BoundingBoxAsync())!;
        var (quarter, row) = (box.Width / 96, box.Height / 7);
        await console.Page.Mouse.MoveAsync(box.X + (32.5f * quarter), box.Y + (row / 2));
        await console.Page.Mouse.DownAsync();
        await console.Page.Mouse.MoveAsync(box.X + (69.5f * quarter), box.Y + (row / 2), new() { Steps = 4 });
        await console.Page.Mouse.UpAsync();
        await Assertions.Expect(console.Dialog.GetByLabel("Monday, period 1, from")).ToHaveValueAsync("08:00:00");
        await Assertions.Expect(console.Dialog.GetByLabel("Monday, period 1, to")).ToHaveValueAsync("17:29:59");

        // Tuesday's first hour.
        await grid.FocusAsync();
        foreach (var key in new[] { "ArrowDown", "Home", "Shift+PageDown", "Shift+ArrowLeft", "Space" }) await console.Page.Keyboard.PressAsync(key);
        await Assertions.Expect(console.Dialog.GetByLabel("Tuesday, period 1, to")).ToHaveValueAsync("00:59:59");

        // To the second, typed short.
        var to = console.Dialog.GetByLabel("Tuesday, period 1, to");
        await to.FillAsync("0:59:30");
        await to.BlurAsync();
        await Assertions.Expect(to).ToHaveValueAsync("00:59:30");
        await SaveAsync(console);
        var saved = (await host.Notify.Client.GetFromAsync($"schedules?search={Uri.EscapeDataString(name)}"))["items"]![0]!;
        saved["weekly"]!["monday"]!.ToJsonString().Should().Be("""[{"from":"08:00:00","to":"17:29:59"}]""");
        saved["weekly"]!["tuesday"]!.ToJsonString().Should().Be("""[{"from":"00:00:00","to":"00:59:30"}]""");

        await console.Page.GetByRole(AriaRole.Button, new() { Name = $"View schedule {name}" }).ClickAsync();
        await console.Dialog.GetByRole(AriaRole.Button, new() { Name = "Later" }).ClickAsync();
        await console.Dialog.GetByRole(AriaRole.Button, new() { NameString = "Monday: open 08:00:00 ~ 17:29:59" }).First.ClickAsync();
        await Assertions.Expect(console.Dialog.Locator("section[role=status]")).ToContainTextAsync("08:00:00 ~ 17:29:59");
        console.Faults.Should().BeEmpty();
    }

    [Fact]
    public async Task a_rule_is_explained_before_it_is_saved()
    {
        var (name, service, message) = (Named("Line 1"), Named("Service"), Named("Text"));
        await host.Notify.Client.PostToAsync("services", new
        {
            type = "wecom",
            name = service,
            wecom = new { bots = new[] { new { alias = "Line 1", webhookUrl = host.WeCom.RobotUrl(Guid.NewGuid().ToString()) } } },
        });
        await host.Notify.Client.PostToAsync("messages", new { type = "wecom", name = message, content = "It is {name}" });
        await using var console = await host.SignInAsync();
        await AddAsync(console, "rules");
        await console.Dialog.Locator("#f-name").FillAsync(name);
        await console.Dialog.GetByText("Filters").ClickAsync();
        await console.Dialog.GetByLabel("Critical").CheckAsync();
        await console.Dialog.GetByRole(AriaRole.Button, new() { Name = "+WeCom", Exact = true }).ClickAsync();
        await console.Dialog.Locator("#f-actions-0-serviceId").SelectOptionAsync(new SelectOptionValue { Label = service });
        await console.Dialog.Locator("#f-actions-0-messageId").SelectOptionAsync(new SelectOptionValue { Label = message });
        await console.Dialog.Locator("#f-actions-0-scheduleId").SelectOptionAsync(new SelectOptionValue { Label = "Default" });
        await console.Dialog.Locator(".receiver-kind").GetByLabel("Line 1").CheckAsync();

        await console.Dialog.GetByRole(AriaRole.Button, new() { Name = "Explain", Exact = true }).ClickAsync();
        await console.Dialog.GetByLabel("A made-up alarm").CheckAsync();
        await console.Dialog.GetByLabel("Level").SelectOptionAsync("Low");
        await console.Dialog.GetByRole(AriaRole.Button, new() { Name = "Explain", Exact = true }).ClickAsync();
        await Assertions.Expect(console.Dialog.Locator(".explained")).ToContainTextAsync("does not match");
        await console.Dialog.GetByLabel("Level").SelectOptionAsync("Critical");
        await console.Dialog.GetByRole(AriaRole.Button, new() { Name = "Explain", Exact = true }).ClickAsync();
        await Assertions.Expect(console.Dialog.Locator(".explained")).ToContainTextAsync("It is Motor too hot");
        await console.Dialog.GetByRole(AriaRole.Button, new() { Name = "Close" }).Last.ClickAsync();

        await SaveAsync(console);
        var saved = (await host.Notify.Client.GetFromAsync($"rules?search={Uri.EscapeDataString(name)}"))["items"]![0]!;
        saved["criteria"]!["levels"]!.ToJsonString().Should().Be("""["Critical"]""");
        saved["actions"]![0]!["receivers"]![0]!["alias"]!.GetValue<string>().Should().Be("Line 1");
        console.Faults.Should().BeEmpty();
    }

    [Fact]
    public async Task a_rule_names_people_and_groups_and_says_who_would_not_be_reached()
    {
        var (name, service, message) = (Named("机房"), Named("邮箱"), Named("邮件"));
        var client = host.Notify.Client;
        var server = new { host = "mail.plant.example", from = "notify@plant.example" };
        await client.PostToAsync("services", new { type = "email", name = service, email = server });
        await client.PostToAsync("messages", new { type = "email", name = message, subject = "{name}", content = "{name}" });
        async Task<string> PersonAsync(string userName, object more)
        {
            var body = new JsonObject { ["userName"] = userName, ["name"] = userName, ["signIn"] = "none" };
            foreach (var (field, value) in JsonSerializer.SerializeToNode(more)!.AsObject()) body[field] = value?.DeepClone();
            return (string)(await client.PostToAsync("users", body))["id"]!;
        }

        var (reached, missed) = ("reached." + Guid.NewGuid().ToString("N")[..6], "missed." + Guid.NewGuid().ToString("N")[..6]);
        var ids = new[]
        {
            await PersonAsync(reached, new { email = reached + "@example.com" }), await PersonAsync(missed, new { mobile = "+8613800138000" }),
        };
        var group = await client.PostToAsync("groups", new { name = Named("夜班"), members = ids });

        await using var console = await host.SignInAsync("zh-CN");
        await AddAsync(console, "rules", "新增");
        await console.Dialog.Locator("#f-name").FillAsync(name);
        await console.Dialog.GetByRole(AriaRole.Button, new() { Name = "+邮件", Exact = true }).ClickAsync();
        await console.Dialog.Locator("#f-actions-0-serviceId").SelectOptionAsync(new SelectOptionValue { Label = service });
        await console.Dialog.Locator("#f-actions-0-messageId").SelectOptionAsync(new SelectOptionValue { Label = message });
        await console.Dialog.Locator("#f-actions-0-scheduleId").SelectOptionAsync(new SelectOptionValue { Label = "Default" });
        var people = console.Dialog.Locator(".receiver-kind").Filter(new() { HasText = reached });
        await people.GetByLabel(reached).First.CheckAsync();
        await Assertions.Expect(console.Dialog.Locator(".notice-warn")).ToHaveCountAsync(0);
        await console.Dialog.GetByLabel((string)group["name"]!).CheckAsync();
        await Assertions.Expect(console.Dialog.Locator(".notice-warn")).ToHaveTextAsync($"通知服务“{service}”通知不到 {missed}：人员资料中没有可用的“email”。");

        await console.Dialog.GetByRole(AriaRole.Button, new() { Name = "确认", Exact = true }).ClickAsync();
        await Assertions.Expect(console.Page.Locator("dialog[open]")).ToHaveCountAsync(0);
        await Assertions.Expect(console.Page.Locator(".notices")).ToContainTextAsync(missed);

        // Who may not see people chooses them by name all the same.
        await host.AddPersonAsync("engineer." + reached, "engineer");
        await using (var engineer = await host.SignInAsync(userName: "engineer." + reached))
        {
            await engineer.GoAsync("rules?search=" + Uri.EscapeDataString(name));
            await engineer.Page.GetByRole(AriaRole.Link, new() { Name = $"Edit {name}" }).ClickAsync();
            await Assertions.Expect(engineer.Dialog.GetByLabel(reached).First).ToBeCheckedAsync();
            await Assertions.Expect(engineer.Dialog.GetByLabel((string)group["name"]!).Last).ToBeCheckedAsync();
            await Assertions.Expect(engineer.Dialog.GetByLabel(missed).First).Not.ToBeCheckedAsync();
            await Assertions.Expect(engineer.Dialog.GetByText("user-")).ToHaveCountAsync(0);
            engineer.Faults.Should().BeEmpty();
        }

        var saved = (await client.GetFromAsync($"rules?search={Uri.EscapeDataString(name)}"))["items"]![0]!;
        saved["actions"]![0]!["receivers"]!.AsArray().Select(x => ((string)x!["kind"]!, (string)x["account"]!))
            .Should().Equal(("user", ids[0]), ("group", (string)group["id"]!));
        console.Faults.Should().BeEmpty();
    }

    private static string Named(string name) => $"{name} {Guid.NewGuid().ToString("N")[..6]}";

    private static async Task AddAsync(ConsolePage console, string address, string add = "Add")
    {
        await console.GoAsync(address);
        await console.Page.GetByRole(AriaRole.Link, new() { Name = add, Exact = true }).First.ClickAsync();
        await Assertions.Expect(console.Dialog).ToBeVisibleAsync();
    }

    private static ILocator Ok(ConsolePage console) => console.Dialog.GetByRole(AriaRole.Button, new() { Name = "OK", Exact = true });

    private static async Task SaveAsync(ConsolePage console)
    {
        await Ok(console).ClickAsync();
        await Assertions.Expect(console.Page.Locator("dialog[open]")).ToHaveCountAsync(0);
    }
}
