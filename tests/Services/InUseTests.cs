using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Notify.Testing;

namespace Notify.Services.Tests;

/// <summary>What an enabled rule needs of a service, a message or a schedule cannot be changed away.</summary>
public sealed class InUseTests : IAsyncLifetime
{
    private NotifyHost host = null!;
    private Example example = null!;

    public async Task InitializeAsync()
    {
        host = await NotifyHost.StartAsync();
        example = await Example.MakeAsync(host, [new { kind = "bot", alias = "LINE 2" }, new { kind = "account", account = "lisi" }]);
    }

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public async Task a_robot_or_account_that_an_enabled_rule_names_is_not_removed_and_the_rule_is_named()
    {
        var service = await ReadAsync();
        Remove(service, "bots", "alias", "Line 2");
        Remove(service, "accounts", "account", "lisi");

        var refused = await host.PutAsync($"services/{example.ServiceId}", 1, service);

        (refused.Status, refused.Detail).Should().Be(
            (409, "The service 'Plant WeCom' is in use: rule 'Everything' needs robot 'LINE 2', account 'lisi'. Change or disable what uses it first."));
        (await ReadAsync())["version"]!.GetValue<long>().Should().Be(1);
    }

    /// <summary>Once it is certain: whoever says how many rules use it has seen which.</summary>
    [Theory]
    [InlineData("POST", "/disable", "serviceDisabled")]
    [InlineData("DELETE", "", "serviceRemoved")]
    public async Task a_service_that_rules_use_is_disabled_or_deleted_by_who_says_how_many_they_are(string method, string verb, string reason)
    {
        var other = Copy(await host.GetAsync($"rules/{example.RuleId}"), "Other");
        var second = await host.PostAsync("rules", other);
        other["name"] = "Off";
        var off = await host.PostAsync("rules", other);
        (await host.SendAsync("POST", $"rules/{off["id"]}/disable", null, "If-Match", "*")).Status.Should().Be(200);
        const string Used = "The service 'Plant WeCom' is used by rule 'Everything', rule 'Other'. Add ?confirm=2 to do it anyway.";
        foreach (var query in (string[])["", "?confirm=1", "?confirm=3", "?confirm=0"])
        {
            var refused = await host.SendAsync(method, $"services/{example.ServiceId}{verb}{query}", null, "If-Match", "\"1\"");
            (refused.Status, refused.Detail).Should().Be((409, Used), query);
        }

        var chinese = await host.SendAsync(method, $"services/{example.ServiceId}{verb}", null, "If-Match", "*", "Accept-Language", "zh-CN");
        chinese.Detail.Should().Contain("正被使用").And.EndWith("如仍要继续，请加上 ?confirm=2。");
        foreach (var wrong in (string[])["two", "-1", "1.0"])
            (await host.SendAsync(method, $"services/{example.ServiceId}{verb}?confirm={wrong}", null, "If-Match", "*")).Faults.Should().Equal("confirm");
        (await host.SendAsync("POST", $"services/{example.ServiceId}/enable?confirm=2", null, "If-Match", "*")).Faults.Should().Equal(["confirm"], "it takes nothing away");

        var done = await host.SendAsync(method, $"services/{example.ServiceId}{verb}?confirm=2", null, "If-Match", "\"1\"");
        done.Status.Should().Be(verb.Length > 0 ? 200 : 204, done.Text);
        await host.PostAsync("alarms", new { alarms = new[] { new { name = "Nobody told" } } });
        foreach (var rule in new[] { example.RuleId, (string)second["id"]! })
        {
            var told = await Eventually.GetAsync(() => host.GetAsync($"notifications?ruleId={rule}"), x => x["items"]!.AsArray().Count > 0);
            told["items"]!.AsArray().Select(x => ((string?)x!["status"], (string?)x["reason"])).Distinct().Should().Equal(("Suppressed", reason));
        }
    }

    /// <summary>It waits for somebody else, who approves it for as many rules as its author has seen.</summary>
    [Fact]
    public async Task where_it_needs_approval_the_number_is_that_which_its_author_has_seen()
    {
        using var author = await host.ClientOfRoleAsync("administrator");
        using var approver = await host.ClientOfRoleAsync("administrator");
        (await host.SendAsync("PUT", "approval-policy", new { kinds = new[] { "service" } }, "If-Match", "\"0\"")).Status.Should().Be(200);
        (await host.SendAsync("DELETE", $"services/{example.ServiceId}", null, "If-Match", "*")).Status.Should().Be(409);
        var proposed = await author.SendToAsync("DELETE", $"services/{example.ServiceId}?confirm=1", null, "If-Match", "*");
        proposed.Status.Should().Be(202, proposed.Text);
        var other = Copy(await host.GetAsync($"rules/{example.RuleId}"), "Other");
        var second = await host.PostAsync("rules", other);
        var more = await approver.SendToAsync("POST", $"proposals/{proposed.Id}/approve");
        (more.Status, more.Detail).Should().Match<(int, string?)>(x => x.Item1 == 409 && x.Item2!.Contains("?confirm=2"));
        (await host.SendAsync("DELETE", $"rules/{second["id"]}", null, "If-Match", "*")).Status.Should().Be(204);
        var approved = await approver.SendToAsync("POST", $"proposals/{proposed.Id}/approve");
        approved.Status.Should().Be(200, approved.Text);
        (await host.SendAsync("GET", $"services/{example.ServiceId}")).Status.Should().Be(404);
    }

