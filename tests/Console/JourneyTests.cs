using Microsoft.Playwright;
using Notify.Testing;

namespace Notify.Console.Tests;

/// <summary>Somebody opens a new Notify, and ends with a delivered message and its receipt.</summary>
[Collection(nameof(ConsoleHost))]
public sealed class JourneyTests(ConsoleHost host)
{
    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task from_an_empty_system_to_a_delivered_message_and_its_receipt(bool chinese, bool keyboard)
    {
        string T(string en, string zh) => chinese ? zh : en;
        await using var database = await TestPostgres.CreateDatabaseAsync();
        await using var notify = await NotifyProcess.StartNewAsync(host.WeCom.BaseUrl, $"ConnectionStrings:Notify={database.ConnectionString}");
        await using var console = await host.OpenAsync(chinese ? "zh-CN" : "en-GB", url: notify.Url);
        var (page, hand, robot) = (console.Page, new Hand(console.Page, keyboard), Guid.NewGuid().ToString());
        ILocator Link(string name) => page.GetByRole(AriaRole.Link, new() { Name = name, Exact = true }).First;
        ILocator Asked(string button) => console.Dialog.GetByRole(AriaRole.Button, new() { Name = button, Exact = true });

        await page.GotoAsync("/");
        await console.ExpectAddressAsync("/set-up");
        await hand.TypeAsync(console.Field(T("User name", "用户名")), "zhang.san");
        await hand.TypeAsync(console.Field(T("Name", "姓名")).Last, "张三");
        await hand.TypeAsync(console.Field(T("Password", "密码")), "four unrelated words here");
        await hand.PressAsync(console.Button(T("Make the administrator", "创建管理员")));
        await Assertions.Expect(console.Heading).ToHaveTextAsync(T("Overview", "概览"));

        async Task AddAsync(string list, Func<Task> fill)
        {
            await hand.PressAsync(Link(list));
            await Assertions.Expect(console.Heading).ToHaveTextAsync(list);
            await hand.PressAsync(page.Locator("[data-add]"));
            await fill();
            await hand.PressAsync(Asked(T("OK", "确认")));
            await Assertions.Expect(page.Locator("dialog[open]")).ToHaveCountAsync(0);
        }

        async Task ChooseWeComAsync()
        {
            await hand.TickAsync(console.Dialog.GetByLabel(T("WeCom", "企业微信"), new() { Exact = true }));
            await hand.PressAsync(Asked(T("Next", "下一步")));
        }

        await AddAsync(T("Services", "通知服务"), async () =>
        {
            await ChooseWeComAsync();
            await hand.TypeAsync(console.Dialog.Locator("#f-name"), T("Robots", "机器人"));
            await hand.TypeAsync(console.Dialog.GetByLabel(T("Alias 1", "别名 1")), T("Line 1", "一号线"));
            await hand.TypeAsync(console.Dialog.GetByLabel("Webhook URL 1"), host.WeCom.RobotUrl(robot));
        });
        await AddAsync(T("Messages", "通知内容"), async () =>
        {
            await ChooseWeComAsync();
            await hand.TypeAsync(console.Dialog.Locator("#f-name"), T("Short", "简短"));
            await hand.TypeAsync(console.Dialog.Locator("#f-content"), T("Look: {name} {value}", "请处理：{name} {value}"));
        });
        await AddAsync(T("Rules", "通知规则"), async () =>
        {
            await hand.TypeAsync(console.Dialog.Locator("#f-name"), T("Everything", "全部"));
            await hand.PressAsync(Asked(T("+WeCom", "+企业微信")));
            // Of service, message and schedule there is one each: they are chosen.
            await hand.TickAsync(console.Dialog.Locator(".receiver-kind").GetByLabel(T("Line 1", "一号线")));
        });

        var name = T("High pressure", "压力过高");
        await notify.Client.PostToAsync(
            "alarms", new { alarms = new[] { new { name, path = "Site1/Line1", level = "Critical", value = "9.7 bar" } } });
        await hand.PressAsync(Link(T("Notifications", "通知记录")));
        await hand.PressAsync(Link(name));
        await Assertions.Expect(page.Locator(".content .state-good").First).ToHaveTextAsync(T("delivered", "已送达"), new() { IgnoreCase = true });
        var download = await page.RunAndWaitForDownloadAsync(() => hand.PressAsync(Link(T("Receipt", "下载回执"))));
        (await File.ReadAllLinesAsync((await download.PathAsync())!)).Should().HaveCountGreaterThan(1);
        host.WeCom.Received.Where(x => x.RobotKey == robot).Select(x => x.Text).Should().Equal(
            [T("Look: High pressure 9.7 bar", "请处理：压力过高 9.7 bar")], "that is all that {0} says, typed for {1}, of {2}",
            (await notify.Client.GetFromAsync("services")).ToJsonString(), robot, string.Join(", ", host.WeCom.Received.Select(x => x.RobotKey)));
        console.Faults.Should().BeEmpty();
    }
}
