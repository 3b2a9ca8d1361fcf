using System.Text.Json.Nodes;
using Microsoft.Playwright;
using Notify.Testing;

namespace Notify.Console.Tests;

/// <summary>The check of the whole configuration, as an engineer reads it.</summary>
[Collection(nameof(ConsoleHost))]
public sealed class CheckTests(ConsoleHost host)
{
    [Fact]
    public async Task what_notifies_nobody_is_found_each_finding_leads_to_its_resource_and_the_gaps_of_a_week_are_named()
    {
        // Its own: what others have configured would be found too.
        await using var database = await TestPostgres.CreateDatabaseAsync();
        await using var notify = await NotifyProcess.StartNewAsync(host.WeCom.BaseUrl, $"ConnectionStrings:Notify={database.ConnectionString}");
        var client = notify.Client;
        await client.PostToAsync("session/set-up", new { userName = ConsoleHost.UserName, name = "Zhang San", password = ConsoleHost.Password });
        await using var console = await host.OpenAsync(url: notify.Url);
        await console.SignInAsync(ConsoleHost.UserName, ConsoleHost.Password);
        var always = await client.TellAsync("Always", host.WeCom.RobotUrl(Guid.NewGuid().ToString()), "Site1/**");

        // A configuration that works: nothing is found, and there is no gap.
        await console.GoAsync("rules/check");
        await Assertions.Expect(console.Page.GetByText("Every action of every enabled rule can notify those whom it names.")).ToBeVisibleAsync();
        await console.Page.GetByRole(AriaRole.Button, new() { Name = "Site1/**, Critical: always" }).ClickAsync();
        await Assertions.Expect(console.Page.GetByText("Somebody is notified at all times.")).ToBeVisibleAsync();

        var (mondays, night, off) = await MakeFaultsAsync(client, always);
        await console.Button("Check again").ClickAsync();
        var findings = console.Page.GetByRole(AriaRole.Table, new() { Name = "Findings" });
        ILocator Found(string text) => findings.GetByRole(AriaRole.Row).Filter(new() { HasText = text });
        await Assertions.Expect(Found("No alarm can meet rule 'Contradicts'")).ToContainTextAsync("Error");
        await Assertions.Expect(Found("Action 1 of rule 'Off' tells nobody: service 'Off' is disabled.")).ToContainTextAsync("Error");
        await Assertions.Expect(Found("Schedule 'Over' has ended")).ToContainTextAsync("Error");
        await Assertions.Expect(Found("Action 1 of rule 'Mondays' does not reach Night shift by service 'Mail': the group has no members."))
            .ToContainTextAsync("Warning");
        await Assertions.Expect(Found("No rule uses the message 'Forgotten'.")).ToContainTextAsync("Note");
        await Assertions.Expect(Found("There is no drill").GetByRole(AriaRole.Link, new() { Name = "Drills" })).ToHaveAttributeAsync("href", "drills");
        await Assertions.Expect(findings.Locator("tbody tr")).ToHaveCountAsync(6);
        await Assertions.Expect(Tile("Actions that notify nobody")).ToHaveTextAsync("3");
        await Assertions.Expect(Tile("Actions that miss some receivers")).ToHaveTextAsync("1");
        (await console.AxeAsync()).Should().BeEmpty();

        // Each leads to what is to be mended.
        await Assertions.Expect(Found("does not reach").GetByRole(AriaRole.Link, new() { Name = "Night shift" }))
            .ToHaveAttributeAsync("href", $"people/groups/{night}");
        await Assertions.Expect(Found("is disabled").GetByRole(AriaRole.Link, new() { Name = "Off" }).Last).ToHaveAttributeAsync("href", $"services/{off}");
        await Found("does not reach").GetByRole(AriaRole.Link, new() { Name = "Mondays" }).ClickAsync();
        await console.ExpectAddressAsync($"/rules/{mondays}");
        await Assertions.Expect(console.Dialog.Locator("#f-name")).ToHaveValueAsync("Mondays");

        // Of two weeks two hours are covered; of the other levels nothing is.
        await console.GoAsync("rules/check");
        await console.Page.GetByRole(AriaRole.Button, new() { Name = "Checked/**, High: gaps 99.4 %" }).ClickAsync();
        var chosen = console.Page.Locator("section[role=status]");
        await Assertions.Expect(chosen.GetByRole(AriaRole.Heading)).ToContainTextAsync("High");
        await Assertions.Expect(chosen).ToContainTextAsync("Nobody is notified for 334 h");
        await Assertions.Expect(chosen.Locator("li").First).ToContainTextAsync(" – ");
        await Assertions.Expect(chosen.GetByRole(AriaRole.Link, new() { Name = "Mondays" })).ToHaveAttributeAsync("href", $"rules/{mondays}");
        await Assertions.Expect(console.Page.GetByRole(AriaRole.Button, new() { Name = "Checked/**, Low: never" })).ToBeVisibleAsync();
        await console.GoAsync("rules/check?lang=zh");
        await console.Page.GetByRole(AriaRole.Button, new() { Name = "Checked/**，高：空档 99.4%" }).ClickAsync();
        await Assertions.Expect(chosen.GetByRole(AriaRole.Heading)).ToContainTextAsync("高");
        await Assertions.Expect(chosen).ToContainTextAsync("334 小时无人收到通知");
        console.Faults.Should().BeEmpty();

        ILocator Tile(string name) => console.Page.Locator(".tile").Filter(new() { HasText = name }).Locator("strong");
    }

