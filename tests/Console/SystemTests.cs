using Microsoft.Playwright;
using Notify.Testing;

namespace Notify.Console.Tests;

/// <summary>What whoever looks after Notify sees of it and does with it.</summary>
[Collection(nameof(ConsoleHost))]
public sealed class SystemTests(ConsoleHost host)
{
    [Fact]
    public async Task a_blocked_lane_says_why_and_passes_again_by_a_test_and_a_dead_letter_is_dismissed_with_a_reason()
    {
        var (name, key) = ($"Of {Guid.NewGuid():N}"[..16], Guid.NewGuid().ToString());
        await host.Notify.Client.TellAsync(name, host.WeCom.RobotUrl(key), "System/**");
        await using var console = await host.SignInAsync();
        await console.GoAsync("system");
        await Assertions.Expect(console.Page.GetByText("serves this page")).ToBeVisibleAsync();
        await console.Button("Settings").First.ClickAsync();
        await Assertions.Expect(console.Dialog.GetByText("fingerprint").First).ToBeVisibleAsync();
        (await console.Dialog.InnerTextAsync()).Should().NotContain(NotifyHost.AdminKey);
        await console.Dialog.GetByText("Close", new() { Exact = true }).ClickAsync();

        // The robot is gone: the lane is blocked, and the open page says so, why, and what to do.
        host.WeCom.AddRobot(key, name);
        host.WeCom.RemoveRobot(key);
        await RaiseAsync(name, "Line");
        var lane = console.Page.Locator("tr", new() { Has = console.Page.GetByText($"{name} / {name}", new() { Exact = true }) });
        await Assertions.Expect(lane.GetByText("blocked", new() { Exact = true })).ToBeVisibleAsync();
        await Assertions.Expect(lane.GetByText("93000")).ToBeVisibleAsync();
        await Assertions.Expect(lane.GetByText("What to do:")).ToBeVisibleAsync();
        (await console.AxeAsync()).Should().BeEmpty();
        host.WeCom.RestoreRobot(key);
        await lane.GetByRole(AriaRole.Button, new() { Name = $"Send test: {name}" }).ClickAsync();
        await console.Dialog.GetByLabel(name).CheckAsync();
        await console.Dialog.GetByRole(AriaRole.Button, new() { Name = "Send test", Exact = true }).ClickAsync();
        await Assertions.Expect(console.Dialog.GetByText("delivered", new() { Exact = true })).ToBeVisibleAsync();
        await console.Dialog.GetByText("Close", new() { Exact = true }).ClickAsync();
        await Assertions.Expect(lane.GetByText("open", new() { Exact = true })).ToBeVisibleAsync();

        await host.ExecuteAsync(
            $"""
            create function notify.refuse() returns trigger language plpgsql as $$ begin raise exception 'refused for a test'; end $$;
            create trigger refuse before insert on notify.mt_events for each row
              when (new.type = 'delivery.notification_requested.v1' and new.data->>'alarmName' = '{name}') execute function notify.refuse();
            """);
        try
        {
            await RaiseAsync(name, "Line");
            var letter = console.Page.Locator("tr", new() { HasText = "refused for a test" });
            await Assertions.Expect(letter.GetByText(name, new() { Exact = true })).ToBeVisibleAsync();
            await letter.GetByRole(AriaRole.Checkbox).CheckAsync();
            await console.Button("Dismiss").ClickAsync();
            var dismiss = console.Dialog.GetByRole(AriaRole.Button, new() { Name = "Dismiss", Exact = true });
            await Assertions.Expect(dismiss).ToBeDisabledAsync();
            await console.Dialog.GetByLabel("Reason").FillAsync("Told by telephone");
            await dismiss.ClickAsync();
            await Assertions.Expect(letter).ToHaveCountAsync(0);
        }
        finally
        {
            await host.ExecuteAsync("drop trigger refuse on notify.mt_events; drop function notify.refuse");
        }

        var discarded = (await host.Notify.Client.GetFromAsync("audit?type=audit.dead_letter_discarded.v1&order=desc&limit=1"))["items"]![0]!;
        ((string)discarded["reason"]!, (string)discarded["actor"]!["name"]!).Should().Be(("Told by telephone", "Zhang San"));

        await console.Button("Rebuild …").ClickAsync();
        await console.Dialog.GetByRole(AriaRole.Button, new() { Name = "Rebuild", Exact = true }).ClickAsync();
        await Assertions.Expect(console.Page.GetByText("The last rebuild ended")).ToBeVisibleAsync();
        await Assertions.Expect(console.Page.Locator("section", new() { HasText = "The last rebuild ended" }).GetByText("notifications", new() { Exact = true }))
            .ToBeVisibleAsync();
        console.Faults.Should().BeEmpty();
    }

    private async Task RaiseAsync(string name, string path) => await host.Notify.Client.PostToAsync(
        "alarms", new { alarms = new[] { new { name, path = $"System/{path}", level = "High", eventTime = TimeProvider.System.GetUtcNow() } } });
}
