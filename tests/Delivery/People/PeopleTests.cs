using System.Text.Json.Nodes;
using Notify.Peers.Email;
using Notify.Peers.WeCom;
using Notify.Testing;

namespace Notify.Delivery.Tests.People;

/// <summary>A host with an app of WeCom and a mail server, for all tests about people.</summary>
public sealed class PeopleHost : IAsyncLifetime
{
    private string scheduleId = "";
    private int count;

    public EmailStandIn Mail { get; private set; } = null!;
    public NotifyHost Host { get; private set; } = null!;
    public string WeCom { get; private set; } = "";
    public string Email { get; private set; } = "";
    public Dictionary<string, string> Messages { get; } = new(StringComparer.Ordinal);

    public async Task InitializeAsync()
    {
        Mail = await EmailStandIn.StartAsync();
        Host = await NotifyHost.StartAsync(["Notify:Outgoing:AllowedNetworks:0=127.0.0.0/8", "Notify:Email:LimitPerMinute=0"]);
        WeCom = (await Example.MakeAsync(Host, [new { kind = "bot", alias = "Line 1" }])).ServiceId;
        var example = (await Host.GetAsync("rules?search=Everything"))["items"]![0]!;
        await Host.SendAsync("DELETE", $"rules/{example["id"]}", null, "If-Match", "*");
        Host.WeCom.AddApp(new(Example.CorpId, Example.AppSecret, Example.AgentId) { Members = ["*"] });
        Email = (string)(await Host.PostAsync("services", new
        {
            type = "email",
            name = "Mail",
            email = new
            {
                from = EmailStandIn.User,
                host = "127.0.0.1",
                port = Mail.Port,
                userName = EmailStandIn.User,
                password = EmailStandIn.Password,
                caCertificate = Mail.CaCertificate,
                serverName = EmailStandIn.Name,
            },
        }))["id"]!;
        scheduleId = (string)(await Host.GetAsync("schedules?search=Default"))["items"]![0]!["id"]!;
        foreach (var type in (string[])["wecom", "email"])
            Messages[type] = (string)(await Host.PostAsync(
                "messages", new { type, name = $"Text {type}", format = "text", content = "{name}" }))["id"]!;
    }

    public async Task DisposeAsync()
    {
        await Host.DisposeAsync();
        await Mail.DisposeAsync();
    }

    public async Task<string> PersonAsync(string name, string? email = null, string? wecomAccount = null) => (string)(await Host.PostAsync(
        "users", new { userName = $"person.{Interlocked.Increment(ref count)}", name, email, wecomAccount }))["id"]!;

    public async Task<string> GroupAsync(string name, params string[] members) =>
        (string)(await Host.PostAsync("groups", new { name, members }))["id"]!;

    public object Action(string service, params (string Kind, string Id)[] receivers) => new
    {
        type = service == WeCom ? "wecom" : "email",
        serviceId = service,
        messageId = Messages[service == WeCom ? "wecom" : "email"],
        scheduleId,
        receivers = receivers.Select(x => new { kind = x.Kind, account = x.Id }),
    };

    /// <summary>A rule for all alarms of a path.</summary>
    public Task<RestAnswer> RuleAsync(string path, object action, params string[] headers) => Host.SendAsync(
        "POST", "rules",
        new { name = $"Rule {path}", criteria = new { states = new[] { "ActiveUnacked" }, paths = new[] { path } }, actions = new[] { action } }, headers);

    public async Task<string> RaiseAsync(string path, string name) => (string)(await Host.PostAsync(
        "alarms", new { alarms = new[] { new { name, path, level = "High" } } }))["accepted"]![0]!["alarmId"]!;

    /// <returns>Of an alarm, in the order in which they were asked for, when all have ended.</returns>
    public async Task<JsonNode[]> NotificationsAsync(string alarmId, int count) =>
    [
        .. (await Eventually.GetAsync(
            async () => (await Host.GetAsync($"notifications?alarmId={alarmId}"))["items"]!.AsArray(),
            x => x.Count == count && x.All(n => (string)n!["status"]! is not ("Pending" or "Scheduled")))).Reverse().Select(x => x!),
    ];

    public async Task ChangeAsync(string path, Action<JsonObject> change)
    {
        var body = await Host.GetAsync(path);
        change(body);
        var answer = await Host.PutAsync(path, (long)body["version"]!, body);
        answer.Status.Should().Be(200, answer.Text);
    }

    public IReadOnlyList<string[]> SentByWeCom(string text) =>
        [.. Host.WeCom.Received.Where(x => x.Text.Contains(text, StringComparison.Ordinal)).Select(x => x.ToUser.ToArray())];

    public IReadOnlyList<IReadOnlyList<string>> SentByMail(string text) =>
        [.. Mail.Received.Where(x => x.Text.Contains(text, StringComparison.Ordinal)).Select(x => x.Recipients)];
}

