using System.Text.Json;
using System.Text.Json.Nodes;
using Notify.Testing;

namespace Notify.Operation.Tests;

/// <summary>A message between modules that could not be handled is seen by whoever looks after Notify, and is handled again or given up on
/// record.</summary>
public sealed class DeadLetterTests : IAsyncLifetime
{
    private NotifyHost host = null!;

    public async Task InitializeAsync() => host = await NotifyHost.StartAsync();

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public async Task whom_it_kept_from_being_told_is_seen_everywhere_and_a_replay_tells_them_by_the_message_as_it_is_then()
    {
        var example = await Example.MakeAsync(host, [new { kind = "bot", alias = "Line 1" }]);
        var start = TimeProvider.System.GetUtcNow();
        await host.RefuseAsync("delivery.notification_requested.v1", "new.data->>'alarmPath' like 'Site1%'", $"refused for a test of {Example.RobotKey}");
        var accepted = await host.PostAsync(
            "alarms", new { alarms = new[] { new { name = "Motor", path = "Site1/Line1" }, new { name = "Fan", path = "Site2" } } });
        var alarmId = (string)accepted["accepted"]![0]!["alarmId"]!;

        // It is told of by an alarm of Notify's own, once, and that alarm goes out.
        var own = await Eventually.GetAsync(() => host.GetAsync("alarms?path=Notify/Operation/**"), x => x["items"]!.AsArray().Count == 1);
        ((string)own["items"]![0]!["level"]!, (string)own["items"]![0]!["state"]!).Should().Be(("Critical", "ActiveUnacked"));
        ((string)own["items"]![0]!["description"]!).Should()
            .Contain("Site1/Line1/Motor").And.Contain("refused for a test of …").And.NotContain("Fan", "that one went out");
        await host.WeCom.WaitForAsync(x => x.Delivered && x.Text!.Contains("Critical"));

        // It counts as failed wherever one looks.
        ((int)(await host.GetAsync("notifications/failed/count"))["count"]!).Should().Be(1);
        var failed = (await host.GetAsync("notifications/failed"))["items"]![0]!;
        ((string)failed["alarmName"]!, (string)failed["failedAt"]!, (string)failed["body"]!).Should()
            .Be(("Motor", "putAside", "Medium Motor ActiveUnacked Site1/Line1 "));
        ((string)failed["explanation"]!["advice"]!["en"]!).Should().Contain("replay");
        (await host.GetAsync($"notifications/{failed["id"]}"))["status"]!.GetValue<string>().Should().Be("Failed");
        (await host.GetAsync("notifications/failed/count?search=nothing"))["count"]!.GetValue<int>().Should().Be(0);
        (await host.GetAsync($"alarms/{alarmId}"))["timeline"]!.ToJsonString().Should().Contain("Dead letter").And.Contain("refused for a test");
        var explained = (await host.GetAsync($"alarms/{alarmId}/explain?receiver=Line 1"))["items"]![0]!;
        ((string)explained["outcome"]!).Should().Be("failed");
        var review = await ReviewAsync(start);
        ((int)review["counts"]!["putAside"]!, (int)review["counts"]!["failed"]!).Should().Be((1, 1));

        // What was wrong is mended, and the message's words as well: the replay sends the new ones, and the alarm clears.
        await host.AcceptAgainAsync();
        var changed = await host.PutAsync(
            $"messages/{example.MessageId}", 1, new { type = "wecom", name = "Alarm text", format = "text", content = "mended: {name}" });
        changed.Status.Should().Be(200);
        var letter = (await host.GetAsync("operation/dead-letters"))["items"]![0]!;
        // What failed it quoted a secret, which is nowhere.
        string[] reads =
        [
            "operation/dead-letters", "notifications/failed", "alarms?path=Notify/Operation/**", $"alarms/{alarmId}",
            "audit?type=audit.dead_letter_found.v1",
        ];
        foreach (var read in reads)
            (await host.GetAsync(read)).ToJsonString().Should().Contain("refused for a test of").And.NotContain(Example.RobotKey, read);
        letter["alarms"]!.AsArray().Select(x => (string)x!["alarmName"]!).Should().Equal("Motor");
        await host.PostAsync("operation/dead-letters/replay", new { ids = new[] { (string)letter["id"]! }, reason = "mended" });
        await host.WeCom.WaitForAsync(x => x.Delivered && x.Text == "mended: Motor");
        var delivered = await Eventually.GetAsync(() => host.GetAsync($"notifications/{failed["id"]}"), x => (string)x["status"]! == "Delivered");
        delivered["messageVersion"]!.GetValue<long>().Should().Be(2);
        ((string)(await host.GetAsync($"alarms/{alarmId}/explain?receiver=Line 1"))["items"]![0]!["outcome"]!).Should().Be("delivered");
        ((int)(await host.GetAsync("notifications/failed/count"))["count"]!).Should().Be(0);
        await Eventually.GetAsync(() => host.GetAsync("alarms?path=Notify/Operation/**"), x =>
            ((string)x["items"]![0]!["state"]!).StartsWith("Cleared", StringComparison.Ordinal));
    }

