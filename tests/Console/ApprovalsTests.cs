using Microsoft.Playwright;
using Notify.Testing;

namespace Notify.Console.Tests;

/// <summary>What takes more than one person: approvals, emergencies, and reviews of the history, each signed.</summary>
[Collection(nameof(ConsoleHost))]
public sealed class ApprovalsTests(ConsoleHost host) : IAsyncLifetime
{
    private readonly string mark = Guid.NewGuid().ToString("N")[..8];

    public async Task InitializeAsync()
    {
        await host.EnsureSetUpAsync();
        await SetPolicyAsync("schedule");
    }

    public Task DisposeAsync() => SetPolicyAsync();

    [Fact]
    public async Task a_change_is_approved_with_a_signature_and_an_emergency_takes_two_and_a_third_reviews_it()
    {
        await host.AddPersonAsync("second." + mark, "administrator");
        await host.AddPersonAsync("third." + mark, "auditor");
        await using var first = await host.SignInAsync();
        await first.GoAsync("people/approvals");
        var schedule = new { kind = "standard", name = "Night " + mark, timeZone = "Asia/Shanghai" };
        (await host.Notify.Client.SendToAsync("POST", "schedules", schedule)).Status.Should().Be(202);
        await first.Page.GetByRole(AriaRole.Link, new() { Name = "Night " + mark }).ClickAsync();
        await first.Dialog.GetByRole(AriaRole.Button, new() { Name = "Approve", Exact = true }).ClickAsync();
        await Assertions.Expect(first.Dialog.GetByRole(AriaRole.Alert)).ToBeVisibleAsync();
        await first.Dialog.GetByLabel("Password, to sign").FillAsync(ConsoleHost.Password);
        await first.Dialog.GetByRole(AriaRole.Button, new() { Name = "Approve", Exact = true }).ClickAsync();
        await Assertions.Expect(first.Page.GetByText("Approved: the change is made.")).ToBeVisibleAsync();
        (await host.Notify.Client.GetFromAsync($"schedules?search={mark}"))["items"]!.AsArray().Should().ContainSingle();

        await using var third = await host.SignInAsync(userName: "third." + mark);
        await ReviewHistoryAsync(third);

        await first.Button("Request emergency changes …").ClickAsync();
        await first.Dialog.GetByLabel("Reason").FillAsync("The night notifies nobody " + mark);
        await first.Dialog.GetByLabel("Password, to sign").FillAsync(ConsoleHost.Password);
        await first.Dialog.GetByRole(AriaRole.Button, new() { Name = "Request", Exact = true }).ClickAsync();
        await Assertions.Expect(first.Page.GetByText("A second person must confirm it.", new() { Exact = true })).ToBeVisibleAsync();

        await using var second = await host.SignInAsync("zh-CN", userName: "second." + mark);
        await second.GoAsync("people/approvals");
        await second.Button("确认…").ClickAsync();
        await second.Dialog.GetByLabel("签名密码").FillAsync("a wrong password of four words");
        var confirm = second.Dialog.GetByRole(AriaRole.Button, new() { Name = "确认", Exact = true });
        await confirm.ClickAsync();
        await Assertions.Expect(second.Dialog.GetByRole(AriaRole.Alert)).ToBeVisibleAsync();
        await second.Dialog.GetByLabel("签名密码").FillAsync(ConsoleHost.Password);
        await confirm.ClickAsync();
        await Assertions.Expect(first.Page.GetByText("Emergency changes are open:")).ToBeVisibleAsync();

        await first.GoAsync("people/approvals");
        await first.Button("End it now").ClickAsync();
        await first.Dialog.GetByRole(AriaRole.Button, new() { Name = "End", Exact = true }).ClickAsync();
        await Assertions.Expect(first.Page.GetByText("Emergency changes are open:")).ToHaveCountAsync(0);

        await third.GoAsync("people/approvals");
        var emergency = third.Page.Locator("tr", new() { HasText = mark });
        await emergency.GetByText("What was changed").ClickAsync();
        await third.Button("Review …").ClickAsync();
        await third.Dialog.GetByLabel("Findings").FillAsync("Nothing was changed");
        await third.Dialog.GetByLabel("Password, to sign").FillAsync(ConsoleHost.Password);
        await third.Dialog.GetByRole(AriaRole.Button, new() { Name = "Sign", Exact = true }).ClickAsync();
        await Assertions.Expect(emergency.GetByText("reviewed", new() { Exact = true })).ToBeVisibleAsync();
        first.Faults.Should().BeEmpty();
        second.Faults.Should().BeEmpty();
        third.Faults.Should().BeEmpty();
    }

