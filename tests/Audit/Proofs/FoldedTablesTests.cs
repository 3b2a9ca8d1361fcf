using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Notify.Audit.Proofs.Verification;
using Notify.Testing;
using Npgsql;

namespace Notify.Audit.Tests.Proofs;

/// <summary>What somebody writes into the tables of read models decides nothing, and is found.</summary>
public sealed class FoldedTablesTests : IAsyncLifetime
{
    private readonly MovedClock clock = new();
    private NotifyHost host = null!;

    public async Task InitializeAsync()
    {
        host = await NotifyHost.StartAsync(replace: services => services.Replace(ServiceDescriptor.Singleton<TimeProvider>(clock)));
        var example = await Example.MakeAsync(host, [new { kind = "bot", alias = "Line 1" }]);
        // So that the events that are left out when one is folded are some.
        for (var i = 0; i < 3; i++)
        {
            foreach (var verb in (string[])["disable", "enable"])
            {
                var rule = await host.GetAsync($"rules/{example.RuleId}");
                (await host.SendAsync("POST", $"rules/{example.RuleId}/{verb}", null, "If-Match", $"\"{rule["version"]}\"")).Status.Should().Be(200);
            }

            var read = await host.GetAsync($"rules/{example.RuleId}");
            read["description"] = $"change {i}";
            (await host.PutAsync($"rules/{example.RuleId}", read["version"]!.GetValue<long>(), read)).Status.Should().Be(200);
        }
    }

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public async Task each_row_that_is_not_what_its_events_say_is_a_finding_of_the_verification()
    {
        (await VerifyAsync()).Should().BeEmpty();
        await host.ExecuteAsync(
            """
            update notify.mt_doc_rule set data = jsonb_set(data, '{enabled}', 'false');
            update notify.mt_doc_api_key set data = jsonb_set(data, '{name}', '"somebody else"');
            update notify.mt_doc_message set data = '{"id": 1}';
            delete from notify.mt_doc_schedule;
            insert into notify.mt_doc_service select (jsonb_populate_record(s, jsonb_build_object('id', 'service-of-nobody', 'data', s.data || '{"nameKey":"X"}'))).* from notify.mt_doc_service s limit 1;
            update notify.secret set sealed = (select sealed from notify.secret order by ref desc limit 1)
            """);
        var findings = await VerifyAsync();
        findings.Where(x => x.Kind == "readModel").Select(x => x.Explanation).Should().HaveCount(5)
            .And.Contain(x => x.Contains("rule 'Everything'") && x.Contains("these fields differ: enabled, status."))
            .And.Contain(x => x.Contains("API key 'bootstrap'") && x.Contains("these fields differ: name.") && !x.Contains("somebody else"))
            .And.Contain(x => x.Contains("message 'Alarm text'") && x.Contains("cannot be read"))
            .And.Contain(x => x.Contains("schedule 'Default'") && x.Contains("deleted"))
            .And.Contain(x => x.Contains("service 'service-of-nobody'") && x.Contains("it has no event"));
        (await host.PostAsync("configuration/rebuild", new { }))["restored"]!.AsArray().Should().HaveCount(5);
        (await VerifyAsync()).Should().NotBeEmpty().And.OnlyContain(x => x.Kind == "secret", "what a restore cannot make again is what was sealed");
        foreach (var kind in (string[])["rules", "messages", "schedules", "services"])
        {
            var item = (await host.GetAsync(kind))["items"]!.AsArray().Should().ContainSingle().Subject!;
            item.ToJsonString().Should().Be((await host.GetAsync($"{kind}/{item["id"]}")).ToJsonString());
        }

        var rule = (await host.GetAsync("rules"))["items"]![0]!;
        (await host.SendAsync("POST", $"rules/{rule["id"]}/disable", null, "If-Match", $"\"{rule["version"]}\"")).Status.Should()
            .Be(200, "the next change fits");
        findings.Where(x => x.Kind == "secret").Should()
            .HaveCountGreaterThanOrEqualTo(2).And.OnlyContain(x => x.Explanation.Contains("service 'Plant WeCom'"));

        // Of what has an event that cannot be read, nobody knows what the row should be: it stays.
        var message = (string)(await host.GetAsync("messages"))["items"]![0]!["id"]!;
        await host.ExecuteAsync($"update notify.mt_events set data = '7' where stream_id = '{message}'");
        (await VerifyAsync()).Should().Contain(x => x.Kind == "readModel" && x.Explanation.Contains($"message '{message}'")
            && x.Explanation.Contains("cannot be compared: an event of it cannot be read"));
        await host.PostAsync("operation/rebuild", new { models = new[] { "configuration" } });
        var rebuilt = await Eventually.GetAsync(() => host.GetAsync("operation/rebuild"), x => !(bool)x["running"]!);
        var model = rebuilt["models"]!.AsArray().Should().ContainSingle().Subject!;
        ((long)model["unreadable"]!, (long)model["removed"]!).Should().Be((1, 0));
        (await host.ChangeAsync($"update notify.mt_doc_message set id = id where id = '{message}'")).Should().Be(1, "the row is there");
    }