    [Fact]
    public async Task a_replay_gives_each_notification_the_text_of_its_own_action_wherever_that_stands_in_the_rule_by_then()
    {
        var example = await Example.MakeAsync(host, [new { kind = "bot", alias = "Line 1" }]);
        var other = (string)(await host.PostAsync(
            "messages", new { type = "wecom", name = "Other text", format = "text", content = "other: {name}" }))["id"]!;
        var rule = await host.GetAsync($"rules/{example.RuleId}");
        var actions = rule["actions"]!.AsArray();
        var second = actions[0]!.DeepClone().AsObject();
        second.Remove("key");
        second["messageId"] = other;
        actions.Add(second);
        (await host.PutAsync($"rules/{example.RuleId}", 1, rule)).Status.Should().Be(200);
        await host.RefuseAsync("delivery.notification_requested.v1", "new.data->>'alarmPath' like 'Site1%'");
        await host.PostAsync("alarms", new { alarms = new[] { new { name = "Motor", path = "Site1" } } });
        var failed = (await Eventually.GetAsync(
            () => host.GetAsync("notifications/failed"), x => x["items"]!.AsArray().Count == 2))["items"]!.AsArray();
        var messageOf = failed.ToDictionary(x => (string)x!["id"]!, x => (string)x!["messageId"]!);
        messageOf.Values.Should().BeEquivalentTo([example.MessageId, other]);

        rule = await host.GetAsync($"rules/{example.RuleId}");
        actions = rule["actions"]!.AsArray();
        rule["actions"] = new JsonArray(actions[1]!.DeepClone(), actions[0]!.DeepClone());
        (await host.PutAsync($"rules/{example.RuleId}", 2, rule)).Status.Should().Be(200);
        await host.AcceptAgainAsync();
        var letter = (await host.GetAsync("operation/dead-letters"))["items"]![0]!;
        await host.PostAsync("operation/dead-letters/replay", new { ids = new[] { (string)letter["id"]! }, reason = "mended" });

        foreach (var (id, message) in messageOf)
        {
            var sent = await Eventually.GetAsync(
                () => host.SendAsync("GET", $"notifications/{id}"), x => x.Status == 200 && (string?)x.Body["status"] == "Delivered");
            ((string?)sent.Body["messageId"]).Should().Be(message);
        }
    }

    [Fact]
    public async Task it_is_replayed_though_another_writes_to_its_stream_at_the_same_moment()
    {
        await Example.MakeAsync(host, [new { kind = "bot", alias = "Line 1" }]);
        await host.RefuseAsync("delivery.notification_requested.v1", "new.data->>'alarmPath' like 'Site1%'");
        await host.PostAsync("alarms", new { alarms = new[] { new { name = "Motor", path = "Site1" } } });
        var letters = await Eventually.GetAsync(() => host.GetAsync("operation/dead-letters"), x => x["items"]!.AsArray().Count == 1);
        await host.AcceptAgainAsync();
        // The store answers twice as it does when another was faster.
        await host.ExecuteAsync("create sequence notify.refused");
        await host.RefuseAsync(
            "audit.dead_letter_replayed.v1", "nextval('notify.refused') <= 2", "another was faster' using errcode = 'unique_violation");

        var answer = await host.PostAsync(
            "operation/dead-letters/replay", new { ids = new[] { (string)letters["items"]![0]!["id"]! }, reason = "mended" });

        ((string?)answer["items"]![0]!["outcome"]).Should().Be("replayed");
        await Eventually.GetAsync(
            () => host.GetAsync("notifications?status=Delivered"), x => x["items"]!.AsArray().Any(y => (string)y!["alarmName"]! == "Motor"));
    }