    [Fact]
    public async Task what_no_rule_names_is_removed_and_what_stays_keeps_its_secret()
    {
        var service = await ReadAsync();
        Remove(service, "bots", "alias", "Line 1");
        Remove(service, "accounts", "account", "zhangsan");
        service["wecom"]!["bots"]![0]!.AsObject().Remove("webhookUrl");
        service["wecom"]!["app"]!.AsObject().Remove("secret");

        var changed = await host.PutAsync($"services/{example.ServiceId}", 1, service);

        changed.Status.Should().Be(200, changed.Text);
        await host.PostAsync("alarms", new { alarms = new[] { new { name = "Still told" } } });
        await host.WeCom.WaitForAsync(x => x.Text.Contains("Still told", StringComparison.Ordinal));
    }

    [Fact]
    public async Task what_a_rule_reaches_stays_chosen_under_send_to()
    {
        foreach (var (only, lost) in new[] { ("bot", "account 'lisi'"), ("account", "robot 'LINE 2'") })
        {
            var service = await ReadAsync();
            service["wecom"]!["sendTo"] = new JsonArray(only);

            var refused = await host.PutAsync($"services/{example.ServiceId}", 1, service);

            (refused.Status, refused.Detail).Should()
                .Be((409, $"The service 'Plant WeCom' is in use: rule 'Everything' needs {lost}. Change or disable what uses it first."));
        }
    }

    [Fact]
    public async Task an_import_that_replaces_takes_nobody_out_whom_an_enabled_rule_names()
    {
        (await ImportAsync("姓名,账号\n张三,zhangsan\n")).Detail.Should().Contain("rule 'Everything' needs account 'lisi'");
        (await ImportAsync("姓名,账号\n李四,lisi\n")).Status.Should().Be(200);
    }

    [Fact]
    public async Task a_disabled_rule_holds_nothing_and_comes_on_only_when_all_it_names_is_there_again()
    {
        var service = await ReadAsync();
        Remove(service, "bots", "alias", "Line 2");
        (await host.SendAsync("POST", $"rules/{example.RuleId}/disable", null, "If-Match", "*")).Status.Should().Be(200);

        (await host.PutAsync($"services/{example.ServiceId}", 1, service)).Status.Should().Be(200);

        var refused = await host.SendAsync("POST", $"rules/{example.RuleId}/enable", null, "If-Match", "*");
        (refused.Status, refused.Faults.Single()).Should().Be((400, "actions[0].receivers[0]"));
    }

    [Fact]
    public async Task everyone_needs_someone()
    {
        var rule = await host.GetAsync($"rules/{example.RuleId}");
        rule["actions"]![0]!["receivers"] = JsonNode.Parse("""[ { "kind": "account", "account": "@all" } ]""");
        (await host.PutAsync($"rules/{example.RuleId}", 1, rule)).Status.Should().Be(200);
        var service = await ReadAsync();
        Remove(service, "accounts", "account", "lisi");
        var changed = await host.PutAsync($"services/{example.ServiceId}", 1, service);
        changed.Status.Should().Be(200, changed.Text);

        changed.Body["wecom"]!["sendTo"] = new JsonArray("bot");
        (await host.PutAsync($"services/{example.ServiceId}", 2, changed.Body)).Detail.Should().Contain("rule 'Everything' needs account '@all'");
    }

    [Fact]
    public async Task a_schedule_that_an_enabled_rule_uses_does_not_become_a_holiday()
    {
        var holiday = new { name = "Default", kind = "holiday", timeZone = "Asia/Shanghai", from = "2026-10-01", to = "2026-10-07" };
        (await host.PutAsync($"schedules/{example.ScheduleId}", 1, holiday)).Detail.Should().Contain("rule 'Everything' needs a standard schedule");
    }

    [Fact]
    public async Task a_document_that_takes_away_what_a_rule_outside_it_needs_is_not_applied()
    {
        var service = await ReadAsync();
        Remove(service, "bots", "alias", "Line 2");

        var refused = await host.SendAsync("POST", "configuration/import?dryRun=true", new { services = new[] { service } });

        (refused.Status, refused.Detail).Should()
            .Be((409, "The service 'Plant WeCom' is in use: rule 'Everything' needs robot 'LINE 2'. Change or disable what uses it first."));
    }

