using System.Text.Json.Nodes;
using MimeKit;
using Notify.Peers.Email;
using Notify.Testing;

namespace Notify.Delivery.Tests.Email;

/// <summary>A host and a mail server for all tests of e-mail.</summary>
public sealed class EmailHost : IAsyncLifetime
{
    private string scheduleId = "";

    public EmailStandIn Server { get; private set; } = null!;
    public NotifyHost Host { get; private set; } = null!;
    public string ServiceId { get; private set; } = "";

    public async Task InitializeAsync()
    {
        Server = await EmailStandIn.StartAsync();
        Host = await NotifyHost.StartAsync(["Notify:Outgoing:AllowedNetworks:0=127.0.0.0/8", "Notify:Email:LimitPerMinute=0"]);
        ServiceId = await ServiceAsync("Mail", _ => { });
        scheduleId = (string)(await Host.GetAsync("schedules?search=Default"))["items"]![0]!["id"]!;
    }

    /// <param name="change">Of its settings.</param>
    public async Task<string> ServiceAsync(string name, Action<JsonObject> change)
    {
        var settings = new JsonObject
        {
            ["from"] = EmailStandIn.User,
            ["fromName"] = "值班报警",
            ["host"] = "127.0.0.1",
            ["port"] = Server.Port,
            ["userName"] = EmailStandIn.User,
            ["password"] = EmailStandIn.Password,
            ["caCertificate"] = Server.CaCertificate,
            ["serverName"] = EmailStandIn.Name,
        };
        change(settings);
        return (string)(await Host.PostAsync("services", new JsonObject { ["type"] = "email", ["name"] = name, ["email"] = settings }))["id"]!;
    }

    /// <summary>A rule for all alarms of a path.</summary>
    public Task RuleAsync(string path, JsonObject message, params (string Address, string? As)[] receivers) =>
        RuleAsync(path, ServiceId, message, ["ActiveUnacked"], receivers);

    /// <param name="states">In which an alarm is told.</param>
    public async Task RuleAsync(
        string path, string serviceId, JsonObject message, string[] states, params (string Address, string? As)[] receivers)
    {
        message["type"] = "email";
        message["name"] = $"Message {path}";
        var messageId = (string)(await Host.PostAsync("messages", message))["id"]!;
        await Host.PostAsync("rules", new JsonObject
        {
            ["name"] = $"Rule {path}",
            ["criteria"] = new JsonObject { ["states"] = new JsonArray([.. states.Select(x => (JsonNode)x)]), ["paths"] = new JsonArray(path) },
            ["actions"] = new JsonArray(new JsonObject
            {
                ["type"] = "email",
                ["serviceId"] = serviceId,
                ["messageId"] = messageId,
                ["scheduleId"] = scheduleId,
                ["receivers"] = new JsonArray([.. receivers.Select(x => Receiver(x.Address, x.As))]),
            }),
        });
    }

    /// <returns>The notification of a new alarm, when it has ended.</returns>
    public async Task<JsonNode> RaiseAsync(string path, JsonObject alarm)
    {
        alarm["path"] = path;
        await Host.PostAsync("alarms", new JsonObject { ["alarms"] = new JsonArray(alarm) });
        return await Eventually.GetAsync(
            async () => (await Host.GetAsync("notifications?limit=1000"))["items"]!.AsArray()
                .SingleOrDefault(x => (string?)x!["ruleName"] == $"Rule {path}")!,
            x => x is not null && (string)x["status"]! is not ("Pending" or "Scheduled"));
    }

    /// <summary>The mails with this in their text or subject.</summary>
    public IReadOnlyList<ReceivedMail> Mails(string word) => [.. Server.Received.Where(x => x.Text.Contains(word, StringComparison.Ordinal))];

    public async Task DisposeAsync()
    {
        await Host.DisposeAsync();
        await Server.DisposeAsync();
    }

    private static JsonObject Receiver(string address, string? @as)
    {
        var receiver = new JsonObject { ["kind"] = "address", ["account"] = address };
        if (@as is not null) receiver["as"] = @as;
        return receiver;
    }
}