    [Fact]
    public async Task the_approver_sees_whom_a_change_would_have_told_less_and_of_what()
    {
        var service = await host.Notify.Client.PostToAsync("services", new
        {
            type = "wecom",
            name = "Foreseen " + mark,
            wecom = new { bots = new[] { new { alias = "Shift " + mark, webhookUrl = host.WeCom.RobotUrl(Guid.NewGuid().ToString()) } } },
        });
        var message = await host.Notify.Client.PostToAsync(
            "messages", new { type = "wecom", name = "Foreseen " + mark, format = "text", content = "{name} at {path}" });
        var schedule = await host.Notify.Client.GetFromAsync("schedules?search=Default");
        object Rule(string path) => new
        {
            name = "Foreseen " + mark,
            criteria = new { states = new[] { "ActiveUnacked" }, paths = new[] { path } },
            actions = new[]
            {
                new
                {
                    type = "wecom", serviceId = service["id"], messageId = message["id"], scheduleId = schedule["items"]![0]!["id"],
                    receivers = new[] { new { kind = "bot", alias = "Shift " + mark } },
                },
            },
        };
        var rule = await host.Notify.Client.PostToAsync("rules", Rule($"Site/{mark}/**"));
        await host.Notify.Client.PostToAsync(
            "alarms", new { alarms = new[] { new { name = "Overpressure " + mark, path = $"Site/{mark}/Pump", level = "High" } } });
        await host.WeCom.WaitForAsync(x => x.Text.Contains("Overpressure " + mark, StringComparison.Ordinal));
        await SetPolicyAsync("rule");
        var proposed = await host.Notify.Client.SendToAsync(
            "PUT", $"rules/{rule["id"]}", Rule($"Site/{mark}/Other/**"), "If-Match", $"\"{rule["version"]}\"");
        proposed.Status.Should().Be(202, proposed.Text);

        await using var console = await host.SignInAsync();
        await console.GoAsync($"people/approvals/{proposed.Id}");
        var effect = console.Dialog.GetByRole(AriaRole.Region, new() { Name = "What it would have changed" });
        await Assertions.Expect(effect.GetByRole(AriaRole.Row, new() { Name = $"Shift {mark} 1 0 0" })).ToBeVisibleAsync();
        await effect.GetByText("Each of them").ClickAsync();
        await Assertions.Expect(effect.GetByText($"Overpressure {mark} at Site/{mark}/Pump")).ToBeVisibleAsync();
        (await console.AxeAsync()).Should().BeEmpty();
        await using var chinese = await host.SignInAsync("zh-CN", phone: true);
        await chinese.GoAsync($"people/approvals/{proposed.Id}");
        var foreseen = chinese.Dialog.GetByRole(AriaRole.Region, new() { Name = "如果当时已生效" });
        await Assertions.Expect(foreseen).ToContainTextAsync("1 次的通知会不同");
        (await foreseen.Locator(".table-box").First.EvaluateAsync<bool>("x => x.scrollWidth <= x.clientWidth + 1")).Should().BeTrue("it fits");
        await Assertions.Expect(foreseen.Locator("td.number").First).ToHaveAttributeAsync("data-label", "现在的通知");
        console.Faults.Should().BeEmpty();
    }

