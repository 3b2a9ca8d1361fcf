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