    /// <summary>One finding of each kind that can be made by hand.</summary>
    /// <returns>The ids of a rule with a gap, of an empty group, and of a service that is disabled.</returns>
    private async Task<(string Mondays, string Night, string Off)> MakeFaultsAsync(HttpClient client, JsonObject always)
    {
        var action = always["actions"]![0]!.AsObject();
        var week = new { monday = new[] { new { from = "08:00:00", to = "08:59:59" } } };
        var mondays = await client.PostToAsync("schedules", new { name = "Mondays", kind = "standard", timeZone = "Etc/UTC", weekly = week });
        var over = await client.PostToAsync("schedules", new { name = "Over", kind = "standard", timeZone = "Etc/UTC", weekly = week, end = "2026-01-31" });
        var mail = await client.PostToAsync(
            "services", new { type = "email", name = "Mail", email = new { host = "mail.plant.example", from = "notify@plant.example" } });
        var text = await client.PostToAsync("messages", new { type = "email", name = "Mail", subject = "{name}", content = "{name}" });
        var li = await client.PostToAsync("users", new { userName = "li.si", name = "Li Si", signIn = "none", email = "li.si@plant.example" });
        var night = (string)(await client.PostToAsync("groups", new { name = "Night shift" }))["id"]!;
        var rule = await client.PostToAsync("rules", new
        {
            name = "Mondays",
            criteria = new { states = new[] { "ActiveUnacked" }, paths = new[] { "Checked/**" }, levels = new[] { "High" } },
            actions = new[]
            {
                new
                {
                    type = "email",
                    serviceId = (string)mail["id"]!,
                    messageId = (string)text["id"]!,
                    scheduleId = (string)mondays["id"]!,
                    receivers = new[] { new { kind = "user", account = (string)li["id"]! }, new { kind = "group", account = night } },
                },
            },
        });
        await RuleAsync("Over", new { states = new[] { "ActiveUnacked" }, paths = new[] { "Over/**" } }, over);
        await RuleAsync(
            "Contradicts",
            new
            {
                states = new[] { "ActiveUnacked" },
                labelMatchers = new object[]
                {
                    new { label = "team", op = "in", values = new[] { "ops" } }, new { label = "team", op = "notIn", values = new[] { "ops" } },
                },
            },
            null);
        var off = (string)(await client.TellAsync("Off", host.WeCom.RobotUrl(Guid.NewGuid().ToString()), "Off/**"))["actions"]![0]!["serviceId"]!;
        (await client.SendToAsync("POST", $"services/{off}/disable?confirm=1", null, "If-Match", "*")).Status.Should().Be(200);
        await client.PostToAsync("messages", new { name = "Forgotten", type = "wecom", format = "text", content = "x" });
        return ((string)rule["id"]!, night, off);

        Task<JsonObject> RuleAsync(string name, object criteria, JsonObject? schedule)
        {
            var own = action.DeepClone().AsObject();
            if (schedule is not null) own["scheduleId"] = (string)schedule["id"]!;
            return client.PostToAsync("rules", new { name, criteria, actions = new[] { own } });
        }
    }
}