/// <summary>People and groups as receivers, from the rule to what the platforms get.</summary>
public sealed class PeopleTests(PeopleHost plant) : IClassFixture<PeopleHost>
{
    private NotifyHost Host => plant.Host;

    private static (string, string) User(string id) => ("user", id);

    private static (string, string) Group(string id) => ("group", id);

    [Fact]
    public async Task whoever_is_in_two_groups_gets_one_message_and_a_changed_group_counts_from_then_on()
    {
        var (zhang, li) = (await plant.PersonAsync("张三", "zhang@plant.example", "zhang3"), await plant.PersonAsync("李四", "li@plant.example", "li4"));
        var (night, day) = (await plant.GroupAsync("Night", zhang, li), await plant.GroupAsync("Day", li));
        (await plant.RuleAsync("Two/**", plant.Action(plant.WeCom, Group(night), Group(day), User(li)))).Status.Should().Be(201);
        (await plant.RuleAsync("Mail/**", plant.Action(plant.Email, Group(night), Group(day)))).Status.Should().Be(201);

        var first = await plant.RaiseAsync("Two/1", "Twice meant");
        var told = (await plant.NotificationsAsync(first, 1))[0];
        ((string?)told["status"]).Should().Be("Delivered", told.ToJsonString());
        plant.SentByWeCom("Twice meant").Should().ContainSingle().Which.Should().BeEquivalentTo("zhang3", "li4");
        var people = told["receivers"]!.AsArray().Select(x => x!["people"]![0]!).ToDictionary(x => (string)x["id"]!);
        ((string?)people[zhang]["displayName"], (string?)people[zhang]["via"]).Should().Be(("张三", "wecomAccount"));
        people[zhang]["groups"]!.AsArray().Select(x => (string?)x!["name"]).Should().Equal("Night");
        people[li]["groups"].Should().BeNull("the person is named");
        await plant.NotificationsAsync(await plant.RaiseAsync("Mail/1", "Mailed once"), 1);
        plant.SentByMail("Mailed once").Should().ContainSingle().Which.Should().BeEquivalentTo("zhang@plant.example", "li@plant.example");

        await plant.ChangeAsync($"groups/{night}", x => (x["members"], x["name"]) = (new JsonArray(), "Nights"));
        var second = await plant.RaiseAsync("Two/2", "After the change");
        await plant.NotificationsAsync(second, 2);
        plant.SentByWeCom("After the change").Should().ContainSingle().Which.Should().BeEquivalentTo("li4");

        // What was told that night is on record as it was, and found by the person.
        (await Host.GetAsync($"notifications?receiver=user:{zhang}"))["items"]!.AsArray().Should().HaveCount(2);
        var explained = (await Host.GetAsync($"alarms/{first}/explain?receiver={Uri.EscapeDataString("张三")}"))["items"]![0]!;
        ((bool?)explained["told"], (bool?)explained["matchesRecord"], (string?)explained["outcome"]).Should().Be((true, true, "delivered"));
        ((string?)explained["summary"]!["en"]).Should().StartWith("张三 was to be notified, by rule 'Rule Two/**'.");
        var later = (await Host.GetAsync($"alarms/{second}/explain?receiver=user:{zhang}"))["items"]![0]!;
        ((bool?)later["told"], (string?)later["decidedBy"]![0]!["name"], (bool?)later["matchesRecord"]).Should().Be((false, "receiver", true));
    }

