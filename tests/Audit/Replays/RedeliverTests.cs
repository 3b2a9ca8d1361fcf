using System.Text.Json.Nodes;
using Notify.Kernel.Texts;
using Notify.Peers.WeCom;
using Notify.Testing;

namespace Notify.Audit.Tests.Replays;

public sealed class RedeliverTests : IAsyncLifetime
{
    private NotifyHost host = null!;

    public async Task InitializeAsync()
    {
        host = await NotifyHost.StartAsync();
        await Example.MakeAsync(host, [new { kind = "bot", alias = "Line 1" }, new { kind = "account", account = "zhangsan" }]);
    }

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public async Task what_was_sent_is_sent_again_once_marked_and_linked_and_what_was_not_is_not()
    {
        var first = await host.RaiseAsync("First");
        await host.WaitForNotificationsAsync(2);
        await host.PostAsync($"alarms/{first}/shelve", new { minutes = 5, reason = "maintenance" });
        var before = await host.WaitForNotificationsAsync(4);
        var id = await host.ReplayAsync(
            "redeliver", new JsonObject { ["reason"] = "the night shift missed it", ["filter"] = new JsonObject { ["alarmPath"] = "Site1/**" } });
        var result = (await host.WaitForReplayAsync(id))["result"]!;

        result["sent"]!.GetValue<int>().Should().Be(2);
        result["outcomes"]!["Delivered"]!.GetValue<int>().Should().Be(2);
        var after = (await host.GetAsync("notifications?limit=100"))["items"]!.AsArray().Select(x => x!.AsObject()).ToList();
        var repeats = after.Where(x => (string?)x["replayId"] == id).ToList();
        repeats.Should().HaveCount(2);
        foreach (var repeat in repeats)
        {
            var original = before["items"]!.AsArray().Single(x => (string)x!["id"]! == (string)repeat["replayOf"]!)!;
            var at = original["requestedAt"]!.GetValue<DateTimeOffset>();
            ((string)repeat["body"]!).Should().Be($"【重发 Repeat】{LocalTimes.Text(at, TimeZoneInfo.Local.Id)}\n{(string)original["body"]!}");
            ((string)repeat["correlationId"]!).Should().Be((string)original["correlationId"]!);
        }

        host.WeCom.Received.Count(x => x.Body.Contains("重发 Repeat", StringComparison.Ordinal)).Should().Be(2);
        var requested = (await host.GetAsync($"audit?resource={repeats[0]["id"]}"))["items"]![0]!;
        requested["actor"]!["name"]!.GetValue<string>().Should().Be("bootstrap");
        requested["reason"]!.GetValue<string>().Should().Be("the night shift missed it");
        requested["causationId"]!.GetValue<string>().Should().Be(id);

        // Its receipt begins with the alarm, holds the decision and what was repeated, and who asked for the repeat.
        var receipt = await host.Client.GetStringAsync(new Uri($"/api/v1/notifications/{repeats[0]["id"]}/receipt", UriKind.Relative));
        receipt.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(x => (string?)JsonNode.Parse(x)!["entry"]?["type"]).OfType<string>()
            .Should().Equal(
            "alarms.alarm_reported.v1", "rules.alarm_decided.v1", "delivery.notification_requested.v1", "delivery.attempt_started.v1",
            "delivery.attempt_succeeded.v1",
            "audit.replay_requested.v1", "delivery.notification_requested.v1", "delivery.attempt_started.v1", "delivery.attempt_succeeded.v1");

        // The replay's own correlation finds the repeats and their attempts, which also belong to their alarm's trail.
        var correlation = (string)(await host.GetAsync($"audit?resource={id}&type=audit.replay_requested.v1"))["items"]![0]!["correlationId"]!;
        foreach (var type in (string[])["notification_requested", "attempt_started", "attempt_succeeded"])
        {
            (await Eventually.GetAsync(
                () => host.Client.GetAllFromAsync($"audit?correlationId={correlation}&type=delivery.{type}.v1"), x => x.Count == 2))
                .Should().OnlyContain(x => (string)x["correlationId"]! != correlation, type);
        }

        // A repeat is not repeated: the same period again takes up the originals only.
        var again = await host.ReplayAsync("redeliver", new JsonObject { ["reason"] = "once more" });
        (await host.WaitForReplayAsync(again))["result"]!["sent"]!.GetValue<int>().Should().Be(2);
    }

