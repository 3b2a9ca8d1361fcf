using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Notify.Kernel.Http;
using Notify.Testing;
using Npgsql;

namespace Notify.Delivery.Tests.People;

/// <summary>The link in a message that goes to one person is that person's; in any other it is everybody's who has the message.</summary>
public sealed partial class PersonalLinkTests(PeopleHost plant) : IClassFixture<PeopleHost>
{
    private const string Mail = "email";

    private NotifyHost Host => plant.Host;

    [Fact]
    public async Task one_person_acknowledges_by_their_own_link_without_giving_a_name()
    {
        var li = await plant.PersonAsync("李四", "li4@plant.example");
        var alarm = await RaiseAsync("Own/1", "Own link", plant.Email, ("user", li));
        var link = LinkIn(await MailedAsync("Own link"));

        var page = await AnswerAsync(http => http.GetAsync(link), "zh");
        page.Text.Should().Contain("您将以 李四 的身份确认。").And.Contain("请勿转发").And.NotContain("name=\"name\"");
        (await StateAsync(alarm)).Should().Be("ActiveUnacked", "to look changes nothing");
        (await AnswerAsync(http => PostAsync(http, link, ("name", "Somebody else"), ("note", "on my way")))).Text.Should()
            .Contain("Acknowledged by 李四.");

        var entry = (await Host.GetAsync($"alarms/{alarm}"))["timeline"]!.AsArray().Single(x => (string)x!["kind"]! == "acknowledged")!;
        ((string)entry["actor"]!["id"]!, (string)entry["actor"]!["name"]!, (string)entry["actor"]!["kind"]!).Should().Be((li, "李四", "link"));
        ((string)entry["channel"]!, (string)entry["note"]!).Should().Be((Mail, "on my way"));
        ((string)entry["link"]!).Should().Be(Host.Services.GetRequiredService<AcknowledgeLinks>().FingerprintOf(TokenOf(link)));
        var audited = (await Host.GetAsync($"audit?resource={alarm}"))["items"]!.AsArray()
            .Single(x => (string)x!["type"]! == "alarms.alarm_acknowledged.v1")!;
        ((string)audited["actor"]!["id"]!).Should().Be(li);
        ((string)audited["summary"]!).Should().Contain("(sent to that person by email)");
    }

    [Fact]
    public async Task nobody_who_reads_the_record_can_use_the_link_of_another()
    {
        var zhou = await plant.PersonAsync("周九", "zhou@plant.example");
        var alarm = await RaiseAsync("Record/1", "On record", plant.Email, ("user", zhou));
        var token = TokenOf(LinkIn(await MailedAsync("On record")));
        var told = (await plant.NotificationsAsync(alarm, 1))[0];
        var record = (await Host.GetAsync($"notifications/{told["id"]}")).ToJsonString()
            + (await Host.GetAsync($"audit?text={Uri.EscapeDataString("On record")}&limit=1000")).ToJsonString()
            + await EventsAsync();
        record.Should().Contain(token[..^16] + new string('x', 16), "it says which link was sent").And.NotContain(token);
    }

    [Fact]
    public async Task what_is_sent_again_has_the_same_link_for_the_same_person()
    {
        var chu = await plant.PersonAsync("褚六");
        var alarm = await RaiseAsync("Again/1", "Sent again", plant.Email, ("user", chu));
        var failed = (await plant.NotificationsAsync(alarm, 1))[0];
        ((string?)failed["status"]).Should().Be("Failed", "there is no address yet");
        await plant.ChangeAsync($"users/{chu}", x => x["email"] = "chu@plant.example");
        await Host.PostAsync("notifications/resend", new { ids = new[] { (string)failed["id"]! } });
        var link = LinkIn(await MailedAsync("Sent again"));
        (await AnswerAsync(http => http.GetAsync(link))).Text.Should().Contain("You acknowledge as 褚六.");
        var again = await Host.PostAsync("replays", new
        {
            mode = "redeliver",
            from = DateTimeOffset.UtcNow.AddHours(-1),
            to = DateTimeOffset.UtcNow.AddHours(1),
            filter = new { receiver = $"user:{chu}", status = "Delivered" },
            reason = "The mail was lost",
        });
        again["id"].Should().NotBeNull();
        await Eventually.GetAsync(() => Task.FromResult(plant.SentByMail("Sent again").Count), x => x == 2);
        plant.Mail.Received.Where(x => x.Text.Contains("Sent again", StringComparison.Ordinal)).Select(x => LinkIn(x.Text)).Should().Equal(link, link);
    }