    [Fact]
    public async Task a_document_that_changes_the_rule_too_is_applied()
    {
        var document = await host.GetAsync("configuration/export?format=json");
        Remove(document["services"]![0]!, "bots", "alias", "Line 2");
        document["rules"]![0]!["actions"]![0]!["receivers"] = JsonNode.Parse("""[ { "kind": "bot", "alias": "Line 1" } ]""");

        var answer = await host.SendAsync("POST", "configuration/import", document);

        answer.Status.Should().Be(200, answer.Text);
        answer.Body["changes"]!.AsArray().Select(x => (string)x!["name"]!).Should().Equal("Plant WeCom", "Everything");
    }

    /// <summary>As for a single one: whoever says how many rules use what the document takes away has seen which.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task a_document_takes_services_away_from_rules_only_if_their_number_is_confirmed(bool prune)
    {
        var other = await host.PostAsync("services", WithSecrets(Copy(await ReadAsync(), "Spare")));
        var both = Copy(await host.GetAsync($"rules/{example.RuleId}"), "Both");
        var spare = both["actions"]![0]!.DeepClone();
        spare["serviceId"] = (string?)other["id"];
        both["actions"]!.AsArray().Add(spare);
        await host.PostAsync("rules", both);
        var services = prune ? [] : (await host.GetAsync("configuration/export?format=json"))["services"]!.AsArray();
        foreach (var service in services) service!["status"] = "disabled";
        var document = new JsonObject { ["services"] = services.DeepClone() };
        var (query, change) = prune ? ("prune=true&", "delete") : ("", "disable");
        const string Used = "The service 'Plant WeCom' is used by rule 'Both', rule 'Everything'. The service 'Spare' is used by rule 'Both'. "
            + "Add ?confirm=2 to do it anyway.";

        var tried = await host.SendAsync("POST", $"configuration/import?{query}dryRun=true", document);

        (tried.Status, (int)tried.Body["confirm"]!).Should().Be((200, 2), tried.Text);
        tried.Body["inUse"]!.AsArray().Select(x =>
            $"{x!["change"]} {x["kind"]} {x["name"]}: {string.Join(", ", x["usedBy"]!.AsArray().Select(y => $"{y!["kind"]} {y["name"]}").Order())}")
            .Should().BeEquivalentTo($"{change} service Plant WeCom: rule Both, rule Everything", $"{change} service Spare: rule Both");
        foreach (var number in (string[])["", "confirm=1", "confirm=3", "confirm=0"])
        {
            var refused = await host.SendAsync("POST", $"configuration/import?{query}{number}", document);
            (refused.Status, refused.Detail).Should().Be((409, Used), number);
        }

        var chinese = await host.SendAsync("POST", $"configuration/import?{query}", document, "Accept-Language", "zh-CN");
        chinese.Detail.Should().Contain("“Plant WeCom”正被使用").And.Contain("“Spare”正被使用").And.EndWith("如仍要继续，请加上 ?confirm=2。");
        foreach (var wrong in (string[])["two", "-1", "1.0", ""])
            (await host.SendAsync("POST", $"configuration/import?{query}confirm={wrong}", document)).Faults.Should().Equal("confirm");
        (await ReadAsync())["status"]!.GetValue<string>().Should().Be("enabled");

        var done = await host.SendAsync("POST", $"configuration/import?{query}confirm=2", document);
        (done.Status, done.Body["inUse"]!.AsArray().Count, (bool)done.Body["applied"]!).Should().Be((200, 2, true), done.Text);
        var again = await host.SendAsync("POST", $"configuration/import?{query}", document);
        (again.Status, (int)again.Body["confirm"]!, (bool)again.Body["applied"]!).Should().Be((200, 0, false), again.Text);
    }

    [Fact]
    public async Task only_rules_that_use_a_service_after_the_document_count()
    {
        var export = await host.GetAsync("configuration/export?format=json");
        export["services"]![0]!["status"] = "disabled";
        var without = export.DeepClone();
        without["rules"] = new JsonArray();
        var pruned = await host.SendAsync("POST", "configuration/import?prune=true&dryRun=true", without);
        (pruned.Status, (int)pruned.Body["confirm"]!).Should().Be((200, 0), pruned.Text);
        export["rules"]![0]!["status"] = "disabled";

        var answer = await host.SendAsync("POST", "configuration/import", export);

        (answer.Status, (int)answer.Body["confirm"]!, answer.Body["inUse"]!.AsArray().Count).Should().Be((200, 0, 0), answer.Text);
    }