    [Fact]
    public async Task what_was_resent_or_still_waits_is_not_sent_again_and_what_was_partly_delivered_is_only_to_the_others()
    {
        var rule = (await host.GetAsync("rules?search=Everything"))["items"]![0]!;
        var action = rule["actions"]![0]!.DeepClone().AsObject();
        action.Remove("key");
        action["receivers"] = new JsonArray(Account("zhangsan"), Account("lisi"));
        await host.PostAsync("rules", new { name = "Both", criteria = rule["criteria"], actions = new[] { action } });
        host.WeCom.AddApp(new(Example.CorpId, Example.AppSecret, Example.AgentId) { Members = ["zhangsan"], Unlicensed = ["lisi"] });
        host.WeCom.AddFault(new Fault(FaultKind.ErrCode) { Robot = Example.RobotKey, Code = 44004 });
        await host.RaiseAsync("First");
        var failed = await FindAsync("Failed");
        await FindAsync("PartlyDelivered");
        host.WeCom.ClearFaults();
        var resent = (await host.PostAsync("notifications/resend", new { ids = new[] { failed } }))["items"]![0]!["notificationId"]!;
        await Eventually.GetAsync(() => host.GetAsync($"notifications/{resent}"), x => (string)x["status"]! == "Delivered");
        host.WeCom.AddRobot(Example.RobotKey, "Line 1");
        host.WeCom.RemoveRobot(Example.RobotKey);
        await host.RaiseAsync("Second");
        await FindAsync("Scheduled");

        (await RedeliverAsync("Failed"))["result"]!["sent"]!.GetValue<int>().Should().Be(0, "it was resent");
        (await RedeliverAsync("Scheduled"))["result"]!["sent"]!.GetValue<int>().Should().Be(0, "it is still to be sent");
        var partly = await RedeliverAsync("PartlyDelivered", path: "Site1/**");
        var report = JsonNode.Parse(await host.ReportAsync((string)partly["id"]!))!["notifications"]!.AsArray();
        foreach (var x in report)
        {
            var repeat = await host.GetAsync($"notifications/{x!["notificationId"]}");
            repeat["receivers"]!.AsArray().Select(r => (string)r!["account"]!).Should().Equal("lisi");
        }

        report.Should().NotBeEmpty();

        static JsonObject Account(string account) => new() { ["kind"] = "account", ["account"] = account };

        async Task<string> FindAsync(string status) =>
            (string)(await Eventually.GetAsync(() => host.GetAsync($"notifications?status={status}"), x => x["items"]!.AsArray().Count > 0))
                ["items"]![0]!["id"]!;

        async Task<JsonObject> RedeliverAsync(string status, string? path = null) => await host.WaitForReplayAsync(await host.ReplayAsync(
            "redeliver", new JsonObject { ["reason"] = "a test", ["filter"] = new JsonObject { ["status"] = status, ["alarmPath"] = path } }));
    }

    [Fact]
    public async Task a_notification_whose_event_somebody_has_spoilt_keeps_the_others_from_no_replay()
    {
        await host.RaiseAsync("First");
        var listed = (await host.WaitForNotificationsAsync(2))["items"]!.AsArray();
        await host.ExecuteAsync(
            $"update notify.mt_events set data = jsonb_set(data, '{{receivers}}', '1') where stream_id = '{listed[0]!["id"]}' and version = 1");
        var wanted = new JsonObject { ["reason"] = "the night shift missed it", ["filter"] = new JsonObject { ["alarmPath"] = "Site1/**" } };
        await host.WaitForReplayAsync(await host.ReplayAsync("review", wanted));
        var again = await host.WaitForReplayAsync(await host.ReplayAsync("redeliver", wanted));
        again["result"]!["sent"]!.GetValue<int>().Should().Be(1);
    }

