using System.Net.Http.Json;
using Microsoft.Playwright;
using Notify.Peers.WeCom;
using Notify.Testing;

namespace Notify.Console.Tests;

/// <summary>Alarms and notifications as they come, and what an operator does with them.</summary>
[Collection(nameof(ConsoleHost))]
public sealed class LiveTests(ConsoleHost host)
{
    private readonly string path = $"Live/{Guid.NewGuid():N}";

    /// <summary>Of this test. Not a robot's key, which is a secret and struck out of every text.</summary>
    private string Line => "Line of " + path[^8..];

    [Fact]
    public async Task a_new_alarm_takes_its_place_and_moves_nothing_under_the_pointer()
    {
        await RaiseAsync("First");
        await using var console = await host.SignInAsync();
        await console.GoAsync($"alarms?path={path}");
        var first = console.Page.Locator(".live tbody a").First;
        await Assertions.Expect(first).ToHaveTextAsync("First");

        await console.Page.Mouse.MoveAsync(5, 5);
        await RaiseAsync("Second");
        await Assertions.Expect(first).ToHaveTextAsync("Second");

        await first.HoverAsync();
        await RaiseAsync("Third", "Critical");
        await Assertions.Expect(console.Button("1 new")).ToBeVisibleAsync();
        await Assertions.Expect(first).ToHaveTextAsync("Second");
        await Assertions.Expect(console.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("Third");
        await console.Button("1 new").ClickAsync();
        await Assertions.Expect(first).ToHaveTextAsync("Third");
        console.Faults.Should().BeEmpty();
    }

    [Fact]
    public async Task a_critical_alarm_that_comes_during_a_reload_is_announced_and_a_blocked_tone_says_so_and_is_enabled_by_a_click()
    {
        await RaiseAsync("Known", "Critical");
        await using var console = await host.SignInAsync();
        // What is asked of a page by a test counts for the browser as an action of its reader, so its own sounds are never blocked here.
        await console.Page.AddInitScriptAsync(
            """
            window.tones = 0;
            let clicked = false;
            addEventListener('click', () => { clicked = true; }, true);
            window.AudioContext = class {
              state = 'suspended';
              currentTime = 0;
              async resume() { if (clicked) this.state = 'running'; else await new Promise(() => { }); }
              createOscillator() { return { frequency: {}, connect: x => x, start: () => window.tones++, stop() { } }; }
              createGain() { return { gain: { setValueAtTime() { }, exponentialRampToValueAtTime() { } }, connect: x => x }; }
            };
            """);
        var alerts = console.Page.GetByRole(AriaRole.Alert);
        var blocked = console.Button("Sound is blocked by the browser. Click to enable.");
        await console.GoAsync($"alarms?path={path}&tone=on");
        await blocked.ClickAsync();
        await Assertions.Expect(blocked).ToHaveCountAsync(0);
        (await console.Page.EvaluateAsync<int>("tones")).Should().Be(1);
        await console.Page.WaitForFunctionAsync($"() => sessionStorage.getItem('urgent')?.includes('{path[^8..]}')");
        await Assertions.Expect(alerts).Not.ToContainTextAsync("Known");

        await console.Page.GotoAsync("about:blank");
        await RaiseAsync("During the reload", "Critical");
        await console.GoAsync($"alarms?path={path}&tone=on");
        await Assertions.Expect(alerts.First).ToHaveTextAsync($"New critical alarm: During the reload ({path})");
        await Assertions.Expect(blocked).ToBeVisibleAsync();
        (await console.AxeAsync()).Should().BeEmpty();
        (await console.Page.EvaluateAsync<int>("tones")).Should().Be(0);
        await blocked.ClickAsync();
        await RaiseAsync("Heard", "Critical");
        await console.Page.WaitForFunctionAsync("() => tones === 2");
        console.Faults.Should().BeEmpty();
    }

    [Fact]
    public async Task many_alarms_are_acknowledged_at_once_with_a_note()
    {
        var ids = new List<string>();
        for (var i = 0; i < 3; i++) ids.Add(await RaiseAsync($"Pump {i}"));
        await using var console = await host.SignInAsync("zh-CN");
        await console.GoAsync($"alarms?path={path}");
        await console.Field("全选").CheckAsync();
        await console.Page.Locator(".live-bar").GetByRole(AriaRole.Button, new() { Name = "确认", Exact = true }).ClickAsync();
        var act = console.Dialog.GetByRole(AriaRole.Button, new() { Name = "确认", Exact = true });
        await Assertions.Expect(act).ToBeDisabledAsync();
        await console.Dialog.GetByLabel("备注").FillAsync("值班已处理");
        await act.ClickAsync();
        await Assertions.Expect(console.Page.Locator(".live tbody").GetByText("已触发、已确认")).ToHaveCountAsync(3);
        foreach (var id in ids)
        {
            var timeline = (await host.Notify.Client.GetFromAsync($"alarms/{id}"))["timeline"]!.AsArray();
            timeline.Select(x => (string?)x!["note"]).Should().Contain("值班已处理");
        }

        console.Faults.Should().BeEmpty();
    }

    [Fact]
    public async Task a_silence_is_shown_beside_the_alarms_and_ended_with_a_reason()
    {
        var id = await RaiseAsync("Silenced");
        using (var made = await host.Notify.Client.PostAsJsonAsync("/api/v2/silences", new
        {
            matchers = new[] { new { name = "path", value = path } },
            endsAt = DateTimeOffset.UtcNow.AddHours(1),
            createdBy = "Li",
            comment = "Cleaning",
        })) made.EnsureSuccessStatusCode();
        await using var console = await host.SignInAsync();
        await console.GoAsync($"alarms/{id}");
        await Assertions.Expect(console.Page.GetByText("by a silence of Li", new() { Exact = true })).ToBeVisibleAsync();
        await console.GoAsync("alarms");
        var row = console.Page.GetByRole(AriaRole.Row).Filter(new() { HasText = $"path=\"{path}\"" });
        await Assertions.Expect(row).ToContainTextAsync("Cleaning");
        (await console.AxeAsync()).Should().BeEmpty();
        await row.GetByRole(AriaRole.Button).ClickAsync();
        await console.Dialog.GetByLabel("Reason").FillAsync("Cleaned");
        await console.Dialog.GetByRole(AriaRole.Button, new() { Name = "End", Exact = true }).ClickAsync();
        await Assertions.Expect(row).ToHaveCountAsync(0);
        ((bool)(await host.Notify.Client.GetFromAsync($"alarms/{id}"))["shelved"]!).Should().BeFalse();
        console.Faults.Should().BeEmpty();
    }

    [Fact]
    public async Task an_alarm_shows_who_was_told_and_a_failed_notification_is_dismissed_with_its_receipt_at_hand()
    {
        var (name, key) = ($"Pump {Guid.NewGuid():N}", Guid.NewGuid().ToString());
        await host.Notify.Client.TellAsync(Line, host.WeCom.RobotUrl(key), path);
        host.WeCom.AddFault(new Fault(FaultKind.ErrCode) { Code = 40058, Robot = key });
        var id = await RaiseAsync(name);
        await Eventually.GetAsync(
            () => host.Notify.Client.GetFromAsync($"notifications?alarmId={id}&status=Failed"), x => x["items"]!.AsArray().Count == 1);

        await using var console = await host.SignInAsync();
        await console.GoAsync($"alarms/{id}");
        await Assertions.Expect(console.Heading).ToHaveTextAsync(name);
        await console.Field("Why was this receiver told, or not?").FillAsync(Line);
        await console.Button("Explain").ClickAsync();
        await Assertions.Expect(console.Page.GetByText("was to be notified")).ToBeVisibleAsync();

        await console.GoAsync($"failed?search={name}");
        await console.Field("Select all shown").CheckAsync();
        await console.Button("Dismiss").ClickAsync();
        await console.Dialog.GetByLabel("Reason").FillAsync("Told by telephone");
        await console.Dialog.GetByRole(AriaRole.Button, new() { Name = "Dismiss", Exact = true }).ClickAsync();
        await Assertions.Expect(console.Dialog.GetByText("dismissed", new() { Exact = true })).ToBeVisibleAsync();
        await console.Dialog.GetByRole(AriaRole.Link).First.ClickAsync();
        await Assertions.Expect(console.Page.GetByText("40058").First).ToBeVisibleAsync();
        var receipt = console.Page.GetByRole(AriaRole.Link, new() { Name = "Receipt" });
        var download = await console.Page.RunAndWaitForDownloadAsync(() => receipt.ClickAsync());
        download.SuggestedFilename.Should().StartWith("receipt-notification-").And.EndWith(".ndjson");
        console.Faults.Should().BeEmpty();
    }

    [Fact]
    public async Task ten_thousand_alarms_are_scrolled_filtered_and_acknowledged()
    {
        const int all = 10_000;
        foreach (var part in Enumerable.Range(0, all).Chunk(1000))
            await host.Notify.Client.PostToAsync("alarms", new
            {
                alarms = part.Select(
                    i => new { name = $"Point {i:D5}", path = $"{path}/Line{i % 10}", level = i % 500 == 0 ? "High" : "Low", ackMode = "manual" }),
            });
        await using var console = await host.SignInAsync();
        await console.GoAsync($"alarms?path={path}/**");
        var (rows, list) = (console.Page.Locator(".live tbody tr:has(a)"), console.Page.Locator(".live"));
        await Assertions.Expect(rows.First).ToBeVisibleAsync();
        // As far down as there is, twice: what was not drawn is.
        foreach (var shown in new[] { 200, 1200 })
        {
            await Assertions.Expect(console.Page.Locator(".live-bar")).ToContainTextAsync($"{shown} shown");
            var before = await rows.First.Locator("a").InnerTextAsync();
            await list.HoverAsync();
            await console.Page.Mouse.WheelAsync(0, 100_000);
            await Assertions.Expect(rows.First.Locator("a")).Not.ToHaveTextAsync(before);
            (await rows.CountAsync()).Should().BeLessThan(100, "only what is seen is drawn");
            await console.Button("Show older").ClickAsync();
        }

        await Assertions.Expect(console.Page.Locator(".live-bar")).ToContainTextAsync("2200 shown");
        await console.Page.Locator("select").Filter(new() { HasText = "All levels" }).SelectOptionAsync("High");
        await Assertions.Expect(console.Page.Locator(".live-bar")).ToContainTextAsync($"{all / 500} in total");
        await console.Page.Locator(".page-head input[type=search]").FillAsync("Point 04500");
        await Assertions.Expect(console.Page.Locator(".live-bar")).ToContainTextAsync("1 in total");
        await console.Button("Acknowledge Point 04500").ClickAsync();
        await console.Dialog.GetByRole(AriaRole.Button, new() { Name = "Acknowledge", Exact = true }).ClickAsync();
        await Assertions.Expect(rows.First).ToContainTextAsync("acknowledged");
        await Assertions.Expect(console.Button("Acknowledge Point 04500")).ToHaveCountAsync(0);
        var found = (await host.Notify.Client.GetFromAsync($"alarms?path={path}/**&search=04500"))["items"]!.AsArray();
        ((string?)found.Single()!["state"]).Should().Be("ActiveAcked");
        console.Faults.Should().BeEmpty();
    }

    [Fact]
    public async Task an_alarm_is_acknowledged_on_a_phone_without_scripts_by_the_link_in_its_message()
    {
        var (name, key) = ($"Pump {Guid.NewGuid():N}", Guid.NewGuid().ToString());
        await host.Notify.Client.TellAsync(Line, host.WeCom.RobotUrl(key), path, "{name} {urlPath}");
        var id = await RaiseAsync(name);
        var told = (await host.WeCom.WaitForAsync(x => x.RobotKey == key))[0].Text;
        await using var phone = await host.OpenAsync("zh-CN", dark: true, phone: true, scripts: false);
        var link = new Uri(told[told.IndexOf("http", StringComparison.Ordinal)..].Trim());
        await phone.Page.GotoAsync(link.AbsolutePath);
        await Assertions.Expect(phone.Heading).ToHaveTextAsync(name);
        foreach (var text in new[] { "高", "已触发、未确认", path, "确认方式" })
            await Assertions.Expect(phone.Page.Locator("main")).ToContainTextAsync(text);
        (await phone.Page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth")).Should().BeTrue("it fits a phone");
        (await phone.Button("确认").BoundingBoxAsync())!.Height.Should().BeGreaterThan(44);
        await phone.Field("您的姓名").FillAsync("李四");
        await phone.Field("备注").FillAsync("已到现场");
        await phone.Button("确认").TapAsync();
        await Assertions.Expect(phone.Page.Locator("main")).ToContainTextAsync("已由 李四 确认，谢谢。");
        await Assertions.Expect(phone.Button("确认")).ToHaveCountAsync(0);
        var alarm = await host.Notify.Client.GetFromAsync($"alarms/{id}");
        ((string?)alarm["state"]).Should().Be("ActiveAcked");
        alarm["timeline"]!.AsArray().Select(x => (string?)x!["note"]).Should().Contain("已到现场");
        phone.Faults.Should().BeEmpty();
    }

    private async Task<string> RaiseAsync(string name, string level = "High") =>
        (string)(await host.Notify.Client.PostToAsync("alarms", new { alarms = new[] { new { name, path, level, ackMode = "manual" } } }))
            ["accepted"]![0]!["alarmId"]!;
}