public sealed class EmailTests(EmailHost email) : IClassFixture<EmailHost>
{
    [Fact]
    public async Task all_receivers_of_an_action_get_one_mail_and_those_in_bcc_are_hidden()
    {
        await email.RuleAsync("Open", new() { ["content"] = "{name}" },
            ("a@plant.example", null), ("b@plant.example", "cc"), ("hidden@plant.example", "bcc"));
        await email.RaiseAsync("Open", new() { ["name"] = "Seen by three" });
        var mail = email.Mails("Seen by three").Should().ContainSingle().Subject;
        mail.Recipients.Should().BeEquivalentTo("a@plant.example", "b@plant.example", "hidden@plant.example");
        (mail.From, mail.User, mail.IsSecure).Should().Be((EmailStandIn.User, EmailStandIn.User, true));
        Addresses(mail.Mail.To).Should().Equal("a@plant.example");
        Addresses(mail.Mail.Cc).Should().Equal("b@plant.example");
        mail.Mail.ToString().Should().NotContain("hidden@plant.example");
        mail.Mail.From.Mailboxes.Single().Name.Should().Be("值班报警");
        mail.Mail.Headers[HeaderId.AutoSubmitted].Should().Be("auto-generated");
        mail.Mail.Date.Should().NotBe(default);
    }

    [Fact]
    public async Task only_who_was_not_taken_now_gets_the_same_mail_later()
    {
        await email.RuleAsync("Grey", new() { ["content"] = "{name}" }, ("d@plant.example", null), ("grey@plant.example", null));
        email.Server.Fail(new(MailStage.Recipient, 450, "4.7.1 Greylisted, try again later", Address: "grey@plant.example"));
        var notification = await email.RaiseAsync("Grey", new() { ["name"] = "Greylisted alarm" });
        var mails = email.Mails("Greylisted alarm");
        mails.Select(x => x.Recipients.Single()).Should().Equal("d@plant.example", "grey@plant.example");
        mails.Select(x => x.Mail.MessageId).Distinct().Should().ContainSingle();
        mails.Select(x => string.Join(',', Addresses(x.Mail.To))).Should().AllBe("d@plant.example,grey@plant.example");
        ((string?)notification["status"]).Should().Be("Delivered");
        ((string?)notification["attempts"]![0]!["platformCode"]).Should().Be("4.7.1");
        ((bool?)notification["mayHaveArrivedTwice"]).Should().NotBe(true);
    }

    [Fact]
    public async Task who_has_the_mail_keeps_it_when_the_rest_is_cancelled()
    {
        await email.RuleAsync("Cancelled", new() { ["content"] = "{name}" }, ("has@plant.example", null), ("waits@plant.example", null));
        email.Server.Fail(new(MailStage.Recipient, 450, "4.7.1 Greylisted, try again later", Address: "waits@plant.example"), count: null);
        await email.Host.PostAsync("alarms", new { alarms = new[] { new { name = "Partly cancelled", path = "Cancelled" } } });
        var id = (string)(await Eventually.GetAsync(
            async () => (await email.Host.GetAsync("notifications?status=Scheduled"))["items"]!.AsArray()
                .SingleOrDefault(x => (string?)x!["ruleName"] == "Rule Cancelled" && (string?)x["receivers"]![0]!["outcome"] == "delivered")!,
            x => x is not null))["id"]!;
        await Eventually.GetAsync(
            () => email.Host.PostAsync("notifications/cancel", new { ids = new[] { id }, reason = "a test" }),
            x => (string?)x["items"]![0]!["outcome"] == "cancelled");
        email.Server.Heal();
        var notification = await email.Host.GetAsync($"notifications/{id}");
        ((string?)notification["status"]).Should().Be("Suppressed");
        notification["receivers"]!.AsArray().Select(x => $"{x!["account"]} {x["outcome"]}").Should()
            .Equal("has@plant.example delivered", "waits@plant.example suppressed");
        email.Mails("Partly cancelled").Should().ContainSingle();
    }