    [Fact]
    public async Task what_lies_in_one_is_listed_and_is_sent_again_or_dismissed_by_itself()
    {
        await Example.MakeAsync(host, [new { kind = "bot", alias = "Line 1" }]);
        await host.RefuseAsync("delivery.notification_requested.v1", "new.data->>'alarmPath' = 'Site1'");
        var alarms = new[] { ("Motor", "Site1"), ("Fan", "Site1"), ("Pump", "Site1"), ("Valve", "Site2") }.Select(
            x => new { name = x.Item1, path = x.Item2 });
        await host.PostAsync("alarms", new { alarms });
        await Eventually.GetAsync(() => host.GetAsync("notifications/failed/count"), x => (int)x["count"]! == 3);
        // The valve, and Notify's own alarm.
        await Eventually.GetAsync(() => host.GetAsync("notifications?status=Delivered"), x => x["items"]!.AsArray().Count == 2);

        // They are listed with all others, before those on record, no page longer than its limit, and as the filters say.
        var page = await host.GetAsync("notifications");
        foreach (var (list, limit) in from list in (string[])["notifications", "notifications/failed"] from limit in Enumerable.Range(1, 4) select (list, limit))
        {
            var (paged, cursor) = (new List<string>(), "");
            do
            {
                var next = await host.GetAsync($"{list}?limit={limit}{cursor}");
                next["items"]!.AsArray().Count.Should().BeInRange(1, limit, "of {0}", list);
                paged.AddRange(next["items"]!.AsArray().Select(x => (string)x!["id"]!));
                cursor = (string?)next["nextCursor"] is { } given ? $"&cursor={given}" : "";
            }
            while (cursor.Length > 0);
            paged.Should().Equal((await host.GetAsync(list))["items"]!.AsArray().Select(x => (string)x!["id"]!), "by pages of {0} of {1}", limit, list);
        }

        page["items"]!.AsArray().Should().HaveCount(5);
        page["items"]!.AsArray().Take(3).Select(x => ((string)x!["alarmName"]!, (string)x["status"]!, (string)x["failedAt"]!)).Should()
            .BeEquivalentTo(
            [("Motor", "Failed", "putAside"), ("Fan", "Failed", "putAside"), ("Pump", "Failed", "putAside")]);
        var ids = page["items"]!.AsArray().Take(3).ToDictionary(x => (string)x!["alarmName"]!, x => (string)x!["id"]!);
        string At(DateTimeOffset at) => Uri.EscapeDataString($"{at:O}");
        foreach (var (query, count) in new[]
        {
            ("status=Failed", 3), ("status=Scheduled", 0), ("receiver=Line 1&status=Failed", 3), ("receiver=Line 2", 0),
                ($"to={At(DateTimeOffset.UtcNow.AddHours(-1))}", 0),
            ($"status=Failed&from={At(DateTimeOffset.UtcNow.AddHours(-1))}", 3), ($"alarmId={page["items"]![0]!["alarmId"]}", 1),
        })
            (await host.GetAsync($"notifications?{query}"))["items"]!.AsArray().Should().HaveCount(count, query);

        // While what was wrong is so still, that is the outcome; afterwards each goes its way, on record, and the rest stays where it is.
        Outcomes(await host.PostAsync("notifications/dismiss", new { ids = new[] { ids["Fan"] }, reason = "not needed" })).Should().Equal("error");
        await host.AcceptAgainAsync();
        var resent = await host.SendAsync("POST", "notifications/resend",
            new { ids = new[] { ids["Motor"], "notification-unknown" }, reason = "mended" }, "X-Correlation-Id", "sent-again");
        Outcomes(resent.Body).Should().Equal("resent", "notFound");
        await host.WeCom.WaitForAsync(x => x.Delivered && x.Text.Contains("Motor", StringComparison.Ordinal));
        (await host.GetAsync($"notifications/{ids["Motor"]}"))["resentAs"]!.GetValue<string>().Should()
            .Be((string)resent.Body["items"]![0]!["notificationId"]!);
        (await Eventually.GetAsync(() => host.Client.GetAllFromAsync($"audit?correlationId=sent-again&type=delivery.attempt_succeeded.v1"),
            x => x.Count == 1)).Should().ContainSingle();
        // Who is limited to paths does this below them.
        foreach (var (site, outcome) in new[] { ("Site2", "notFound"), ("Site1", "dismissed") })
        {
            using var limited = await host.ClientOfKeyAsync(new { name = site, roles = new[] { "operator" }, paths = new[] { $"{site}/**" } });
            Outcomes(await limited.PostToAsync("notifications/dismiss", new { ids = new[] { ids["Fan"] }, reason = "not needed" })).Should()
                .Equal(outcome);
        }

        (await host.GetAsync($"audit?resource={ids["Fan"]}"))["items"]!.AsArray().Select(x => (string)x!["type"]!).Should().Equal(
            "delivery.notification_requested.v1", "delivery.notification_failed.v1", "delivery.notification_dismissed.v1");
        (await host.GetAsync("notifications?status=Dismissed"))["items"]!.AsArray().Select(x => (string)x!["alarmName"]!).Should().Equal("Fan");
        (await host.GetAsync("notifications/failed"))["items"]!.AsArray().Select(x => (string)x!["alarmName"]!).Should().Equal("Pump");
        (await host.GetAsync("operation/dead-letters"))["items"]![0]!["notifications"]!.GetValue<int>().Should().Be(1);

        // In bulk by a filter, too.
        var bulk = await host.PostAsync("notifications/bulk", new { verb = "resend", filter = new { search = "Pump" } });
        await Eventually.GetAsync(() => host.GetAsync($"notifications/bulk/{bulk["id"]}"), x => (string)x["status"]! == "completed");
        await host.WeCom.WaitForAsync(x => x.Delivered && x.Text.Contains("Pump", StringComparison.Ordinal));
        ((int)(await host.GetAsync("notifications/failed/count"))["count"]!).Should().Be(0);

        // Replaying the message afterwards tells nobody a second time.
        var letter = (await host.GetAsync("operation/dead-letters"))["items"]![0]!;
        await host.PostAsync("operation/dead-letters/replay", new { ids = new[] { (string)letter["id"]! }, reason = "the rest" });
        await Eventually.GetAsync(() => host.GetAsync("operation/dead-letters"), x => x["total"]!.GetValue<int>() == 0);
        await host.PostAsync("alarms", new { alarms = new[] { new { name = "Last", path = "Site1" } } });
        await host.WeCom.WaitForAsync(x => x.Delivered && x.Text.Contains("Last", StringComparison.Ordinal));
        foreach (var name in (string[])["Motor", "Pump", "Fan"]) host.WeCom.Received.Count(
            x => x.Delivered && x.Text.Contains($" {name} ", StringComparison.Ordinal)).Should().Be(name == "Fan" ? 0 : 1, name);
    }