    [Fact]
    public async Task a_service_that_comes_disabled_with_a_rule_that_uses_it_needs_the_number_too()
    {
        var export = await host.GetAsync("configuration/export?format=json");
        foreach (var list in (string[])["services", "rules"]) export[list]![0]!["name"] = "Second";
        WithSecrets(export["services"]![0]!.AsObject())["status"] = "disabled";
        export["rules"]![0]!["actions"]![0]!["service"] = "Second";
        var refused = await host.SendAsync("POST", "configuration/import", export);
        (refused.Status, refused.Detail).Should()
            .Be((409, "The service 'Second' is used by rule 'Second'. Add ?confirm=1 to do it anyway."), refused.Text);
        (await host.SendAsync("POST", "configuration/import?confirm=1", export)).Status.Should().Be(200);
    }

    [Fact]
    public async Task a_document_that_needs_approval_is_approved_for_as_many_rules_as_its_author_has_seen()
    {
        using var author = await host.ClientOfRoleAsync("administrator");
        using var approver = await host.ClientOfRoleAsync("administrator");
        (await host.SendAsync("PUT", "approval-policy", new { kinds = new[] { "service" } }, "If-Match", "\"0\"")).Status.Should().Be(200);
        var services = (await host.GetAsync("configuration/export?format=json"))["services"]!.DeepClone();
        services[0]!["status"] = "disabled";
        var document = new JsonObject { ["services"] = services };
        (await author.SendToAsync("POST", "configuration/import", document)).Status.Should().Be(409);
        var proposed = await author.SendToAsync("POST", "configuration/import?confirm=1", document);
        proposed.Status.Should().Be(202, proposed.Text);
        var second = await host.PostAsync("rules", Copy(await host.GetAsync($"rules/{example.RuleId}"), "Other"));
        var more = await approver.SendToAsync("POST", $"proposals/{proposed.Id}/approve");
        (more.Status, more.Detail).Should().Match<(int, string?)>(x => x.Item1 == 409 && x.Item2!.Contains("?confirm=2"));
        (await host.SendAsync("DELETE", $"rules/{second["id"]}", null, "If-Match", "*")).Status.Should().Be(204);
        var approved = await approver.SendToAsync("POST", $"proposals/{proposed.Id}/approve");
        approved.Status.Should().Be(200, approved.Text);
        (await ReadAsync())["status"]!.GetValue<string>().Should().Be("disabled");
    }

    [Fact]
    public async Task references_are_shown_both_ways()
    {
        static IEnumerable<string> Names(JsonNode? list) => list!.AsArray().Select(x => $"{x!["kind"]} {x["name"]} {x["enabled"]}");
        var rule = await host.GetAsync($"rules/{example.RuleId}/references");
        Names(rule["items"]).Should().BeEmpty();
        Names(rule["uses"]).Should().Equal("service Plant WeCom true", "message Alarm text true", "schedule Default true");
        foreach (var path in new[] { $"services/{example.ServiceId}", $"messages/{example.MessageId}", $"schedules/{example.ScheduleId}" })
        {
            var references = await host.GetAsync($"{path}/references");
            Names(references["items"]).Should().Equal("rule Everything true");
            Names(references["uses"]).Should().BeEmpty();
        }
    }

    private Task<JsonObject> ReadAsync() => host.GetAsync($"services/{example.ServiceId}");

    private JsonObject WithSecrets(JsonObject service)
    {
        service["wecom"]!["bots"]![0]!["webhookUrl"] = host.WeCom.RobotUrl(Example.RobotKey);
        service["wecom"]!["bots"]![1]!["webhookUrl"] = host.WeCom.RobotUrl(Example.SecondRobotKey);
        service["wecom"]!["app"]!["secret"] = Example.AppSecret;
        return service;
    }

    private static JsonObject Copy(JsonObject resource, string name)
    {
        foreach (var field in (string[])["id", "version", "status", "createdAt", "createdBy", "updatedAt", "updatedBy"]) resource.Remove(field);
        resource["name"] = name;
        return resource;
    }

    private static void Remove(JsonNode service, string list, string field, string value)
    {
        var items = service["wecom"]![list]!.AsArray();
        items.Remove(items.Single(x => (string?)x![field] == value)).Should().BeTrue();
    }

    private async Task<RestAnswer> ImportAsync(string csv)
    {
        using var form = new MultipartFormDataContent();
        var file = new ByteArrayContent(Encoding.UTF8.GetBytes(csv));
        file.Headers.ContentType = new MediaTypeHeaderValue("text/csv");
        form.Add(file, "file", "members.csv");
        return await host.SendAsync("POST", $"services/{example.ServiceId}/accounts/import?mode=replace", form, "If-Match", "*");
    }
}
