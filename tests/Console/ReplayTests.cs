using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using Notify.Peers.WeCom;
using Notify.Testing;

namespace Notify.Console.Tests;

/// <summary>An incident is found on the histogram, played, tried with today's rules, and sent again.</summary>
[Collection(nameof(ConsoleHost))]
public sealed class ReplayTests(ConsoleHost host)
{
    [Fact]
    public async Task a_period_is_dragged_played_beside_todays_configuration_tried_with_todays_rules_and_redelivered()
    {
        var (name, key) = ($"Of {Guid.NewGuid():N}"[..16], Guid.NewGuid().ToString());
        var path = $"Replay/{name}";
        var client = host.Notify.Client;
        var rule = await client.TellAsync(name, host.WeCom.RobotUrl(key), path, name + " {level}");
        host.WeCom.AddFault(new Fault(FaultKind.ErrCode) { Code = 40058, Robot = key });
        await client.PostToAsync("alarms", new { alarms = new[] { new { name = "Pump", path, level = "High" } } });
        await Eventually.GetAsync(() => client.GetFromAsync($"notifications?ruleId={rule["id"]}&status=Failed"), x => x["items"]!.AsArray().Count == 1);
        host.WeCom.ClearFaults();
        var end = TimeProvider.System.GetUtcNow();
        // Since then the rule wants critical alarms only.
        var body = rule.DeepClone().AsObject();
        body["criteria"]!["levels"] = new JsonArray("Critical");
        (await client.SendToAsync("PUT", $"rules/{rule["id"]}", body, "If-Match", "\"1\"")).Status.Should().Be(200);

        await using var console = await host.SignInAsync();
        await console.GoAsync(string.Create(
            CultureInfo.InvariantCulture, $"replays?from={end.AddMinutes(-30):yyyy-MM-ddTHH:mm:ssZ}&to={end.AddSeconds(1):yyyy-MM-ddTHH:mm:ssZ}"));
        var histogram = console.Page.GetByRole(AriaRole.Application, new() { Name = "Histogram of the history" });

        await Assertions.Expect(histogram).Not.ToHaveAttributeAsync("aria-busy", "true");
        // By keys: the last bar, and with Shift ten more.
        await histogram.FocusAsync();
        await histogram.PressAsync("End");
        await histogram.PressAsync("Shift+PageUp");
        await histogram.PressAsync("Enter");
        await console.ExpectAddressAsync($"begin={Uri.EscapeDataString(Bar(end, 109))}");
        // By the mouse: the last third.
        var box = (await histogram.BoundingBoxAsync())!;
        await console.Page.Mouse.MoveAsync(box.X + (box.Width * 0.67f), box.Y + 40);
        await console.Page.Mouse.DownAsync();
        await console.Page.Mouse.MoveAsync(box.X + (box.Width * 0.8f), box.Y + 40);
        await console.Page.Mouse.MoveAsync(box.X + box.Width - 2, box.Y + 40);
        await console.Page.Mouse.UpAsync();
        await console.ExpectAddressAsync($"begin={Uri.EscapeDataString(Bar(end, 80))}");
        await console.Field("Alarm path").FillAsync(path);
        await console.Button("Start the review").ClickAsync();

        // What happened, entry by entry, and what the rule was.
        await Assertions.Expect(console.Page.Locator(".player")).ToBeVisibleAsync();
        var current = console.Page.Locator(".player-list [aria-current]");
        await console.Page.GetByRole(AriaRole.Group, new() { Name = "Jump to the next" }).GetByText("Failure").ClickAsync();
        await Assertions.Expect(current).ToContainTextAsync("40058");
        (await console.AxeAsync()).Should().BeEmpty();
        await console.Button("Step back").ClickAsync();
        await Assertions.Expect(current).ToContainTextAsync("began");
        var then = console.Page.Locator("section", new() { HasText = "Configuration at this instant beside today's" });
        await then.Locator("section", new() { HasText = "Rules" }).Locator("summary", new() { HasText = name }).ClickAsync();
        await Assertions.Expect(then.Locator("td.new", new() { HasText = "Critical" })).ToBeVisibleAsync();
        await Assertions.Expect(console.Page.GetByText("Pump").First).ToBeVisibleAsync();
        var slider = console.Page.GetByRole(AriaRole.Slider, new() { Name = "Instant" });
        await slider.FocusAsync();
        await slider.PressAsync("Home");
        await Assertions.Expect(console.Page.GetByText("entry 0 of")).ToBeVisibleAsync();
        await console.Field("Speed").SelectOptionAsync("3600×");
        await console.Button("Play").ClickAsync();
        await Assertions.Expect(current).ToBeVisibleAsync();
        await Assertions.Expect(console.Button("Play")).ToBeVisibleAsync();

        // With today's rule nobody would have been told.
        await console.Button("What if …").ClickAsync();
        await console.Dialog.GetByRole(AriaRole.Button, new() { Name = "Start the what-if", Exact = true }).ClickAsync();
        var differences = console.Page.Locator("section", new() { HasText = "Decisions that would differ" });
        await Assertions.Expect(differences.Locator("td.old", new() { HasText = name })).ToBeVisibleAsync();
        await Assertions.Expect(differences.GetByText("not notified")).ToBeVisibleAsync();
        await Assertions.Expect(differences.Locator("td.old")).ToHaveAttributeAsync("data-label", "Then, by rule");
        await console.Page.SetViewportSizeAsync(390, 844);
        (await differences.Locator(".table-box.cards").EvaluateAsync<bool>("x => x.scrollWidth <= x.clientWidth + 1")).Should().BeTrue("it fits a phone");
        await console.Page.SetViewportSizeAsync(1280, 800);
        (await console.AxeAsync()).Should().BeEmpty();

        await console.Button("Redeliver …").ClickAsync();
        var redeliver = console.Dialog.GetByRole(AriaRole.Button, new() { Name = "Start the redelivery", Exact = true });
        await Assertions.Expect(redeliver).ToBeDisabledAsync();
        await console.Dialog.GetByLabel("Reason").FillAsync("The robot was broken");
        await redeliver.ClickAsync();
        await Assertions.Expect(console.Heading).ToHaveTextAsync("Replay: redelivery");
        await Assertions.Expect(console.Page.GetByText("the repeat")).ToBeVisibleAsync();
        await host.WeCom.WaitForAsync(
            x => x.Delivered && x.Text.Contains(name, StringComparison.Ordinal) && x.Text.Contains("重发", StringComparison.Ordinal));
        var replay = (await client.GetFromAsync("replays?mode=redeliver"))["items"]![0]!;
        ((string)replay["reason"]!, (string)replay["requestedBy"]!["name"]!).Should().Be(("The robot was broken", "Zhang San"));

        // The state of then beside now, by its address.
        await console.GoAsync($"state?at={Uri.EscapeDataString(end.ToString("O"))}");
        await Assertions.Expect(console.Page.Locator("summary", new() { HasText = name }).Filter(new() { HasText = "changed since" }).First).ToBeVisibleAsync();
        console.Faults.Should().BeEmpty();
    }

    /// <summary>When a bar of the histogram begins, as the address says it: half an hour and a second in 120 bars.</summary>
    private static string Bar(DateTimeOffset end, int number)
    {
        var from = new DateTimeOffset(end.AddMinutes(-30).Ticks / TimeSpan.TicksPerSecond * TimeSpan.TicksPerSecond, TimeSpan.Zero);
        var to = new DateTimeOffset(end.AddSeconds(1).Ticks / TimeSpan.TicksPerSecond * TimeSpan.TicksPerSecond, TimeSpan.Zero);
        return (from + ((to - from) * number / 120)).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
    }
}
