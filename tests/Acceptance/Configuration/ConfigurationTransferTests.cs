using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Notify.Testing;

namespace Notify.Acceptance.Tests.Configuration;

public sealed class ConfigurationTransferTests : IAsyncLifetime
{
    private NotifyHost host = null!;

    public async Task InitializeAsync() => host = await NotifyHost.StartAsync();

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Theory]
    [InlineData("yaml")]
    [InlineData("json")]
    public async Task an_export_applied_to_its_own_installation_changes_nothing(string format)
    {
        await Example.MakeAsync(host);
        var document = await ExportAsync(format);
        document.Should().NotContain(Example.RobotKey).And.NotContain(Example.AppSecret).And.NotContain("service-");

        var (status, answer) = await ImportAsync(document, format);

        (status, (bool)answer["applied"]!).Should().Be((200, false));
        answer["changes"]!.AsArray().Should().BeEmpty();
        (await ExportAsync(format)).Should().Be(document);
        (await host.GetAsync("audit?resource=export"))["items"]!.AsArray().Select(x => (string)x!["type"]!)
            .Should().Equal("kernel.configuration_exported.v1", "kernel.configuration_exported.v1");
    }

    [Fact]
    public async Task people_whom_rules_name_go_by_user_name_and_must_be_there()
    {
        var person = await host.PostAsync("users", new { userName = "li.si", name = "李四", wecomAccount = "lisi" });
        var group = await host.PostAsync("groups", new { name = "Night", members = new[] { (string)person["id"]! } });
        await Example.MakeAsync(host, [new { kind = "user", account = (string)person["id"]! }, new { kind = "group", account = (string)group["id"]! }]);
        var document = await ExportAsync("yaml");
        document.Should().Contain("user: li.si").And.Contain("group: Night").And.NotContain("user-").And.NotContain("group-");
        (await ImportAsync(document)).Answer["changes"]!.AsArray().Should().BeEmpty();

        var (status, refused) = await ImportAsync(document.Replace("user: li.si", "user: wang.wu"), dryRun: true);
        status.Should().Be(400, refused.ToJsonString());
        ((string?)refused["errors"]!["rules[0].actions[0].receivers[0].user"]![0]).Should().Be("There is no user 'wang.wu'.");
    }

    [Fact]
    public async Task a_document_with_secrets_sets_up_an_empty_installation_in_one_change()
    {
        var (status, answer) = await ImportAsync(Document());

        status.Should().Be(200, answer.ToJsonString());
        answer["changes"]!.AsArray().Select(x => $"{x!["change"]} {x["kind"]} {x["name"]}").Should().Equal(
            "create service Plant", "create service Spare", "create message Short", "create schedule Office", "create rule All");
        var rule = (await host.GetAsync("rules?search=All"))["items"]![0]!;
        rule["actions"]![0]!["serviceId"]!.GetValue<string>().Should()
            .Be((string)(await host.GetAsync("services?search=Plant"))["items"]![0]!["id"]!);
        (await host.GetAsync("services?search=Spare"))["items"]![0]!["status"]!.GetValue<string>().Should().Be("disabled");

        var events = (await host.GetAsync("audit?correlationId=import-1"))["items"]!.AsArray().Select(x => (string)x!["type"]!)
            .Where(x => !x.StartsWith("access.", StringComparison.Ordinal));
        events.Should().BeEquivalentTo(
            "services.service_created.v1", "services.service_created.v1", "rules.message_created.v1", "rules.schedule_created.v1",
            "rules.rule_created.v1",
            "services.service_disabled.v1", "kernel.configuration_imported.v1");

        await host.PostAsync("alarms", new { alarms = new[] { new { name = "High pressure" } } });
        (await host.WeCom.WaitForAsync(_ => true))[0].Text.Should().Be("High pressure");
    }

    [Theory]
    [InlineData("dry_run=true", "dry_run")]
    [InlineData("dryrun=true", "dryrun")]
    [InlineData("dryRun=", "dryRun")]
    [InlineData("dryRun=yes", "dryRun")]
    [InlineData("dryRun=true&dryRun=false", "dryRun")]
    public async Task what_was_perhaps_meant_as_a_dry_run_is_never_applied(string query, string named)
    {
        using var content = new StringContent(Document(), Encoding.UTF8, "application/yaml");
        var answer = await host.SendAsync("POST", $"configuration/import?{query}", content);
        (answer.Status, answer.Faults.Single()).Should().Be((400, named));
        if (named != "dryRun") answer.Detail.Should().Contain("'dryRun'");
        (await host.GetAsync("services"))["total"]!.GetValue<int>().Should().Be(0);
    }

    [Fact]
    public async Task applied_again_without_its_secrets_it_changes_nothing_and_one_edit_is_one_difference()
    {
        await ImportAsync(Document());
        var document = await ExportAsync("yaml");

        var (_, answer) = await ImportAsync(document.Replace("content: '{name}'", "content: '{level} {name}'"), dryRun: true);

        var change = answer["changes"]!.AsArray().Should().ContainSingle().Subject!;
        ((string)change["kind"]!, (string)change["name"]!, (string)change["change"]!).Should().Be(("message", "Short", "change"));
        var difference = change["changes"]!.AsArray().Single()!;
        ((string)difference["path"]!, (string)difference["from"]!, (string)difference["to"]!).Should().Be(("content", "{name}", "{level} {name}"));
        (await ExportAsync("yaml")).Should().Be(document, "it was a dry run");
    }

    [Fact]
    public async Task one_fault_keeps_all_of_it_out_and_every_fault_of_every_kind_is_named_by_its_path()
    {
        var document = JsonNode.Parse(Document())!;
        document["rules"]![0]!["actions"]![0]!["receivers"]![0]!["alias"] = "Line 9";
        document["rules"]!.AsArray().Add(document["rules"]![0]!.DeepClone());
        document["rules"]![1]!["name"] = "Other";
        document["rules"]![1]!["actions"]![0]!["message"] = "None";

        var (status, answer) = (0, new JsonObject());
        document["services"]![1]!["name"] = new string('x', 65);
        document["messages"]!.AsArray().Add(JsonNode.Parse("""{ "name": "No such parameter", "content": "{nope}" }"""));
        document["schedules"]!.AsArray().Add(JsonNode.Parse("""{ "name": "Nowhere", "timeZone": "Mars/Phobos", "status": "on" }"""));

        (status, answer) = await ImportAsync(document.ToJsonString());

        status.Should().Be(400);
        answer["errors"]!.AsObject().Select(x => x.Key).Should().BeEquivalentTo(
            "services[1].name", "messages[1].content", "schedules[1].timeZone", "schedules[1].status",
            "rules[0].actions[0].receivers[0]", "rules[1].actions[0].message");
        (await host.GetAsync("services"))["total"]!.GetValue<int>().Should().Be(0);
    }

    [Fact]
    public async Task what_refers_to_something_faulty_is_not_called_faulty_for_it()
    {
        var document = JsonNode.Parse(Document())!;
        document["services"]![0]!["wecom"]!["bots"]![0]!["webhookUrl"] = "http://elsewhere.example/";

        (await ImportAsync(document.ToJsonString())).Answer["errors"]!.AsObject().Select(x => x.Key).Should()
            .Equal("services[0].wecom.bots[0].webhookUrl");
    }

    [Fact]
    public async Task what_carries_an_id_is_found_by_it_whatever_its_name()
    {
        await ImportAsync(Document());
        var document = JsonNode.Parse(
            await host.Client.GetStringAsync(new Uri("/api/v1/configuration/export?format=json&ids=true", UriKind.Relative)))!;
        var id = (string?)document["services"]!.AsArray().Single(x => (string?)x!["name"] == "Plant")!["id"];
        foreach (var service in document["services"]!.AsArray().Where(x => (string?)x!["id"] == id)) service!["name"] = "Plant 1";
        document["rules"]![0]!["actions"]![0]!["service"] = "Plant 1";

        var (status, answer) = await ImportAsync(document.ToJsonString(), prune: true);

        (status, answer["changes"]!.AsArray().Single()!["changes"]!.AsArray().Single()!["path"]!.GetValue<string>()).Should()
            .Be((200, "name"), answer.ToJsonString());
        (await host.GetAsync($"services/{id}"))["name"]!.GetValue<string>().Should().Be("Plant 1");

        document["messages"]![0]!["id"] = "message-elsewhere";
        document["services"]!.AsArray().RemoveAt(0);
        document["services"]![0]!["name"] = "Spare";
        document["services"]![0]!["id"] = id;
        (await ImportAsync(document.ToJsonString())).Answer["errors"]!.AsObject().Select(x => x.Key)
            .Should().BeEquivalentTo(
            ["messages[0].id", "services[0].name", "services[0].wecom.bots[0].webhookUrl", "rules[0].actions[0].service"],
            "the id is unknown, the other Spare stays, its robot is none of Plant 1's, and Plant 1 is renamed");
    }

    [Fact]
    public async Task secrets_sealed_for_another_installation_open_there_and_nowhere_else()
    {
        await Example.MakeAsync(host);
        await host.PostAsync("services", new
        {
            type = "email",
            name = "Post",
            email = new { from = "notify@plant.example", host = "mail.plant.example", userName = "notify@plant.example", password = "the-password" },
        });
        await using var target = await NotifyHost.StartAsync(
            [$"Notify:WeCom:AllowedOrigins:1={host.WeCom.BaseUrl}", $"Notify:WeCom:ApiBaseUrl={host.WeCom.BaseUrl}"]);
        var recipient = (await target.GetAsync("configuration/recipient"))["publicKey"]!.GetValue<string>();
        await using var source = await NotifyHost.StartAsync([$"Notify:Transfer:Recipients:plant2={recipient}"], sameStoreAs: host);
        (await host.SendAsync("GET", "configuration/export?secrets=sealed&recipient=plant2")).Faults.Should().Equal("recipient");
        (await source.SendAsync("GET", "configuration/export?secrets=sealed&recipient=plant3")).Faults.Should().Equal("recipient");

        var document = (await source.SendAsync("GET", "configuration/export?format=json&secrets=sealed&recipient=plant2")).Text;
        document.Should().NotContain(Example.RobotKey).And.NotContain(Example.AppSecret).And.Contain("sealed:v1:");
        (await host.SendAsync("POST", "configuration/import", JsonNode.Parse(document)!)).Faults.Should().Equal(
            "services[0].wecom.app.secret", "services[0].wecom.bots[0].webhookUrl", "services[0].wecom.bots[1].webhookUrl", "services[1].email.password");

        var moved = JsonNode.Parse(document)!;
        moved["services"]![1]!["email"]!["host"] = "mail.another.example";
        (await target.SendAsync("POST", "configuration/import", moved)).Faults.Should().Equal("services[1].email.password");

        var swapped = JsonNode.Parse(document)!;
        swapped["services"]![0]!["description"] = swapped["services"]![0]!["wecom"]!["app"]!["secret"]!.DeepClone();
        swapped["services"]![0]!["wecom"]!["app"]!["secret"] = swapped["services"]![0]!["wecom"]!["bots"]![0]!["webhookUrl"]!.DeepClone();
        (await target.SendAsync("POST", "configuration/import", swapped)).Faults.Should().BeEquivalentTo("services[0].wecom.app.secret");

        var answer = await target.SendAsync("POST", "configuration/import", JsonNode.Parse(document)!);
        answer.Status.Should().Be(200, answer.Text);
        (await target.SendAsync("POST", "configuration/import", JsonNode.Parse(document)!)).Body["changes"]!.AsArray().Should()
            .BeEmpty("it is the same document");
        await target.PostAsync("alarms", new { alarms = new[] { new { name = "Told by the other plant" } } });
        await host.WeCom.WaitForAsync(x => x.Text.Contains("Told by the other plant", StringComparison.Ordinal));
    }

    [Fact]
    public async Task a_secret_that_cannot_be_sealed_for_another_installation_is_named_with_what_uses_it()
    {
        await Example.MakeAsync(host);
        var recipient = (await host.GetAsync("configuration/recipient"))["publicKey"]!.GetValue<string>();
        await using var source = await NotifyHost.StartAsync([$"Notify:Transfer:Recipients:plant2={recipient}"], sameStoreAs: host);
        await host.ExecuteAsync("update notify.secret set sealed = overlay(sealed placing '\\x0000' from 20)");

        var refused = await source.SendAsync("GET", "configuration/export?secrets=sealed&recipient=plant2");
        refused.Status.Should().Be(409, refused.Text);
        ((string?)refused.Body["detail"]).Should().StartWith("A secret of service 'Plant WeCom' cannot be read: The secret ")
            .And.EndWith(" cannot be opened with this installation's key file. Enter it again, or export without secrets.");
        refused = await source.SendAsync("GET", "configuration/export?secrets=sealed&recipient=plant2", null, "Accept-Language", "zh");
        ((string?)refused.Body["detail"]).Should().StartWith("无法读取通知服务“Plant WeCom”的密钥：本安装的密钥文件无法解密密钥 ")
            .And.EndWith("。请重新填写，或导出时不含密钥。");
        (await source.SendAsync("GET", "configuration/export")).Status.Should().Be(200);
    }

    [Fact]
    public async Task a_masked_secret_that_is_not_stored_here_is_named()
    {
        var document = JsonNode.Parse(Document())!;
        document["services"]![0]!["wecom"]!["bots"]![0]!["webhookUrl"] = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=****000a";

        var (status, answer) = await ImportAsync(document.ToJsonString());

        (status, answer["errors"]!.AsObject().Single().Key).Should().Be((400, "services[0].wecom.bots[0].webhookUrl"));
    }

    [Fact]
    public async Task what_the_document_lacks_is_deleted_only_when_asked()
    {
        await ImportAsync(Document());
        var document = JsonNode.Parse(await ExportAsync("json"))!;
        document["rules"]!.AsArray().Clear();
        document["messages"]!.AsArray().Clear();

        (await ImportAsync(document.ToJsonString())).Answer["changes"]!.AsArray().Should().BeEmpty();
        var (status, answer) = await ImportAsync(document.ToJsonString(), prune: true);

        status.Should().Be(200);
        answer["changes"]!.AsArray().Select(x => $"{x!["change"]} {x["kind"]} {x["name"]}").Should()
            .BeEquivalentTo("delete message Short", "delete rule All");
        (await host.GetAsync("rules"))["total"]!.GetValue<int>().Should().Be(0);
    }

    [Fact]
    public async Task what_an_enabled_rule_outside_the_document_needs_is_not_deleted()
    {
        await ImportAsync(Document());

        var (status, answer) = await ImportAsync("""{ "messages": [] }""", prune: true);

        status.Should().Be(409);
        answer["detail"]!.GetValue<string>().Should().Contain("rule 'All'");
    }

    [Fact]
    public async Task nobody_goes_by_what_a_dry_run_has_tried()
    {
        var example = await Example.MakeAsync(host, [new { kind = "bot", alias = "Line 1" }]);
        await host.PostAsync("messages", new { type = "wecom", name = "Unused", content = "x" });
        var document = JsonNode.Parse(await ExportAsync("json"))!.AsObject();
        var messages = document["messages"]!.AsArray();
        messages.Remove(messages.Single(x => (string)x!["name"]! == "Unused"));
        document["rules"]![0]!["description"] = "tried";
        // Which rules use the message that would go is asked when one of them is changed already, and takes the version of the next change.
        var (status, tried) = await ImportAsync(document.ToJsonString(), "json", dryRun: true, prune: true);
        status.Should().Be(200, tried.ToJsonString());
        tried["changes"]!.AsArray().Select(x => $"{x!["change"]} {x["name"]}").Should().Equal("delete Unused", "change Everything");

        (await host.SendAsync("POST", $"rules/{example.RuleId}/disable", null, "If-Match", "\"1\"")).Status.Should().Be(200);
        await host.PostAsync("alarms", new { alarms = new[] { new { name = "Motor" } } });
        var told = await Eventually.GetAsync(() => host.GetAsync("notifications"), x => x["items"]!.AsArray().Count == 1);
        ((string)told["items"]![0]!["status"]!, (string?)told["items"]![0]!["reason"]).Should().Be(("Suppressed", "ruleDisabled"));
    }

    [Fact]
    public async Task what_is_no_document_is_refused()
    {
        (string Text, string Type, int Status)[] bad =
        [
            ("rules: [", "application/yaml", 400), ("rules: &a [*a]", "application/yaml", 400), ("rules: 1", "application/yaml", 400),
            ("rules: [1]", "application/yaml", 400),
            ("alarms: []", "application/yaml", 400), ("notify: 2", "application/yaml", 400),
            ("messages: [{ name: \"a\\0b\", content: x }]", "application/yaml", 400),
            ("", "application/yaml", 400), ("{}", "text/plain", 415), ("rules: " + new string('[', 200_000), "application/yaml", 400),
        ];
        foreach (var (text, type, status) in bad)
        {
            using var content = new StringContent(text, Encoding.UTF8, new MediaTypeHeaderValue(type));
            using var response = await host.Client.PostAsync(new Uri("/api/v1/configuration/import", UriKind.Relative), content);
            ((int)response.StatusCode).Should().Be(
                status, "{0}: {1}", text.Length > 100 ? text[..100] : text, await response.Content.ReadAsStringAsync());
        }
    }

    private string Document() =>
        $$"""
        { "notify": 1,
          "services": [
            { "name": "Plant", "type": "wecom", "wecom": { "bots": [ { "alias": "Line 1", "webhookUrl": "{{host.WeCom.RobotUrl(Example.RobotKey)}}" } ] } },
            { "name": "Spare", "status": "disabled", "type": "wecom", "wecom": { "bots": [ { "alias": "Line 2", "webhookUrl": "{{host.WeCom.RobotUrl(Example.SecondRobotKey)}}" } ] } } ],
          "messages": [ { "name": "Short", "type": "wecom", "format": "text", "content": "{name}" } ],
          "schedules": [ { "name": "Office", "kind": "standard", "timeZone": "Etc/UTC", "weekly": { {{string.Join(", ", Days.Select(x => $"\"{x}\": [ {{ \"from\": \"00:00:00\", \"to\": \"23:59:59\" }} ]"))}} } } ],
          "rules": [ { "name": "All", "criteria": { "states": [ "ActiveUnacked" ] },
                       "actions": [ { "type": "wecom", "service": "plant", "message": "Short", "schedule": "Office", "receivers": [ { "kind": "bot", "alias": "Line 1" } ] } ] } ] }
        """;

    private static readonly string[] Days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

    private async Task<string> ExportAsync(string format) =>
        await host.Client.GetStringAsync(new Uri($"/api/v1/configuration/export?format={format}", UriKind.Relative));

    private async Task<(int Status, JsonObject Answer)> ImportAsync(string document, string? format = null, bool dryRun = false, bool prune = false)
    {
        var type = (format ?? (document.StartsWith('{') ? "json" : "yaml")) == "json" ? "application/json" : "application/yaml";
        using var request = new HttpRequestMessage(
            HttpMethod.Post, $"/api/v1/configuration/import?dryRun={(dryRun ? "true" : "false")}&prune={(prune ? "true" : "false")}")
        {
            Content = new StringContent(document, Encoding.UTF8, new MediaTypeHeaderValue(type)),
        };
        request.Headers.Add("X-Correlation-Id", "import-1");
        using var response = await host.Client.SendAsync(request);
        return ((int)response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync())!.AsObject());
    }
}