    [Fact]
    public async Task where_both_sign_the_author_signs_in_the_console_before_anybody_can_approve()
    {
        await host.AddPersonAsync("author." + mark, "administrator");
        await host.AddPersonAsync("reader." + mark, "viewer");
        using var person = new Browser(host.Notify.Url);
        await person.SignInAsync("author." + mark, ConsoleHost.Password);
        await SetPolicyAsync();
        await host.Notify.Client.SendToAsync("PUT", "approval-policy", new { kinds = new[] { "schedule" }, signature = "both" }, "If-Match", "*");
        // What ends the policy needs both signatures too.
        var proposed = await person.SendAsync("PUT", "approval-policy", new { kinds = Array.Empty<string>() }, "If-Match", "*");
        proposed.Status.Should().Be(202, proposed.Text);

        await using var reader = await host.SignInAsync(userName: "reader." + mark);
        await reader.GoAsync($"people/approvals/{proposed.Id}");
        await Assertions.Expect(reader.Dialog.GetByText("To approve or reject needs the permission configuration.approve")).ToBeVisibleAsync();
        await Assertions.Expect(reader.Dialog.Locator(".dialog-actions button")).ToHaveTextAsync(["Close"]);

        await using var approver = await host.SignInAsync();
        await approver.GoAsync($"people/approvals/{proposed.Id}");
        await Assertions.Expect(approver.Dialog.GetByText("The author has not signed yet.")).ToBeVisibleAsync();
        await Assertions.Expect(approver.Dialog.Locator(".dialog-actions button")).ToHaveTextAsync(["Close", "Reject"]);

        await using var author = await host.SignInAsync(userName: "author." + mark);
        await author.GoAsync($"people/approvals/{proposed.Id}");
        var sign = author.Dialog.GetByRole(AriaRole.Button, new() { Name = "Sign", Exact = true });
        await Assertions.Expect(sign).ToBeDisabledAsync();
        await author.Dialog.GetByLabel("Password, to sign").FillAsync(ConsoleHost.Password);
        await sign.ClickAsync();
        await Assertions.Expect(author.Page.GetByText("Signed. Another person must approve it.")).ToBeVisibleAsync();
        await Assertions.Expect(author.Dialog.Locator(".dialog-actions button")).ToHaveTextAsync(["Close", "Withdraw"]);

        // The approver's page is told of it.
        await approver.Dialog.GetByLabel("Password, to sign").FillAsync(ConsoleHost.Password);
        await approver.Dialog.GetByRole(AriaRole.Button, new() { Name = "Approve", Exact = true }).ClickAsync();
        await Assertions.Expect(approver.Page.GetByText("Approved: the change is made.")).ToBeVisibleAsync();
        (await host.Notify.Client.GetFromAsync($"proposals/{proposed.Id}"))["signatures"]!.AsArray()
            .Select(x => (string?)x!["meaning"]).Should().Equal("proposed", "approved");
        reader.Faults.Concat(approver.Faults).Concat(author.Faults).Should().BeEmpty();
    }

    [Fact]
    public async Task what_a_key_of_ones_own_has_proposed_is_withdrawn_and_not_approved()
    {
        using var owner = new Browser(host.Notify.Url);
        await owner.SignInAsync(ConsoleHost.UserName, ConsoleHost.Password);
        var made = await owner.SendAsync("POST", "api-keys", new { name = "Importer " + mark, roles = new[] { "administrator" } });
        made.Status.Should().Be(201, made.Text);
        using var key = NotifyApi.ClientOf(host.Notify.Url, (string)made.Body["key"]!);
        var proposed = await key.SendToAsync("POST", "schedules", new { kind = "standard", name = "Imported " + mark, timeZone = "Asia/Shanghai" });
        proposed.Status.Should().Be(202, proposed.Text);

        await using var console = await host.SignInAsync();
        await console.GoAsync($"people/approvals/{proposed.Id}");
        var withdraw = console.Dialog.GetByRole(AriaRole.Button, new() { Name = "Withdraw" });
        await Assertions.Expect(withdraw).ToBeVisibleAsync();
        (await console.Dialog.GetByRole(AriaRole.Button, new() { Name = "Approve", Exact = true }).CountAsync()).Should().Be(0);
        await withdraw.ClickAsync();
        await Assertions.Expect(console.Dialog).ToHaveCountAsync(0);
        ((string?)(await host.Notify.Client.GetFromAsync($"proposals/{proposed.Id}"))["state"]).Should().Be("Withdrawn");
        console.Faults.Should().BeEmpty();
    }

    [Fact]
    public async Task the_list_has_its_state_in_the_address_and_goes_back_to_the_first()
    {
        for (var i = 0; i <= 50; i++)
        {
            var schedule = new { kind = "standard", name = $"Old {i} {mark}", timeZone = "Asia/Shanghai" };
            var proposed = await host.Notify.Client.SendToAsync("POST", "schedules", schedule);
            (await host.Notify.Client.SendToAsync("POST", $"proposals/{proposed.Id}/withdraw")).Status.Should().Be(200);
        }

        await using var console = await host.SignInAsync();
        await console.GoAsync("people/approvals");
        await console.Field("State").SelectOptionAsync("all");
        await console.ExpectAddressAsync("/people/approvals?state=all");
        await console.Page.GetByRole(AriaRole.Link, new() { Name = $"Old 50 {mark}" }).ClickAsync();
        await console.Dialog.Locator(".dialog-actions").GetByText("Close").ClickAsync();
        await Assertions.Expect(console.Dialog).ToHaveCountAsync(0);
        await console.ExpectAddressAsync("/people/approvals?state=all");
        await console.Page.ReloadAsync();
        var first = console.Page.GetByRole(AriaRole.Link, new() { Name = $"Old 0 {mark}" });
        await Assertions.Expect(console.Page.GetByRole(AriaRole.Link, new() { Name = $"Old 1 {mark}" })).ToBeVisibleAsync();
        await Assertions.Expect(first).ToHaveCountAsync(0);
        await console.Button("Older").First.ClickAsync();
        await Assertions.Expect(first).ToBeVisibleAsync();
        await Assertions.Expect(console.Field("State")).ToHaveValueAsync("all");
        console.Faults.Should().BeEmpty();
    }