    [Fact]
    public async Task who_is_refused_for_good_has_failed_with_the_servers_words_and_nobody_else()
    {
        email.Server.Unknown["gone@plant.example"] = true;
        await email.RuleAsync("Gone", new() { ["content"] = "{name}" }, ("e@plant.example", null), ("gone@plant.example", "bcc"));
        var notification = await email.RaiseAsync("Gone", new() { ["name"] = "Partly told" });
        ((string?)notification["status"]).Should().Be("PartlyDelivered");
        email.Mails("Partly told").Should().ContainSingle().Which.Recipients.Should().Equal("e@plant.example");
        notification["receivers"]!.AsArray().Select(x => ((string?)x!["account"], (string?)x["outcome"], (string?)x["platformCode"]))
            .Should().BeEquivalentTo(new[] { ("e@plant.example", "delivered", null), ("gone@plant.example", "failed", "5.1.1") });
    }

    [Fact]
    public async Task those_above_the_servers_number_of_recipients_get_it_a_little_later()
    {
        email.Server.MaxRecipients = 1;
        try
        {
            await email.RuleAsync("Many", new() { ["content"] = "{name}" }, ("f@plant.example", null), ("g@plant.example", null));
            var notification = await email.RaiseAsync("Many", new() { ["name"] = "For many" });
            ((string?)notification["status"]).Should().Be("Delivered");
            email.Mails("For many").SelectMany(x => x.Recipients).Should().Equal("f@plant.example", "g@plant.example");
        }
        finally
        {
            email.Server.MaxRecipients = 100;
        }
    }

    [Fact]
    public async Task html_has_its_words_as_text_too_and_a_value_is_never_markup_or_a_header()
    {
        await email.RuleAsync(
            "Html",
            new()
            {
                ["format"] = "html",
                ["subject"] = "报警 {name} {description}",
                ["content"] = "<p>Alarm <b>{name}</b></p><p>{description}</p><a href=\"https://k.example/?q={name}\">open</a>",
            },
            ("h@plant.example", null));
        await email.RaiseAsync("Html", new() { ["name"] = "Tank <3>\"x", ["description"] = "one\r\nBcc: thief@evil.example" });
        var mail = email.Mails("报警 Tank").Should().ContainSingle().Subject.Mail;
        mail.Subject.Should().Be("报警 Tank <3>\"x one Bcc: thief@evil.example");
        Addresses(mail.Bcc).Should().BeEmpty();
        mail.Headers.Select(x => x.Field).Should().NotContain("Bcc");
        var alternative = (MultipartAlternative)mail.Body!;
        alternative.Select(x => x.ContentType.MimeType).Should().Equal("text/plain", "text/html");
        mail.HtmlBody.Should().Contain("<b>Tank &#60;3&#62;&#34;x</b>").And.Contain("one<br>Bcc:")
            .And.Contain("?q=Tank&#32;&#60;3&#62;&#34;x\"");
        mail.TextBody.Should().StartWith("Alarm Tank <3>\"x").And.Contain("one\nBcc: thief@evil.example").And.Contain("open (https://k.example/?q=Tank");
    }

    [Fact]
    public async Task the_mails_of_one_occurrence_are_one_conversation_and_those_of_the_next_another()
    {
        await email.RuleAsync(
            "Thread", email.ServiceId, new() { ["content"] = "{name} {state}" }, ["ActiveUnacked", "ClearedUnacked"], ("i@plant.example", null));
        foreach (var state in (string[])["ActiveUnacked", "ClearedUnacked", "ActiveUnacked"])
        {
            var told = email.Mails("Threaded").Count;
            await email.Host.PostAsync("alarms", new { alarms = new[] { new { name = "Threaded", path = "Thread", state } } });
            await Eventually.GetAsync(() => Task.FromResult(email.Mails("Threaded").Count), x => x > told);
        }

        var mails = email.Mails("Threaded").Select(x => x.Mail).ToList();
        var conversations = mails.Select(x => x.References.Should().ContainSingle().Subject).ToList();
        conversations[1].Should().Be(conversations[0]);
        conversations[2].Should().NotBe(conversations[0]);
        mails.Select(x => x.InReplyTo).Should().Equal(conversations);
        mails.Select(x => x.MessageId).Should().OnlyHaveUniqueItems().And.NotContain(conversations);
    }