    [Fact]
    public async Task whoever_has_no_address_is_named_when_saving_is_on_the_failed_list_and_can_be_sent_to_once_there_is_one()
    {
        var (wang, zhao) = (await plant.PersonAsync("王五"), await plant.PersonAsync("赵六", "zhao@plant.example"));
        var group = await plant.GroupAsync("Half", wang, zhao);
        var saved = await plant.RuleAsync("NoAddress/**", plant.Action(plant.Email, Group(group)));
        saved.Status.Should().Be(201, saved.Text);
        saved.Body["warnings"]!.ToJsonString().Should().Contain("actions[0].receivers[0]");
        ((string?)saved.Body["warnings"]!["actions[0].receivers[0]"]![0]).Should()
            .Be("Service 'Mail' does not reach 王五: no usable 'email' in the record.");
        var chinese = await Host.SendAsync(
            "PUT", $"rules/{saved.Id}", saved.Body, "If-Match", "*", "Accept-Language", "zh-CN");
        ((string?)chinese.Body["warnings"]?["actions[0].receivers[0]"]?[0]).Should().Be("通知服务“Mail”通知不到 王五：人员资料中没有可用的“email”。", chinese.Text);

        var alarm = await plant.RaiseAsync("NoAddress/1", "Half told");
        var notifications = await plant.NotificationsAsync(alarm, 2);
        notifications.Select(x => (string?)x["status"]).Should().BeEquivalentTo("Delivered", "Failed");
        plant.SentByMail("Half told").Should().ContainSingle().Which.Should().BeEquivalentTo("zhao@plant.example");
        var failed = (await Host.GetAsync($"notifications/failed?alarmId={alarm}"))["items"]!.AsArray().Single()!;
        ((string?)failed["reason"], (string?)failed["failedAt"]).Should().Be(("No address for Email: 王五", "addressing"));
        ((string?)failed["explanation"]!["meaning"]!["zh"]).Should().Be("人员资料中没有此途径可用的地址。");
        var explained = (await Host.GetAsync($"alarms/{alarm}/explain?receiver=user:{wang}"))["items"]![0]!;
        ((bool?)explained["told"], (string?)explained["outcome"], (bool?)explained["matchesRecord"]).Should().Be((true, "failed", true));
        ((string?)explained["summary"]!["en"]).Should().EndWith("It was not delivered: No address for Email: 王五.");

        var ids = new { ids = new[] { (string)failed["id"]! } };
        ((string?)(await Host.PostAsync("notifications/resend", ids))["items"]![0]!["outcome"]).Should().Be("noAddress");
        await plant.ChangeAsync($"users/{wang}", x => x["email"] = "wang@plant.example");
        ((string?)(await Host.PostAsync("notifications/resend", ids))["items"]![0]!["outcome"]).Should().Be("resent");
        var again = (await plant.NotificationsAsync(alarm, 3))[2];
        ((string?)again["status"], (string?)again["receivers"]![0]!["account"], (string?)again["receivers"]![0]!["people"]![0]!["via"]).Should()
            .Be(("Delivered", "wang@plant.example", "email"));
    }

    [Fact]
    public async Task somebody_without_an_address_is_told_the_other_way()
    {
        var qian = await plant.PersonAsync("钱七", wecomAccount: "qian7");
        var action = JsonNode.Parse(System.Text.Json.JsonSerializer.Serialize(plant.Action(plant.Email, User(qian))))!;
        action["otherwise"] = JsonNode.Parse(System.Text.Json.JsonSerializer.Serialize(new
        {
            serviceId = plant.WeCom,
            messageId = plant.Messages["wecom"],
            receivers = new[] { new { kind = "user", account = qian } },
        }));
        (await plant.RuleAsync("Otherwise/**", action)).Status.Should().Be(201);
        var notifications = await plant.NotificationsAsync(await plant.RaiseAsync("Otherwise/1", "By the other way"), 2);
        notifications.Select(x => (string?)x["status"]).Should().BeEquivalentTo("Failed", "Delivered");
        plant.SentByWeCom("By the other way").Should().ContainSingle().Which.Should().Equal("qian7");
    }

    [Fact]
    public async Task who_is_disabled_is_not_told_which_is_on_record_and_who_is_used_is_not_removed()
    {
        var (sun, zhou) = (await plant.PersonAsync("孙八", "sun@plant.example"), await plant.PersonAsync("周九", "zhou@plant.example"));
        var group = await plant.GroupAsync("Shift", sun, zhou);
        (await plant.RuleAsync("Disabled/**", plant.Action(plant.Email, Group(group), User(sun)))).Status.Should().Be(201);
        (await Host.SendAsync("DELETE", $"groups/{group}", null, "If-Match", "*")).Detail.Should()
            .Be("The group 'Shift' is used by rule 'Rule Disabled/**'.");
        (await Host.SendAsync("DELETE", $"users/{sun}", null, "If-Match", "*")).Detail.Should()
            .Be("The user '孙八' is used by group 'Shift', rule 'Rule Disabled/**'.");
        var rule = (await Host.GetAsync("rules?search=Rule Disabled"))["items"]![0]!;
        (await Host.GetAsync($"rules/{rule["id"]}/references"))["uses"]!.AsArray().Select(x => (string?)x!["name"]).Should()
            .Contain(["孙八", "Shift"]);

        (await Host.SendAsync("POST", $"users/{sun}/disable", null, "If-Match", "*")).Status.Should().Be(200);
        var notifications = await plant.NotificationsAsync(await plant.RaiseAsync("Disabled/1", "Not for Sun"), 2);
        var left = notifications.Single(x => (string?)x["status"] == "Suppressed");
        ((string?)left["reason"], (string?)left["receivers"]![0]!["people"]![0]!["displayName"]).Should().Be(("personDisabled", "孙八"));
        plant.SentByMail("Not for Sun").Should().ContainSingle().Which.Should().BeEquivalentTo("zhou@plant.example");
    }