    [Fact]
    public async Task what_was_not_even_decided_says_that_its_message_is_to_be_replayed()
    {
        await Example.MakeAsync(host, [new { kind = "bot", alias = "Line 1" }]);
        await host.RefuseAsync("rules.alarm_decided.v1", "new.data->>'alarmName' = 'Motor'");
        await host.PostAsync("alarms", new { alarms = new[] { new { name = "Motor", path = "Site1" } } });
        var failed = await Eventually.GetAsync(() => host.GetAsync("notifications/failed"), x => x["items"]!.AsArray().Count == 1);
        var id = (string)failed["items"]![0]!["id"]!;
        foreach (var verb in (string[])["resend", "dismiss"])
            Outcomes(await host.PostAsync($"notifications/{verb}", new { ids = new[] { id }, reason = "test" })).Should().Equal("undecided");
        ((string)failed["items"]![0]!["explanation"]!["advice"]!["en"]!).Should().Contain("operation/dead-letters/replay");
    }

    private static IEnumerable<string> Outcomes(JsonNode answer) => answer["items"]!.AsArray().Select(x => (string)x!["outcome"]!);

    [Fact]
    public async Task a_message_about_the_alarm_that_tells_of_such_messages_brings_forth_no_other()
    {
        await Example.MakeAsync(host, [new { kind = "bot", alias = "Line 1" }]);
        await host.RefuseAsync("delivery.notification_requested.v1");
        await host.PostAsync("alarms", new { alarms = new[] { new { name = "Motor" } } });
        // One for the motor, and one for the alarm about that one.
        await Eventually.GetAsync(() => host.GetAsync("operation/dead-letters"), x => x["total"]!.GetValue<int>() == 2);
        await Eventually.GetAsync(() => host.GetAsync("audit?type=audit.dead_letter_found.v1"), x => x["items"]!.AsArray().Count == 2);
        var own = (await host.GetAsync("alarms?path=Notify/Operation/**"))["items"]!.AsArray();
        own.Should().ContainSingle();
        // The next look finds nothing that it has not told: a third alarm goes its way, and no other follows on the second.
        await host.PostAsync("alarms", new { alarms = new[] { new { name = "Pump" } } });
        await Eventually.GetAsync(() => host.GetAsync("operation/dead-letters"), x => x["total"]!.GetValue<int>() == 4);
        (await host.GetAsync($"alarms/{own[0]!["id"]}"))["timeline"]!.AsArray().Count(x => (string)x!["kind"]! == "reported").Should().Be(2);
    }

