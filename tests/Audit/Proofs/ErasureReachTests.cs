using System.Globalization;
using System.Text.Json.Nodes;
using Notify.Audit.Tests.Replays;
using Notify.Peers.Feishu;
using Notify.Peers.SmsAliyun;
using Notify.Peers.SmsTwilio;
using Notify.Peers.WeCom;
using Notify.Testing;
using Npgsql;

namespace Notify.Audit.Tests.Proofs;

/// <summary>A person who has got everywhere a name can get is afterwards nowhere: in no table, sealed, packed or plain, and in no file.</summary>
public sealed class ErasureReachTests : IAsyncLifetime
{
    private const string Account = "wangwu";

    /// <summary>The second character is one that JSON escapes in messages, as two halves.</summary>
    private const string Name = "王𠮷";

    private const string Phone = "+8613800138000";
    private static readonly string[] subjects = [Account, Name, Phone];

    private readonly TwilioStandIn twilio = new();
    private readonly AliyunStandIn aliyun = new();
    private readonly FeishuStandIn feishu = new();
    private NotifyHost host = null!;

    public async Task InitializeAsync()
    {
        await Task.WhenAll(twilio.StartAsync(), aliyun.StartAsync(), feishu.StartAsync());
        host = await NotifyHost.StartAsync(
        [
            $"Notify:SmsTwilio:AllowedOrigins:0={twilio.Origin}", $"Notify:SmsAliyun:AllowedOrigins:0={aliyun.Origin}",
            $"Notify:Feishu:AllowedOrigins:0={feishu.Origin}",
        ]);
    }

    public async Task DisposeAsync()
    {
        await host.DisposeAsync();
        await twilio.DisposeAsync();
        await aliyun.DisposeAsync();
        await feishu.DisposeAsync();
    }

    [Fact]
    public async Task an_erased_person_is_in_no_table_of_the_database_and_in_no_file()
    {
        await BeEverywhereAsync();
        var letter = await PutAsideAsync();
        await host.ExecuteAsync("analyze");
        var everything = await DatabaseText.ReadAsync(host);
        everything.TablesWith(Account).Should().Contain(
            [
                "notify.alarm", "notify.audit_hold", "notify.audit_term", "notify.bulk", "notify.counted_send", "notify.idempotency",
                "notify.mt_events", "notify.notification", "notify.notification_span",
                "notify.replay", "notify.replay_part", "pg_stats", "wolverine.wolverine_dead_letters",
            ], "else the test shows nothing of them");
        everything.TablesWith(Name).Should().Contain(
            ["notify.idempotency", "notify.mt_events", "notify.replay_part", "wolverine.wolverine_dead_letters"]);
        everything.TablesWith(Phone).Should().Contain(["notify.mt_events", "notify.notification"]);

        foreach (var subject in (string[])[Account, Name]) (await EraseAsync(subject)).Detail.Should().Contain("ead letters contain the text");
        (await host.SendAsync(
            "POST", "operation/dead-letters/discard", new { ids = new[] { letter }, reason = "Nobody waits for it" })).Status.Should().Be(200);
        foreach (var subject in subjects) (await EraseAsync(subject)).Text.Should().Contain("\"events\":");

        var left = await DatabaseText.ReadAsync(host);
        foreach (var subject in (string[])[.. subjects, Phone[3..]]) left.TablesWith(subject).Should().BeEmpty();
        foreach (var file in Directory.GetFiles(host.DataDirectory, "*", SearchOption.AllDirectories)) (await File.ReadAllTextAsync(file)).Should()
            .NotContainAny(Account, Name, Phone);
        (await host.PostAsync("audit/verify", new { }))["valid"]!.GetValue<bool>().Should().BeTrue();
        // What a node remembers of earlier configurations names nobody any more either.
        var replay = await host.ReplayAsync("whatIf");
        await host.WaitForReplayAsync(replay);
        (await host.ReportAsync(replay)).Should().NotContainAny(Account, Name, Phone[3..]);
    }

    [Fact]
    public async Task words_of_notify_s_own_are_not_erased()
    {
        foreach (var word in (string[])["signin", "Critical", "receivers", "bot"])
            (await host.SendAsync("POST", "audit/erasures", new { subject = word, reason = "By mistake" })).Faults.Should().Equal(["subject"], word);
    }

    [Fact]
    public async Task nobody_is_erased_while_something_is_still_to_be_sent_that_names_them()
    {
        await Example.MakeAsync(host, [new { kind = "bot", alias = "Line 1" }]);
        host.WeCom.AddFault(new Fault(FaultKind.ErrCode) { Code = 45009, Count = 1 });
        await host.PostAsync("alarms", new { alarms = new[] { new { name = $"Pump of {Account}" } } });
        // What is just being sent is not cancelled.
        var waiting = await Eventually.GetAsync(
            () => host.GetAsync("notifications"), x =>
            x["items"]!.AsArray() is [{ } n] && n["attempts"]!.AsArray().Count == 1 && (string)n["status"]! == "Scheduled");
        (await EraseAsync(Account)).Detail.Should().Contain("still to be sent");
        await host.PostAsync("notifications/cancel", new { ids = new[] { waiting["items"]![0]!["id"] }, reason = "Not needed" });
        (await EraseAsync(Account)).Status.Should().Be(200);
        (await DatabaseText.ReadAsync(host)).TablesWith(Account).Should().BeEmpty();
    }