    [Fact]
    public async Task who_was_disabled_since_is_left_out_when_it_is_sent()
    {
        var (wu, zheng) = (await plant.PersonAsync("吴十", wecomAccount: "wu10"), await plant.PersonAsync("郑一", wecomAccount: "zheng11"));
        (await plant.RuleAsync("Since/both/**", plant.Action(plant.WeCom, User(wu), User(zheng)))).Status.Should().Be(201);
        (await plant.RuleAsync("Since/one/**", plant.Action(plant.WeCom, User(wu)))).Status.Should().Be(201);
        // It waits for its next try while the person is disabled.
        Host.WeCom.AddFault(new Fault(FaultKind.HttpStatus) { Path = "/cgi-bin/message/send", Code = 502 });
        var (both, one) = (await plant.RaiseAsync("Since/both/1", "Both meant"), await plant.RaiseAsync("Since/one/1", "One meant"));
        await Eventually.GetAsync(
            () => Host.GetAsync("notifications?status=Scheduled"),
            x => x["items"]!.AsArray().Count(n => n!["attempts"]!.AsArray().Count == 1 && n["retryAt"] is not null) == 2);
        (await Host.SendAsync("POST", $"users/{wu}/disable", null, "If-Match", "*")).Status.Should().Be(200);
        Host.WeCom.Log.Clear();
        Host.WeCom.ClearFaults();

        var partly = (await plant.NotificationsAsync(both, 1))[0];
        ((string?)partly["status"]).Should().Be("PartlyDelivered", partly.ToJsonString());
        partly["receivers"]!.AsArray().Select(x => $"{x!["account"]} {x["outcome"]} {x["platformCode"]}").Should()
            .Equal("wu10 failed personLeft", "zheng11 delivered ");
        ((string?)(await plant.NotificationsAsync(one, 1))[0]["reason"]).Should().Be("Disabled or removed since: 吴十.");
        plant.SentByWeCom("Both meant").Should().NotBeEmpty().And.OnlyContain(x => x.Single() == "zheng11");
        plant.SentByWeCom("One meant").Should().BeEmpty();
    }

    [Fact]
    public async Task a_test_goes_to_people_too_and_says_who_is_not_reached()
    {
        var (feng, chen) = (await plant.PersonAsync("冯二", "feng@plant.example"), await plant.PersonAsync("陈三"));
        var group = await plant.GroupAsync("Tested", feng, chen);
        var answer = await Host.SendAsync("POST", $"services/{plant.Email}/test", new
        {
            text = "A test for people",
            receivers = new[] { new { kind = "group", account = group } },
        });
        answer.Status.Should().Be(200, answer.Text);
        var results = answer.Body["results"]!.AsArray().ToDictionary(x => (string)x!["people"]![0]!["displayName"]!);
        ((string?)results["冯二"]!["outcome"], (string?)results["冯二"]!["account"]).Should().Be(("delivered", "feng@plant.example"));
        ((string?)results["陈三"]!["outcome"], (string?)results["陈三"]!["meaning"]!["en"]).Should()
            .Be(("notSent", "The record of the person has no address for this way."));
        plant.SentByMail("A test for people").Should().ContainSingle().Which.Should().Equal("feng@plant.example");
    }

    [Fact]
    public async Task a_rule_names_people_that_there_are_and_a_service_that_sends_to_them()
    {
        var he = await plant.PersonAsync("何四", wecomAccount: "he4");
        async Task<string> RefuseAsync(object action) =>
            string.Join(' ', (await plant.RuleAsync("Refused/**", action)).Body["errors"]!.AsObject().Select(x => $"{x.Key}: {x.Value![0]}"));

        (await RefuseAsync(plant.Action(plant.Email, User("user-0000000000000000000000000z")))).Should()
            .Be("actions[0].receivers[0].account: There is no user 'user-0000000000000000000000000z'.");
        (await RefuseAsync(plant.Action(plant.Email, Group("Night")))).Should().StartWith("actions[0].receivers[0].account: There is no group 'Night'.");
        (await RefuseAsync(plant.Action(plant.Email, User(he), User(he)))).Should().Be($"actions[0].receivers[1]: Person '{he}' is listed twice.");
        var robots = (string)(await Host.PostAsync("services", new
        {
            type = "wecom",
            name = "Robots only",
            wecom = new { sendTo = new[] { "bot" }, bots = new[] { new { alias = "Line 1", webhookUrl = Host.WeCom.RobotUrl(Example.RobotKey) } } },
        }))["id"]!;
        var action = JsonNode.Parse(System.Text.Json.JsonSerializer.Serialize(plant.Action(plant.WeCom, User(he))))!;
        action["serviceId"] = robots;
        (await RefuseAsync(action)).Should().Be("actions[0].receivers[0]: Service 'Robots only' does not send to people.");
        action["serviceId"] = plant.WeCom;
        action["receivers"]![0]!["people"] = new JsonArray();
        (await RefuseAsync(action)).Should().StartWith("actions[0].receivers[0].people: Who is reached follows");
    }
}
