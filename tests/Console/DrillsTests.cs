using System.Text.Json.Nodes;
using Microsoft.Playwright;
using Notify.Testing;

namespace Notify.Console.Tests;

/// <summary>A drill, from the form to the confirmation on a phone.</summary>
[Collection(nameof(ConsoleHost))]
public sealed class DrillsTests(ConsoleHost host)
{
    [Fact]
    public async Task a_drill_is_added_and_run_and_the_link_in_its_message_proves_the_way()
    {
        await host.EnsureSetUpAsync();
        var (tag, robot) = (Guid.NewGuid().ToString("N")[..6], Guid.NewGuid().ToString());
        var client = host.Notify.Client;
        await client.PostToAsync("services", new
        {
            type = "wecom",
            name = $"夜班企业微信 {tag}",
            wecom = new { bots = new[] { new { alias = "夜班", webhookUrl = host.WeCom.RobotUrl(robot) } } },
        });
        await client.PostToAsync("messages", new { type = "wecom", name = $"夜班内容 {tag}", format = "text", content = "{name} {urlPath}" });
        await using var console = await host.SignInAsync("zh-CN");
        await console.GoAsync("drills/new");
        var dialog = console.Dialog;
        await dialog.Locator("#f-name").FillAsync($"夜班可达 {tag}");
        await dialog.GetByLabel("通知服务").SelectOptionAsync($"夜班企业微信 {tag}");
        await dialog.GetByLabel("通知内容").SelectOptionAsync($"夜班内容 {tag}");
        await dialog.GetByLabel("夜班", new() { Exact = true }).CheckAsync();
        await dialog.GetByLabel("周四").CheckAsync();
        await dialog.GetByLabel("时刻").FillAsync("08:30");
        await dialog.GetByLabel("验证间隔（小时）").FillAsync("24");
        await dialog.GetByLabel("确认期限（分钟）").FillAsync("20");
        await Assertions.Expect(dialog.GetByText("两次演练最长相隔 97 小时")).ToBeVisibleAsync();
        await dialog.GetByLabel("验证间隔（小时）").FillAsync("97");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "确认", Exact = true }).ClickAsync();

        await console.GoAsync($"drills?search={tag}");
        var row = console.Page.GetByRole(AriaRole.Row).Filter(new() { HasText = tag });
        await Assertions.Expect(row.GetByText("待验证")).ToBeVisibleAsync();
        await console.Button($"演练记录 夜班可达 {tag}").ClickAsync();
        await Assertions.Expect(console.Dialog.GetByText("尚未演练")).ToBeVisibleAsync();
        await console.Dialog.GetByRole(AriaRole.Button, new() { Name = "立即演练" }).ClickAsync();
        await Assertions.Expect(console.Dialog.GetByText("待确认")).ToBeVisibleAsync();
        (await console.AxeAsync()).Should().BeEmpty();

        var message = (await host.WeCom.WaitForAsync(x => x.RobotKey == robot))[0].Text;
        message.Should().StartWith("[演练] [Drill] 请打开链接确认收到 Please confirm by the link\n");
        await using var phone = await host.OpenAsync("zh-CN", phone: true, scripts: false);
        await phone.Page.GotoAsync(message[message.LastIndexOf("http", StringComparison.Ordinal)..].Trim());
        await Assertions.Expect(phone.Page.GetByText("这是演练，并无报警。")).ToBeVisibleAsync();
        await phone.Page.GetByLabel("您的姓名").FillAsync("李四");
        await phone.Page.GetByRole(AriaRole.Button, new() { Name = "确认收到" }).ClickAsync();
        await Assertions.Expect(phone.Page.GetByText("已由 李四 确认收到，谢谢。")).ToBeVisibleAsync();

        await console.Dialog.GetByRole(AriaRole.Button, new() { Name = "关闭" }).Last.ClickAsync();
        await Assertions.Expect(row.GetByText("已验证")).ToBeVisibleAsync();
        console.Faults.Should().BeEmpty();
        var drill = (JsonObject)(await client.GetFromAsync($"drills?search={tag}"))["items"]![0]!;
        drill["at"]!.ToJsonString().Should().Contain("""["monday","thursday"]""").And.Contain("08:30:00");
    }
}