    [Fact]
    public async Task an_emergency_is_offered_to_whoever_has_the_permissions_for_its_changes()
    {
        await host.AddPersonAsync("engineer." + mark, "engineer");
        await host.AddPersonAsync("security." + mark, "security-administrator");
        await SetPolicyAsync("schedule", "user");
        using var first = new Browser(host.Notify.Url);
        await first.SignInAsync(ConsoleHost.UserName, ConsoleHost.Password);
        var asked = await first.SendAsync(
            "POST", "emergency", new { reason = mark, minutes = 5, kinds = new[] { "user" }, signature = new { password = ConsoleHost.Password } });
        asked.Status.Should().Be(201, asked.Text);

        await using var engineer = await host.SignInAsync(userName: "engineer." + mark);
        await engineer.GoAsync("people/approvals");
        await Assertions.Expect(engineer.Page.GetByText("To confirm needs the permission people.manage")).ToBeVisibleAsync();
        await Assertions.Expect(engineer.Button("Confirm …")).ToHaveCountAsync(0);
        (await first.SendAsync("POST", $"emergency/{asked.Id}/end")).Status.Should().Be(200);

        await using var security = await host.SignInAsync(userName: "security." + mark);
        await security.GoAsync("people/approvals");
        await security.Button("Request emergency changes …").ClickAsync();
        await Assertions.Expect(security.Dialog.GetByText("Choose at least one.")).ToBeVisibleAsync();
        await Assertions.Expect(security.Dialog.Locator(".choices label")).ToHaveTextAsync(["users", "groups", "roles", "API keys"]);
        engineer.Faults.Concat(security.Faults).Should().BeEmpty();
    }

    /// <summary>A period that its reader did nothing in is read, and signed for; who acted in it may not.</summary>
    private async Task ReviewHistoryAsync(ConsolePage reader)
    {
        await using var own = await host.SignInAsync();
        await own.GoAsync("audit/reviews");
        await own.Button("Read and review").First.ClickAsync();
        await own.Button("Begin reading").ClickAsync();
        await Assertions.Expect(own.Dialog.GetByText("The reviewer must be independent.")).ToBeVisibleAsync();

        await reader.GoAsync("audit/reviews");
        await reader.Button("Read and review").First.ClickAsync();
        await reader.Button("Begin reading").ClickAsync();
        await Assertions.Expect(reader.Page.GetByText("You are reading for a review")).ToBeVisibleAsync();
        await Assertions.Expect(reader.Page.Locator("tbody tr").First).ToBeVisibleAsync();
        await reader.Button("Sign the review …").ClickAsync();
        await reader.Dialog.GetByLabel("Findings").FillAsync("As the tickets say " + mark);
        await reader.Dialog.GetByLabel("Password, to sign").FillAsync(ConsoleHost.Password);
        await reader.Dialog.GetByRole(AriaRole.Button, new() { Name = "Sign", Exact = true }).ClickAsync();
        await Assertions.Expect(reader.Page.GetByText("As the tickets say " + mark)).ToBeVisibleAsync();
        var review = (await host.Notify.Client.GetFromAsync("history-reviews"))["items"]![0]!;
        ((string)review["reviewedBy"]!["name"]!, (string)review["signature"]!["meaning"]!).Should().Be(("third." + mark, "reviewed"));
    }

    private async Task SetPolicyAsync(params string[] kinds)
    {
        var policy = await host.Notify.Client.GetFromAsync("approval-policy");
        var answer = await host.Notify.Client.SendToAsync(
            "PUT", "approval-policy", new { kinds, signature = kinds.Length > 0 ? "approver" : "none", reason = "optional" }, "If-Match", $"\"{policy["version"]}\"");
        if (answer.Status == 200) return;
        // That nothing needs approval any more, needs one.
        using var browser = new Browser(host.Notify.Url);
        await browser.SignInAsync(ConsoleHost.UserName, ConsoleHost.Password);
        var approved = await browser.SendAsync(
            "POST", $"proposals/{answer.Id}/approve", new { signature = new { password = ConsoleHost.Password, meaning = "approved" } });
        approved.Status.Should().Be(200);
    }
}
