using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Notify.Audit.Tests.Replays;
using Notify.Peers.WeCom;
using Notify.Testing;

namespace Notify.Audit.Tests.History;

/// <summary>Whatever is done is on record, with who did it, how they had proved who they are, with what, from where, why and when; and what cannot be
/// recorded does not happen.</summary>
public sealed class CompleteTests : IAsyncLifetime
{
    private const string Client = "complete-test/1";
    private readonly MovedClock clock = new();
    private NotifyHost host = null!;

    public async Task InitializeAsync()
    {
        host = await NotifyHost.StartAsync(replace: services => services.AddSingleton<TimeProvider>(clock));
        host.Client.DefaultRequestHeaders.UserAgent.ParseAdd(Client);
    }

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public async Task everything_of_the_list_is_on_record_with_its_fields()
    {
        var example = await Example.MakeAsync(host, [new { kind = "bot", alias = "Line 1" }]);
        host.WeCom.AddFault(new Fault(FaultKind.ErrCode) { Code = 44004, Count = 2 });
        var reported = await host.PostAsync("alarms",
            new
            {
                alarms = new[] { new { name = "First", eventTime = "2026-01-02T03:04:05Z" },
            new { name = "Second", eventTime = "2026-01-02T03:04:05Z" } }
            });
        var failed = (await Eventually.GetAsync(() => host.GetAsync("notifications?status=Failed"),
            x => x["items"]!.AsArray().Count == 2))["items"]!.AsArray().Select(x => (string)x!["id"]!).ToArray();
        var (alarm, correlation) = ((string)reported["accepted"]![0]!["alarmId"]!, (string)reported["accepted"]![0]!["correlationId"]!);

        async Task<RestAnswer> DoAsync(string method, string path, object? body = null, params string[] headers)
        {
            var answer = await host.SendAsync(method, path, body, ["X-Change-Reason", "For a test", .. headers]);
            answer.Status.Should().BeInRange(200, 299, answer.Text);
            return answer;
        }

        await DoAsync("POST", $"alarms/{alarm}/acknowledge");
        await DoAsync("POST", $"alarms/{alarm}/shelve", new { until = clock.GetUtcNow().AddHours(1), reason = "For a test" });
        await DoAsync("POST", $"alarms/{alarm}/unshelve");
        await DoAsync("POST", "notifications/resend", new { ids = failed[..1] });
        await DoAsync("POST", "notifications/dismiss", new { ids = failed[1..], reason = "For a test" });
        await DoAsync("POST", "notifications/bulk", new { verb = "cancel", ids = failed, reason = "For a test" });
        await DoAsync("POST", $"services/{example.ServiceId}/test",
            new { receivers = new[] { new { kind = "bot", alias = "Line 1" } }, text = "Test" });
        await DoAsync("POST", $"rules/{example.RuleId}/disable", null, "If-Match", "\"1\"");
        await DoAsync("POST", $"rules/{example.RuleId}/enable", null, "If-Match", "\"2\"");
        using (var form = new MultipartFormDataContent { { new StringContent("name,account\n王五,wangwu\n"), "file", "people.csv" } })
            await DoAsync("POST", $"services/{example.ServiceId}/accounts/import?mode=merge", form, "If-Match", "*");
        var document = await DoAsync("GET", "configuration/export?format=json");
        await DoAsync("POST", "configuration/import", JsonNode.Parse(document.Text.Replace("{level} {name}", "{name}", StringComparison.Ordinal))!);
        await DoAsync("POST", "configuration/import", JsonNode.Parse((await DoAsync("GET", "configuration/export?format=json")).Text)!);
        await DoAsync("GET", "audit/export");
        await DoAsync("GET", $"notifications/{failed[0]}/receipt");
        var replay = await DoAsync(
            "POST", "replays", new { mode = "review", from = "2026-01-01T00:00:00Z", to = clock.GetUtcNow(), reason = "For a test" });
        await host.WaitForReplayAsync(replay.Id);
        await DoAsync("GET", $"replays/{replay.Id}/report?format=html&lang=zh");
        var hold = await DoAsync("POST", "audit/holds", new { name = "Case", reason = "For a test" });
        await DoAsync("DELETE", $"audit/holds/{hold.Id}");
        await DoAsync("POST", "audit/verify", new { });
        await DoAsync("POST", "audit/keys/rotate", new { });
        await DoAsync("POST", "audit/erasures", new { subject = "nobody-at-all", reason = "For a test" });
        (await host.SendAsync("POST", "rules", new { name = "Faulty" })).Status.Should().Be(400);
        using (var stranger = host.ClientWith("ntf_a_key_that_nobody_made")) (
            await stranger.GetAsync(new Uri("/api/v1/rules", UriKind.Relative))).IsSuccessStatusCode.Should().BeFalse();

        string[] ofPeople =
        [
            "services.service_created.v1", "rules.message_created.v1", "rules.rule_created.v1", "rules.rule_disabled.v1", "rules.rule_enabled.v1",
            "services.service_accounts_imported.v1",
            "kernel.configuration_exported.v1", "kernel.configuration_imported.v1", "rules.message_changed.v1", "alarms.alarm_reported.v1",
            "alarms.alarm_acknowledged.v1", "alarms.alarm_shelved.v1",
            "alarms.alarm_unshelved.v1", "delivery.notification_resent.v1", "delivery.notification_dismissed.v1", "delivery.bulk_requested.v1",
            "delivery.test_requested.v1",
            "delivery.test_sent.v1", "audit.history_exported.v1", "audit.replay_requested.v1", "audit.replay_report_read.v1", "audit.hold_placed.v1",
            "audit.hold_released.v1", "audit.history_verified.v1",
            "audit.signing_key_replaced.v1", "audit.personal_data_erased.v1", "access.sign_in_succeeded.v1", "access.request_refused.v1",
        ];
        string[] ofNotify =
        [
            "kernel.node_started.v1", "access.api_key_created.v1", "rules.alarm_decided.v1", "delivery.notification_requested.v1",
            "delivery.attempt_started.v1", "delivery.attempt_failed.v1",
            "delivery.attempt_succeeded.v1", "audit.replay_completed.v1",
        ];
        List<JsonObject> entries = [];
        await Eventually.GetAsync(
            async () => string.Join(", ", ofPeople.Concat(ofNotify).Append("access.sign_in_failed.v1")
            .Except((entries = await host.Client.GetAllFromAsync("audit")).Select(x => (string)x["type"]!))),
            missing => missing.Length == 0);
        foreach (var type in ofPeople)
        {
            foreach (var entry in entries.Where(x => (string)x["type"]! == type && (string)x["actor"]!["kind"]! != "system"))
            {
                ((string)entry["actor"]!["name"]!, (string?)entry["authenticatedBy"], (string?)entry["sourceIp"]).Should()
                    .Be(("bootstrap", "apiKey", "127.0.0.1"), type);
                ((string?)entry["client"]).Should().StartWith(Client, type);
                ((string)entry["actor"]!["id"]!).Should().StartWith("apikey-");
                ((string?)entry["correlationId"]).Should().NotBeNullOrEmpty();
            }

            entries.Should().Contain(x => (string)x["type"]! == type && (string)x["actor"]!["kind"]! == "apiKey", type);
        }

        foreach (var type in ofNotify) entries.First(x => (string)x["type"]! == type)["actor"]!["kind"]!.GetValue<string>().Should()
            .Be("system", type);
        entries.Where(x => (string?)x["correlationId"] == correlation).Select(x => (string)x["type"]!).Should()
            .Contain(["alarms.alarm_reported.v1", "rules.alarm_decided.v1", "delivery.attempt_failed.v1"]);
        var refused = entries.First(x => (string)x["type"]! == "access.sign_in_failed.v1");
        ((string)refused["actor"]!["kind"]!, (string?)refused["authenticatedBy"]).Should()
            .Be(("anonymous", null), "who has not proved who they are was not authenticated");
        entries.Where(x => (string)x["type"]! == "kernel.configuration_imported.v1").Select(x => x["data"]!["resources"]!.AsArray().Count).Should()
            .Equal(
            [1, 0], "an import that changes nothing is on record too");
        // When it happened, and when it was recorded.
        ((string)refused["occurredAt"]!).Should().Be((string)refused["data"]!["firstAt"]!);
        var first = entries.First(x => (string)x["type"]! == "alarms.alarm_reported.v1");
        ((DateTimeOffset)first["occurredAt"]!).Should().Be(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
        ((DateTimeOffset)first["at"]!).Should().BeCloseTo(clock.GetUtcNow(), TimeSpan.FromMinutes(5));
    }

    [Fact]
    public async Task what_cannot_be_recorded_does_not_happen()
    {
        var example = await Example.MakeAsync(host, [new { kind = "bot", alias = "Line 1" }]);
        var alarm = (string)(await host.PostAsync("alarms", new { alarms = new[] { new { name = "First" } } }))["accepted"]![0]!["alarmId"]!;
        var notification = (string)(await Eventually.GetAsync(
            () => host.GetAsync("notifications?status=Delivered"), x => x["items"]!.AsArray().Count == 1))["items"]![0]!["id"]!;
        var replay = await host.ReplayAsync("review");
        await host.WaitForReplayAsync(replay);
        await host.ExecuteAsync(
            """
            create table notify.refused (type text);
            create function notify.refuse() returns trigger language plpgsql as $$ begin
              if exists (select from notify.refused r where r.type = new.type) then raise exception 'refused for a test'; end if; return new; end $$;
            create trigger refuse before insert on notify.mt_events for each row execute function notify.refuse();
            """);
        (string Type, string Method, string Path, object? Body)[] requests =
        [
            ("alarms.alarm_reported.v1", "POST", "alarms", new { alarms = new[] { new { name = "Second" } } }),
            ("alarms.alarm_acknowledged.v1", "POST", $"alarms/{alarm}/acknowledge", null),
            ("rules.message_created.v1", "POST", "messages", new { type = "wecom", name = "Other", content = "x" }),
            ("delivery.test_requested.v1", "POST", $"services/{example.ServiceId}/test",
            new { receivers = new[] { new { kind = "bot", alias = "Line 1" } }, text = "Not to be sent" }),
            ("delivery.bulk_requested.v1", "POST", "notifications/bulk", new { verb = "resend", ids = new[] { notification } }),
            ("kernel.configuration_exported.v1", "GET", "configuration/export", null),
            ("audit.history_exported.v1", "GET", "audit/export", null),
            ("audit.history_exported.v1", "GET", $"notifications/{notification}/receipt", null),
            ("audit.replay_requested.v1", "POST", "replays", new { mode = "review", from = "2026-01-01T00:00:00Z", to = clock.GetUtcNow() }),
            ("audit.replay_report_read.v1", "GET", $"replays/{replay}/report", null),
            ("audit.hold_placed.v1", "POST", "audit/holds", new { name = "Case", reason = "Asked for" }),
            ("audit.personal_data_erased.v1", "POST", "audit/erasures", new { subject = "First", reason = "Asked for" }),
            ("access.sign_in_succeeded.v1", "GET", "rules", null),
        ];
        foreach (var (type, method, path, body) in requests)
        {
            // A day later whoever comes in signs in anew.
            if (type == "access.sign_in_succeeded.v1") clock.Advance(TimeSpan.FromDays(1));
            await host.ExecuteAsync($"insert into notify.refused values ('{type}')");
            var answer = await host.SendAsync(method, path, body);
            await host.ExecuteAsync("delete from notify.refused");
            answer.Status.Should().BeGreaterThanOrEqualTo(500, path);
            answer.Text.Should().NotContain("notify-audit-export").And.NotContain("Everything").And.NotContain(
                "entries", "nothing of what was asked for left");
        }

        (await host.GetAsync("alarms"))["items"]!.AsArray().Should().ContainSingle().Which!["state"]!.GetValue<string>().Should().Be("ActiveUnacked");
        (await host.GetAsync("alarms"))["items"]![0]!["name"]!.GetValue<string>().Should().Be("First");
        (await host.GetAsync("messages"))["total"]!.GetValue<int>().Should().Be(1);
        (await host.GetAsync("replays"))["items"]!.AsArray().Should().ContainSingle();
        (await host.GetAsync("audit/holds"))["items"]!.AsArray().Should().BeEmpty();
        host.WeCom.Received.Should().ContainSingle();
    }
}