    [Fact]
    public async Task a_test_send_says_of_each_receiver_what_the_server_said_of_it()
    {
        email.Server.Unknown["gone@plant.example"] = true;
        email.Server.Fail(new(MailStage.Recipient, 450, "4.7.1 Greylisted", Address: "later@plant.example"));
        var receivers = ((string[])["now@plant.example", "gone@plant.example", "later@plant.example"]).Select(x => new { kind = "address", account = x });
        var answer = await email.Host.PostAsync($"services/{email.ServiceId}/test", new { receivers, text = "Is anybody there?" });
        answer["results"]!.AsArray().Select(x => ((string?)x!["outcome"], ((string?)x["platformMessage"])?.Split(',')[0])).Should().Equal(
            ("delivered", null), ("failed", "550 5.1.1 Recipient address rejected: User unknown"), ("failed", "450 4.7.1 Greylisted"));
    }

    [Fact]
    public async Task a_connection_test_shows_what_was_said_and_no_password()
    {
        var answer = await email.Host.PostAsync($"services/{email.ServiceId}/connection-test", new { });
        var checks = answer["checks"]!.AsArray();
        checks.Select(x => ((string?)x!["call"], (bool?)x["passed"])).Should().Equal(("connect", true), ("AUTH", true), ("MAIL FROM", true));
        var lines = string.Join('\n', checks.SelectMany(x => x!["lines"]!.AsArray()).Select(x => (string?)x));
        lines.Should().Contain("S: 220 ").And.Contain("C: STARTTLS").And.Contain("S: 235 ").And.Contain($"C: MAIL FROM:<{EmailStandIn.User}>");
        lines.Should().NotContain(EmailStandIn.Password)
            .And.NotContain(Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes($"\0{EmailStandIn.User}\0{EmailStandIn.Password}")));
        email.Server.Received.Should().NotContain(x => x.Recipients.Count == 0);
    }

    [Theory]
    [InlineData("password", "the-password-of-somebody-else", "AUTH", "5.7.8")]
    [InlineData("from", "somebody@plant.example", "MAIL FROM", "5.7.1")]
    [InlineData("serverName", "another.plant.example", "connect", "TLS")]
    [InlineData("security", "tls", "connect", "TLS")]
    [InlineData("authentication", "cramMd5", "AUTH", "502")]
    public async Task a_connection_test_says_what_is_wrong_and_what_to_do(string field, string value, string call, string code)
    {
        var service = await email.ServiceAsync($"With another {field}", x => x[field] = value);
        var failed = (await email.Host.PostAsync($"services/{service}/connection-test", new { }))["checks"]!.AsArray()[^1]!;
        ((string?)failed["call"], (bool?)failed["passed"], (string?)failed["code"]).Should().Be((call, false, code));
        ((string?)failed["advice"]?["en"]).Should().NotBeNullOrEmpty();
        failed.ToJsonString().Should().NotContain(field == "password" ? value : EmailStandIn.Password);
    }

    [Theory]
    [InlineData("from", "nobody")]
    [InlineData("from", "Name <a@plant.example>")]
    [InlineData("fromName", "a\r\nBcc: b@plant.example")]
    [InlineData("host", "not a host")]
    [InlineData("host", "10.0.0.1")]
    [InlineData("caCertificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----")]
    [InlineData("serverName", "a b")]
    [InlineData("security", "ssl")]
    public async Task a_setting_that_is_wrong_is_refused_by_its_name(string field, string value)
    {
        var settings = new JsonObject { ["from"] = "a@plant.example", ["host"] = "mail.plant.example" };
        settings[field] = value;
        var answer = await email.Host.SendAsync(
            "POST", "services", new JsonObject { ["type"] = "email", ["name"] = "With something wrong", ["email"] = settings });
        answer.Status.Should().Be(400);
        answer.Faults.Should().ContainSingle().Which.Should().StartWith($"email.{field}");
    }

    private static IEnumerable<string> Addresses(InternetAddressList list) => list.Mailboxes.Select(x => x.Address);
}