    [Fact]
    public async Task it_is_an_alarm_of_notifys_own_soon_after_the_row_was_changed_and_at_the_next_start()
    {
        var watch = host.Services.GetRequiredService<FoldedTableWatch>();
        await watch.CheckAsync(default);
        (await AlarmsAsync("ActiveUnacked")).Should().Be(0);
        await host.ExecuteAsync("update notify.mt_doc_rule set data = jsonb_set(data, '{enabled}', 'false')");
        await watch.CheckAsync(default);
        await Eventually.GetAsync(() => AlarmsAsync("ActiveUnacked"), x => x == 1);

        await using var second = await NotifyHost.StartAsync(sameStoreAs: host);
        await Eventually.GetAsync(() =>
            second.GetAsync("alarms?path=Notify/Audit"), x => x["items"]![0]!["description"]!.GetValue<string>().Contains("'Everything'"));
        await Eventually.GetAsync(async () => (await second.Client.GetAsync(new Uri("/health/ready", UriKind.Relative))).Content, x =>
            x.ReadAsStringAsync().Result.Contains("mt_doc_rule"));

        await second.PostAsync("configuration/rebuild", new { });
        await second.Services.GetRequiredService<FoldedTableWatch>().CheckAsync(default);
        await Eventually.GetAsync(() => AlarmsAsync("ClearedUnacked"), x => x == 1);
    }

    [Fact]
    public async Task the_same_difference_is_told_again_each_day_also_when_somebody_has_acknowledged_it_but_once_a_day()
    {
        var watch = host.Services.GetRequiredService<FoldedTableWatch>();
        await host.ExecuteAsync("update notify.mt_doc_rule set data = jsonb_set(data, '{enabled}', 'false')");
        await watch.CheckAsync(default);
        await Eventually.GetAsync(ReportedAsync, x => x == 1);
        var alarm = await Eventually.GetAsync(
            async () => (await host.GetAsync("alarms?path=Notify/Audit"))["items"]!.AsArray()
                .SingleOrDefault(x => (string?)x!["sourceId"] == "notify/audit/tables"), x => x is not null);
        await host.PostAsync($"alarms/{alarm!["id"]}/acknowledge", new { note = "I look into it" });

        for (var day = 2; day <= 3; day++)
        {
            clock.Advance(TimeSpan.FromDays(1));
            // Nobody has written to the tables since.
            for (var i = 0; i < 3; i++) await watch.CheckAsync(default);
            await Eventually.GetAsync(ReportedAsync, x => x >= day);
            await Eventually.GetAsync(
                () => host.GetAsync($"alarms/{alarm["id"]}"), x => (string)x["state"]! == "ActiveUnacked");
        }

        (await ReportedAsync()).Should().Be(3);
    }

    private async Task<long> ReportedAsync()
    {
        await using var command = host.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand(
            "select count(*) from notify.mt_events where type = 'alarms.alarm_reported.v1' and data->>'name' like 'Configuration tables differ%'");
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private async Task<int> AlarmsAsync(string state) =>
        (await host.GetAsync($"alarms?path=Notify/Audit&level=Critical&state={state}"))["items"]!.AsArray().Count;

    private async Task<List<(string Kind, string Explanation)>> VerifyAsync() =>
        [.. (await host.PostAsync("audit/verify", new { }))["findings"]!.AsArray()
            .Select(x => (x!["kind"]!.GetValue<string>(), x["explanation"]!.GetValue<string>()))];
}