    [Fact]
    public async Task a_redelivery_that_needed_a_second_person_says_who_has_signed_it()
    {
        await host.RaiseAsync("First");
        await host.WaitForNotificationsAsync(2);
        using var approver = await host.SignedInAsync("wang.wei", "administrator");
        (await host.SendAsync("PUT", "approval-policy", new { kinds = new[] { "redelivery" }, signature = "approver" }, "If-Match", "\"0\"")).Status
            .Should().Be(200);
        var proposal = await host.SendAsync("POST", "replays", new
        {
            mode = "redeliver",
            from = "2026-01-01T00:00:00Z",
            to = TimeProvider.System.GetUtcNow(),
            reason = "the night shift missed it",
        });
        (proposal.Status, (string?)proposal.Body["state"]).Should().Be((202, "Open"), proposal.Text);
        (await approver.SendAsync("POST", $"proposals/{proposal.Id}/approve", new { signature = new { password = SigningIn.Password } })).Status
            .Should().Be(200);
        var id = (string)(await host.GetAsync("replays"))["items"]![0]!["id"]!;
        await host.WaitForReplayAsync(id);
        var approved = JsonNode.Parse(await host.ReportAsync(id))!["approvedBy"]!;
        ((string?)approved["proposal"], (string?)approved["signatures"]![0]!["displayName"]).Should().Be((proposal.Id, "The wang.wei"));
        (await host.ReportAsync(id, "format=html&lang=en")).Should().Contain("approved by The wang.wei, signed by The wang.wei (approved");
    }

    [Fact]
    public async Task a_report_that_is_not_the_one_on_record_is_not_served()
    {
        await host.RaiseAsync("First");
        await host.WaitForNotificationsAsync(2);
        var id = await host.ReplayAsync("review");
        await host.WaitForReplayAsync(id);
        (await host.ReportAsync(id)).Should().Contain("First");
        // Another one in its place, one that cannot be unpacked, and a row that says nothing of either any more.
        await host.ExecuteAsync(
            """
            update notify.replay_part p set body = o.body from notify.replay_part o where p.report = 'json' and o.report = 'html.zh' and o.number = p.number;
            update notify.replay_part set body = '\x00ff' where report = 'html.en';
            update notify.replay set body = jsonb_set(body, '{reports}', '[]')
            """);
        foreach (var query in (string[])["format=json", "format=html&lang=en"])
        {
            var refused = await host.SendAsync("GET", $"replays/{id}/report?{query}");
            (refused.Status, (string)refused.Body["title"]!).Should().Be((410, "The report was changed."), query);
        }

        (await host.SendAsync("GET", $"replays/{id}/report?format=html&lang=zh")).Status.Should().Be(200, "what nobody has changed is served");
        await host.ExecuteAsync(
            "update notify.mt_events set data = jsonb_set(data, '{reports}', '\"none\"') where type = 'audit.replay_completed.v1'");
        (await host.SendAsync("GET", $"replays/{id}/report?format=html&lang=zh")).Status.Should().Be(410);
    }

    [Fact]
    public async Task another_service_takes_over_what_it_can_reach_and_the_rest_is_left_out_with_its_reason()
    {
        await host.RaiseAsync("First");
        await host.WaitForNotificationsAsync(2);
        var other = await host.PostAsync("services", new
        {
            type = "wecom",
            name = "Spare",
            wecom = new
            {
                sendTo = new[] { "bot" },
                bots = new[] { new { alias = "line 1", webhookUrl = host.WeCom.RobotUrl("cccccccc-0000-0000-0000-00000000000c") } }
            },
        });
        var id = await host.ReplayAsync("redeliver", new JsonObject { ["reason"] = "the robot was gone", ["serviceId"] = (string)other["id"]! });

        var result = (await host.WaitForReplayAsync(id))["result"]!;
        (result["sent"]!.GetValue<int>(), result["leftOut"]!.GetValue<int>()).Should().Be((1, 1));
        var report = JsonNode.Parse(await host.ReportAsync(id))!["notifications"]!.AsArray();
        report.Select(x => (string?)x!["leftOut"]).OfType<string>().Should().Equal("The service does not have these receivers.");
        var repeat = await host.GetAsync($"notifications/{report.Select(x => (string?)x!["notificationId"]).OfType<string>().Single()}");
        repeat["serviceName"]!.GetValue<string>().Should().Be("Spare");
    }
}