    [Fact]
    public async Task a_message_that_several_read_has_everybodys_link()
    {
        var (zhao, sun) = (await plant.PersonAsync("赵一", "zhao1@plant.example", "zhao1"), await plant.PersonAsync("孙二", "sun2@plant.example", "sun2"));
        await RaiseAsync("Several/1", "Two accounts", plant.WeCom, ("user", zhao), ("user", sun));
        var two = (await Host.WeCom.WaitForAsync(x => x.Text.Contains("Two accounts", StringComparison.Ordinal), count: 1))[0];
        two.ToUser.Should().BeEquivalentTo("zhao1", "sun2");
        await RaiseAsync("Several/2", "The group", plant.WeCom, ("bot", "Line 1"));
        var group = (await Host.WeCom.WaitForAsync(x => x.Text.Contains("The group", StringComparison.Ordinal), count: 1))[0];
        await RaiseAsync("Several/3", "One account", plant.WeCom, ("user", sun));
        var one = (await Host.WeCom.WaitForAsync(x => x.Text.Contains("One account", StringComparison.Ordinal), count: 1))[0];
        var everybody = await plant.PersonAsync("吴一", wecomAccount: "wu1");
        await RaiseAsync("Several/4", "All accounts", plant.WeCom, ("account", "@all"), ("user", everybody));
        var all = (await Host.WeCom.WaitForAsync(x => x.Text.Contains("All accounts", StringComparison.Ordinal), count: 1))[0];
        foreach (var text in (string[])[two.Text, group.Text, all.Text])
            (await AnswerAsync(http => http.GetAsync(LinkIn(text)))).Text.Should().Contain("name=\"name\"").And.NotContain("You acknowledge as");
        (await AnswerAsync(http => http.GetAsync(LinkIn(one.Text)))).Text.Should().Contain("You acknowledge as 孙二.");
    }

    [Fact]
    public async Task the_link_of_somebody_who_is_disabled_or_gone_opens_nothing()
    {
        var qian = await plant.PersonAsync("钱三", "qian@plant.example");
        var alarm = await RaiseAsync("Left/1", "Left", plant.Email, ("user", qian));
        var link = LinkIn(await MailedAsync("Left"));
        await plant.NotificationsAsync(alarm, 1);
        (await Host.SendAsync("POST", $"users/{qian}/disable", null, "If-Match", "*")).Status.Should().Be(200);
        await RevokedAsync();
        (await Host.SendAsync("POST", $"users/{qian}/enable", null, "If-Match", "*")).Status.Should().Be(200);
        (await AnswerAsync(http => http.GetAsync(link))).Text.Should().Contain("You acknowledge as 钱三.");

        var rule = (await Host.GetAsync("rules?search=Left"))["items"]![0]!;
        (await Host.SendAsync("DELETE", $"rules/{rule["id"]}", null, "If-Match", "*")).Status.Should().Be(204);
        (await Host.SendAsync("DELETE", $"users/{qian}", null, "If-Match", "*")).Status.Should().Be(204);
        await RevokedAsync();
        (await StateAsync(alarm)).Should().Be("ActiveUnacked");

        async Task RevokedAsync()
        {
            foreach (var answer in new[]
            {
                await AnswerAsync(http => http.GetAsync(link)), await AnswerAsync(http => PostAsync(http, link, ("name", "钱三"), ("note", "x"))),
            })
            {
                answer.Status.Should().Be(HttpStatusCode.Gone);
                answer.Text.Should().Contain("The link is no longer valid").And.NotContain("钱三").And.NotContain("Left/1").And.NotContain("<form");
            }

            (await AnswerAsync(http => http.GetAsync(link), "zh")).Text.Should().Contain("链接已失效").And.Contain("其账户已停用或删除");
        }
    }

    [Fact]
    public async Task what_a_person_has_acknowledged_names_them_no_more_once_they_are_erased()
    {
        var name = $"诸葛{Guid.NewGuid().ToString("N")[..8]}";
        var person = await plant.PersonAsync(name, "zhuge@plant.example");
        var alarm = await RaiseAsync("Erased/1", "Erased", plant.Email, ("user", person));
        var link = LinkIn(await MailedAsync("Erased"));
        await plant.NotificationsAsync(alarm, 1);
        (await AnswerAsync(http => PostAsync(http, link, ("note", "")))).Text.Should().Contain($"Acknowledged by {name}.");
        var rule = (await Host.GetAsync("rules?search=Erased"))["items"]![0]!;
        (await Host.SendAsync("DELETE", $"rules/{rule["id"]}", null, "If-Match", "*")).Status.Should().Be(204);
        (await Host.SendAsync("DELETE", $"users/{person}", null, "If-Match", "*")).Status.Should().Be(204);
        var erased = await Host.SendAsync("POST", "audit/erasures", new { subject = name, reason = "Asked for it" });
        erased.Status.Should().Be(200, erased.Text);
        var everybodys = new Uri(new Uri(Host.Url), $"/a/{TokenOf(new Uri(Host.Services.GetRequiredService<AcknowledgeLinks>().To(alarm, 1)))}");
        foreach (var opened in new[] { link, everybodys })
            (await AnswerAsync(http => http.GetAsync(opened))).Text.Should().NotContain(name);
        (await Host.GetAsync($"alarms/{alarm}")).ToJsonString().Should().NotContain(name);
    }