    /// <summary>In configuration that was, alarms, notifications, what the platform said, notes, reasons, reports, kept answers.</summary>
    private async Task BeEverywhereAsync()
    {
        var example = await Example.MakeAsync(host, [new { kind = "bot", alias = "Line 1" }]);
        var service = await host.SendAsync("POST", "services", new
        {
            type = "wecom",
            name = "Second WeCom",
            wecom = new
            {
                sendTo = new[] { "account" },
                app = new { corpId = Example.CorpId, agentId = Example.AgentId, secret = Example.AppSecret },
                accounts = new[] { new { account = Account, name = Name }, new { account = "lisi", name = "李四" } },
            },
        }, "Idempotency-Key", "service-of-wangwu");
        service.Status.Should().Be(201, service.Text);
        var message = await host.PostAsync("messages", new
        {
            type = "wecom",
            name = "Mentions",
            format = "text",
            content = "{name} {description} {ackUser}",
            mentions = new { accounts = new[] { Account }, mobiles = Array.Empty<string>() },
        });
        var others = await OtherPlatformsAsync();
        object[] people = [new { kind = "account", account = Account }, new { kind = "account", account = "lisi" }];
        var rule = await host.SendAsync("POST", "rules", new
        {
            name = "Second",
            criteria = new { states = new[] { "ActiveUnacked" } },
            actions = others.Append((Type: "wecom", Service: service.Id, Message: (string)message["id"]!, Receivers: people)).Select(x => new
            {
                type = x.Type,
                serviceId = x.Service,
                messageId = x.Message,
                scheduleId = example.ScheduleId,
                receivers = x.Receivers,
            }),
        }, "X-Change-Reason", $"Asked by {Account}");
        rule.Status.Should().Be(201, rule.Text);

        var alarm = (string)(await host.PostAsync("alarms", new
        {
            alarms = new object[] { new { name = $"Pump of {Name}", level = "Critical", ackUser = Account, description = $"Call\n{Name}",
                labels = new Dictionary<string, string> { ["owner"] = Account, [Account] = "x" } } },
        }))["accepted"]![0]!["alarmId"]!;
        await host.WaitForNotificationsAsync(2 + others.Count);
        await host.PostAsync($"alarms/{alarm}/acknowledge", new { note = $"{Account} was told" });
        await host.PostAsync(
            $"services/{service.Id}/test", new { receivers = new[] { new { kind = "account", account = Account } }, text = $"For {Name}" });
        await host.PostAsync("notifications/bulk",
            new { verb = "dismiss", reason = $"{Account} knows", filter = new Dictionary<string, string> { ["status"] = "PartlyDelivered" } });
        (await host.SendAsync("POST", "audit/holds", new { name = "Case", reason = $"About {Account}", resource = "test" })).Status.Should().Be(201);
        foreach (var mode in (string[])["review", "whatIf"])
            await host.WaitForReplayAsync(await host.ReplayAsync(mode, new JsonObject { ["reason"] = $"What did {Account} see?" }));
        foreach (var path in (string[])[$"rules/{rule.Id}", $"messages/{message["id"]}", $"services/{service.Id}"])
            (await host.SendAsync("DELETE", path, null, "If-Match", "\"1\"")).Status.Should().BeOneOf(200, 204);
    }

    /// <summary>Platforms whose requests are forms, JSON in forms, and JSON in which a character is two escaped halves.</summary>
    private async Task<List<(string Type, string Service, string Message, object[] Receivers)>> OtherPlatformsAsync()
    {
        aliyun.AddTemplate("SMS_1", "${name}");
        object phone = new { kind = "mobile", account = Phone };
        return
        [
            await OfAsync(
                "sms-twilio",
                new
                {
                    accountSid = TwilioStandIn.AccountSid,
                    authToken = TwilioStandIn.Token,
                    from = TwilioStandIn.Sender,
                    apiBaseUrl = twilio.Origin,
                },
                new { type = "sms-twilio", name = "Text", content = "{name} {ackUser}" }, phone),
            await OfAsync(
                "sms-aliyun",
                new { accessKeyId = AliyunStandIn.KeyId, accessKeySecret = AliyunStandIn.KeySecret, endpoint = aliyun.Origin },
                new
                {
                    type = "sms-aliyun",
                    name = "Template",
                    signName = AliyunStandIn.SignName,
                    templateCode = "SMS_1",
                    parameters = new { name = "{name} {ackUser}" },
                },
                phone),
            await OfAsync(
                "feishu", new { bots = new[] { new { alias = "Group", webhookUrl = feishu.AddRobot("group", new("Group")) } } },
                new { type = "feishu", name = "Post", format = "text", content = "{name} {ackUser}" }, new { kind = "bot", alias = "Group" }),
        ];

        async Task<(string Type, string Service, string Message, object[] Receivers)> OfAsync(
            string type, object settings, object message, object receiver)
        {
            var service = await host.PostAsync(
                "services", new Dictionary<string, object> { ["type"] = type, ["name"] = $"Plant {type}", [type] = settings });
            return (type, (string)service["id"]!, (string)(await host.PostAsync("messages", message))["id"]!, [receiver]);
        }
    }

    /// <summary>An internal message that names the person and cannot be handled.</summary>
    private async Task<string> PutAsideAsync()
    {
        await host.RefuseAsync("delivery.notification_requested.v1");
        await host.PostAsync("alarms", new { alarms = new[] { new { name = $"Fan of {Name}, {Account}" } } });
        var listed = await Eventually.GetAsync(() => host.GetAsync("operation/dead-letters"), x => x["total"]!.GetValue<int>() == 1);
        await host.AcceptAgainAsync();
        return (string)listed["items"]![0]!["id"]!;
    }

    /// <summary>Internal messages may take a moment until they are handled.</summary>
    private Task<RestAnswer> EraseAsync(string subject) => Eventually.GetAsync(
        () => host.SendAsync("POST", "audit/erasures",
        new { subject, reason = string.Create(CultureInfo.InvariantCulture, $"Asked for it, {subject.Length} characters") }), x => x.Status != 503);
}