    private async Task<JsonNode> ReviewAsync(DateTimeOffset from)
    {
        var replay = await host.PostAsync("replays", new { mode = "review", from, to = TimeProvider.System.GetUtcNow(), reason = "test" });
        var done = await Eventually.GetAsync(() => host.GetAsync($"replays/{replay["id"]}"), x => x["result"] is not null);
        return done["result"]!;
    }

    [Fact]
    public async Task it_makes_health_degraded_is_listed_and_is_replayed_with_a_reason_on_record()
    {
        await Example.MakeAsync(host, [new { kind = "bot", alias = "Line 1" }]);
        // No retry helps, as with a fault of ours.
        await host.RefuseAsync("delivery.notification_requested.v1");
        await host.PostAsync("alarms", new { alarms = new[] { new { name = "Motor" } } });
        var listed = await Eventually.GetAsync(() => host.GetAsync("operation/dead-letters"), x => x["total"]!.GetValue<int>() == 1);
        var letter = listed["items"]![0]!;
        ((string)letter["messageType"]!).Should().Be("notify.rules.notifications-decided.v1");
        ((string)letter["detail"]!).Should().Contain("refused for a test");
        using (var ready = await host.Client.GetAsync(new Uri("/health/ready", UriKind.Relative)))
        {
            ((int)ready.StatusCode).Should().Be(200, "alarms are taken all the same");
            ((string)JsonNode.Parse(await ready.Content.ReadAsStringAsync())!["status"]!).Should().BeEquivalentTo("degraded");
        }

        await host.AcceptAgainAsync();
        var id = (string)letter["id"]!;
        (await host.SendAsync("POST", "operation/dead-letters/replay", new { ids = new[] { id } })).Status.Should().Be(400, "a reason is required");
        var answer = await host.PostAsync("operation/dead-letters/replay", new { ids = new[] { id, "nonsense" }, reason = "The trigger is gone." });
        answer["items"]!.AsArray().Select(x => (string)x!["outcome"]!).Should().Equal("replayed", "notFound");

        await host.WeCom.WaitForCountersAsync(x => x.Shown == 1);
        await Eventually.GetAsync(() => host.GetAsync("operation/dead-letters"), x => x["total"]!.GetValue<int>() == 0);
        var audit = await host.GetAsync("audit?type=audit.dead_letter_replayed.v1");
        JsonSerializer.Serialize(audit["items"]![0]).Should().Contain("The trigger is gone.").And.Contain(id);
    }
}