    [Fact]
    public async Task a_link_shows_nothing_that_the_paths_of_its_person_exclude()
    {
        var feng = (string)(await Host.PostAsync(
            "users", new { userName = "feng", name = "冯五", email = "feng@plant.example", paths = new[] { "Limited/Mine/**" } }))["id"]!;
        var mine = await RaiseAsync("Limited/Mine/1", "Mine", plant.Email, ("user", feng));
        var others = await RaiseAsync("Limited/Others/1", "Others", plant.Email, ("user", feng));
        var own = LinkIn(await MailedAsync("Mine"));
        (await AnswerAsync(http => http.GetAsync(own))).Text.Should().Contain("You acknowledge as 冯五.");
        var link = LinkIn(await MailedAsync("Others"));
        foreach (var answer in new[] { await AnswerAsync(http => http.GetAsync(link)), await AnswerAsync(http => PostAsync(http, link, ("note", "x"))) })
        {
            answer.Status.Should().Be(HttpStatusCode.NotFound);
            answer.Text.Should().NotContain("Limited/Others");
        }

        (await StateAsync(others)).Should().Be("ActiveUnacked");
        (await StateAsync(mine)).Should().Be("ActiveUnacked");
    }

    private async Task<string> RaiseAsync(string path, string name, string service, params (string Kind, string Name)[] receivers)
    {
        var type = service == plant.WeCom ? "wecom" : Mail;
        var message = (string)(await Host.PostAsync(
            "messages", new { type, name = $"Link {path}", format = "text", content = "{name} {urlPath}" }))["id"]!;
        var action = new JsonObject(System.Text.Json.JsonSerializer.SerializeToNode(plant.Action(service))!.AsObject()
            .Select(x => KeyValuePair.Create(x.Key, x.Value?.DeepClone())))
        {
            ["messageId"] = message,
            ["receivers"] = new JsonArray([.. receivers.Select(x => new JsonObject
            {
                ["kind"] = x.Kind, [x.Kind == "bot" ? "alias" : "account"] = x.Name,
            })]),
        };
        var rule = await plant.RuleAsync(path, action);
        rule.Status.Should().Be(201, rule.Text);
        return await plant.RaiseAsync(path, name);
    }

    private async Task<string> MailedAsync(string text) => await Eventually.GetAsync(
        () => Task.FromResult(plant.Mail.Received.FirstOrDefault(x => x.Text.Contains(text, StringComparison.Ordinal))?.Text ?? ""),
        x => x.Length > 0);

    private async Task<string> StateAsync(string alarm) => (string)(await Host.GetAsync($"alarms/{alarm}"))["state"]!;

    private async Task<string> EventsAsync()
    {
        await using var command = Host.Services.GetRequiredService<NpgsqlDataSource>()
            .CreateCommand("select string_agg(data::text, ' ') from notify.mt_events");
        return (string)(await command.ExecuteScalarAsync())!;
    }

    private Uri LinkIn(string text) => new(new Uri(Host.Url), new Uri(Link().Match(text).Value).AbsolutePath);

    private static string TokenOf(Uri link) => link.Segments[^1];

    private static async Task<(HttpStatusCode Status, string Text)> AnswerAsync(
        Func<HttpClient, Task<HttpResponseMessage>> send, string language = "en")
    {
        using var phone = new HttpClient(new SocketsHttpHandler { UseCookies = false });
        phone.DefaultRequestHeaders.AcceptLanguage.ParseAdd(language);
        using var response = await send(phone);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    private static async Task<HttpResponseMessage> PostAsync(HttpClient client, Uri link, params (string Name, string Value)[] fields)
    {
        using var form = new FormUrlEncodedContent(fields.Select(x => KeyValuePair.Create(x.Name, x.Value)));
        return await client.PostAsync(link, form);
    }

    [GeneratedRegex(@"http://\S+/a/[0-9a-z]{43,}", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Link();
}
