using System.Text.Json.Nodes;
using Notify.Testing;

namespace Notify.Acceptance.Tests.Faults;

/// <summary>
/// Somebody has changed one row in the database so that it cannot be read. Every list still shows all the others, and that one with what is known of
/// it; and nothing that works on rows in turn stops at it.
/// </summary>
public sealed class UnreadableRowsTests : IAsyncLifetime
{
    private NotifyHost host = null!;
    private Example example = null!;

    public async Task InitializeAsync()
    {
        host = await NotifyHost.StartAsync(["Notify:WeCom:BotLimitPerMinute=0"]);
        example = await Example.MakeAsync(host, [new { kind = "bot", alias = "Line 1" }]);
    }

    public async Task DisposeAsync() => await host.DisposeAsync();

    /// <summary>No JSON of an event, an event of no such type, one with something else in place of a list, and a later one before the
    /// first.</summary>
    [Theory]
    [InlineData("update notify.mt_events set data = '[1]' where stream_id = '{0}' and version = 1")]
    [InlineData("update notify.mt_events set type = 'delivery.nothing.v1' where stream_id = '{0}' and version = 2")]
    [InlineData("update notify.mt_events set data = data || '{{\"receivers\":7}}' where stream_id = '{0}' and version = 1")]
    [InlineData("update notify.mt_events set version = version + 100 where stream_id = '{0}' and version = 1")]
    [InlineData("delete from notify.mt_events where stream_id = '{0}'")]
    public async Task a_notification_is_listed_with_what_its_row_knows(string damage)
    {
        host.WeCom.AddFault(new(Notify.Peers.WeCom.FaultKind.ErrCode) { Code = 44004 });
        await RaiseAsync("Motor", "Pump", "Fan");
        var failed = await Eventually.GetAsync(() => host.GetAsync("notifications/failed"), x => x["items"]!.AsArray().Count == 3);
        var victim = failed["items"]!.AsArray().Single(x => (string)x!["alarmName"]! == "Pump")!;
        var id = (string)victim["id"]!;
        await host.ExecuteAsync(string.Format(System.Globalization.CultureInfo.InvariantCulture, damage, id));

        foreach (var list in (string[])["notifications", "notifications/failed", $"notifications?ruleId={example.RuleId}",
            "notifications?status=Failed", "notifications?receiver=Line 1"])
        {
            var items = (await host.GetAsync(list))["items"]!.AsArray();
            items.Select(x => (string)x!["id"]!).Should().BeEquivalentTo(failed["items"]!.AsArray().Select(x => (string)x!["id"]!), list);
            var shown = items.Single(x => (string)x!["id"]! == id)!;
            ((bool?)shown["unreadable"], (string)shown["status"]!, (string)shown["alarmId"]!, (string)shown["ruleId"]!, (string)shown["serviceId"]!)
                .Should()
                .Be((true, "Failed", (string)victim["alarmId"]!, example.RuleId, example.ServiceId), list);
            ((string)shown["explanation"]!["meaning"]!["en"]!).Should().Contain("cannot be read");
            items.Where(x => (string)x!["id"]! != id).Should().OnlyContain(x => x!["unreadable"] == null);
        }

        (await host.GetAsync($"notifications/{id}"))["unreadable"]!.GetValue<bool>().Should().BeTrue();
        (await host.GetAsync($"alarms/{victim["alarmId"]}"))["timeline"]!.ToJsonString().Should().Contain("reported");
        host.WeCom.ClearFaults();
        string[] ids = [.. failed["items"]!.AsArray().Select(x => (string)x!["id"]!)];
        Outcomes(await host.PostAsync("notifications/resend", new { ids })).Should()
            .BeEquivalentTo(ids.Select(x => x == id ? "unreadable" : "resent"), x => x.WithStrictOrdering());
        Outcomes(await host.PostAsync("notifications/dismiss", new { ids = new[] { id }, reason = "its record is gone" })).Should()
            .Equal("dismissed");
        ((int)(await host.GetAsync("notifications/failed/count"))["count"]!).Should().Be(0);
    }

    [Theory]
    [InlineData("update notify.mt_events set data = '[1]' where stream_id = '{0}'")]
    [InlineData("delete from notify.mt_events where stream_id = '{0}'")]
    public async Task a_notification_that_waits_keeps_no_other_on_its_lane_from_leaving(string damage)
    {
        host.WeCom.AddFault(new(Notify.Peers.WeCom.FaultKind.ErrCode) { Code = 93000 }); // blocks the robot, which holds what waits
        await RaiseAsync("Motor", "Pump", "Fan");
        var waiting = await Eventually.GetAsync(
            () => host.GetAsync("notifications?status=Scheduled"), x => x["items"]!.AsArray().Count(n => n!["held"] is not null && OfPlant(n)) == 3);
        var id = (string)waiting["items"]!.AsArray().Single(x => (string)x!["alarmName"]! == "Pump")!["id"]!;
        await host.ExecuteAsync(string.Format(System.Globalization.CultureInfo.InvariantCulture, damage, id));
        host.WeCom.ClearFaults();
        await host.PostAsync(
            $"services/{example.ServiceId}/test", new { receivers = new[] { new { kind = "bot", alias = "Line 1" } }, text = "well again?" });
        await Eventually.GetAsync(() => host.GetAsync("notifications?status=Delivered"), x => x["items"]!.AsArray().Count(OfPlant) == 2);
        await Eventually.GetAsync(() => host.GetAsync($"notifications/{id}"), x => (string)x["status"]! == "Failed");

        static bool OfPlant(JsonNode? n) => (string)n!["alarmName"]! is "Motor" or "Pump" or "Fan";
    }

    [Fact]
    public async Task an_alarm_is_listed_and_goes_on_and_so_do_those_that_come_with_it()
    {
        await RaiseAsync("Motor", "Pump", "Fan");
        var ids = (await host.GetAsync("alarms"))["items"]!.AsArray().ToDictionary(x => (string)x!["name"]!, x => (string)x!["id"]!);
        await host.ExecuteAsync($$"""update notify.alarm set body = '{"id": 1}' where id in ('{{ids["Pump"]}}', '{{ids["Fan"]}}'); update notify.mt_events set data = '[1]' where stream_id = '{{ids["Fan"]}}'""");

        // Of the pump the events still say everything; of the fan nothing does but the columns of its row.
        var listed = (await host.GetAsync("alarms"))["items"]!.AsArray();
        listed.Select(x => (string)x!["id"]!).Should().BeEquivalentTo(ids.Values);
        listed.Select(x => ((string)x!["name"]!, (bool?)x["unreadable"])).Should()
            .BeEquivalentTo([("Motor", (bool?)null), ("Pump", null), ("", true)]);
        (await host.GetAsync($"alarms/{ids["Pump"]}"))["timeline"]!.AsArray().Should().NotBeEmpty();
        (await host.GetAsync($"alarms/{ids["Fan"]}"))["timeline"]!.AsArray().Select(x => (string)x!["kind"]!).Should().Contain("unreadable");
        (await host.Client.GetStringAsync(new Uri("/api/v2/alerts", UriKind.Relative))).Should().Contain("Motor").And.Contain("Pump");

        var again = await RaiseAsync("Motor", "Pump", "Fan", "Valve");
        again["accepted"]!.AsArray().Should().HaveCount(4);
        await host.WeCom.WaitForAsync(x => x.Text.Contains("Valve", StringComparison.Ordinal));
        await host.PostAsync($"alarms/{ids["Pump"]}/acknowledge", new { note = "seen" });
        (await host.GetAsync("alarms"))["items"]!.AsArray().Select(x => (string)x!["name"]!).Should().BeEquivalentTo("Motor", "Pump", "Fan", "Valve");
    }

    [Fact]
    public async Task a_resource_is_listed_and_its_history_shows_the_other_changes()
    {
        foreach (var name in (string[])["Other", "Third"])
            await host.PostAsync("messages", new { type = "wecom", name, format = "text", content = "{name}" });
        var read = await host.GetAsync($"messages/{example.MessageId}");
        read["description"] = "changed";
        (await host.PutAsync($"messages/{example.MessageId}", 1, read)).Status.Should().Be(200);
        await host.ExecuteAsync($$"""update notify.mt_doc_message set data = '{"id": 1}' where data->>'name' = 'Other'""");
        (await host.GetAsync("messages"))["items"]!.AsArray().Select(x => (string)x!["name"]!).Should()
            .BeEquivalentTo("Alarm text", "Other", "Third");

        await host.ExecuteAsync($"update notify.mt_events set data = '[1]' where stream_id = '{example.MessageId}' and version = 2");
        var listed = (await host.GetAsync("messages"))["items"]!.AsArray();
        listed.Select(x => ((string)x!["name"]!, (bool?)x["unreadable"])).Should()
            .BeEquivalentTo([("", true), ("Other", (bool?)null), ("Third", null)]);
        var history = (await host.GetAsync($"messages/{example.MessageId}/history"))["items"]!.AsArray();
        history.Select(x => ((long)x!["version"]!, (bool?)x["unreadable"])).Should().Equal((2, true), (1, null));
        (await host.Client.GetAsync(new Uri("/api/v1/state", UriKind.Relative))).IsSuccessStatusCode.Should().BeTrue();

        // The rules that use the others still decide, and what they decided is explained.
        var accepted = await RaiseAsync("Motor");
        (await host.GetAsync($"alarms/{accepted["accepted"]![0]!["alarmId"]}/explain?receiver=Line 1"))["items"]!.AsArray().Should().NotBeEmpty();
    }

    [Fact]
    public async Task an_entry_of_the_history_is_shown_as_far_as_it_can_be_read()
    {
        await RaiseAsync("Motor");
        var before = await Eventually.GetAsync(
            () => host.Client.GetAllFromAsync("audit"), x => x.Exists(e => (string)e["type"]! == "alarms.alarm_reported.v1"));
        foreach (var (i, data) in new[] { """{"name":{"a":1},"service":"text"}""", """{"service":[1]}""", """{"settings":7,"name":[]}""", "[1]", "7" }.Index())
            await host.ExecuteAsync(
                $"update notify.mt_events set data = '{data}' where seq_id = (select seq_id from notify.mt_events order by seq_id offset {i} limit 1)");
        var after = await host.Client.GetAllFromAsync("audit");
        after.Select(x => (long)x["sequence"]!).Should().StartWith(before.Select(x => (long)x["sequence"]!));
    }

    [Fact]
    public async Task a_replay_and_a_bulk_operation_keep_the_next_ones_from_nothing()
    {
        await RaiseAsync("Motor");
        var first = await host.PostAsync("replays", Review());
        await Eventually.GetAsync(() => host.GetAsync($"replays/{first["id"]}"), x => (string)x["status"]! == "Completed");
        await host.ExecuteAsync($$"""update notify.replay set body = '{"id": 1}', status = 'Pending', lease_until = '-infinity', node = null where id = '{{first["id"]}}'""");
        var second = await host.PostAsync("replays", Review());
        await Eventually.GetAsync(() => host.GetAsync($"replays/{second["id"]}"), x => (string)x["status"]! == "Completed");
        var listed = (await host.GetAsync("replays"))["items"]!.AsArray();
        listed.Select(x => ((string)x!["id"]!, (string)x["status"]!, (bool?)x["unreadable"])).Should()
            .Equal(((string)second["id"]!, "Completed", null), ((string)first["id"]!, "Failed", true));

        await host.ExecuteAsync(
            "insert into notify.bulk (id, verb, total, requested_at, lease_until) values ('bulk-of-nobody', 'Nothing', 1, '-infinity', '-infinity'); insert into notify.bulk_item (bulk_id, position, notification_id) values ('bulk-of-nobody', 1, 'x')");
        var bulk = await host.PostAsync("notifications/bulk", new { verb = "dismiss", ids = new[] { "notification-of-nobody" }, reason = "test" });
        await Eventually.GetAsync(() => host.GetAsync($"notifications/bulk/{bulk["id"]}"), x => (string)x["status"]! == "completed");
        (await host.GetAsync("notifications/bulk/bulk-of-nobody/items"))["items"]![0]!["outcome"]!.GetValue<string>().Should().Be("error");

        static object Review() => new { mode = "review", from = DateTimeOffset.UtcNow.AddHours(-1), to = DateTimeOffset.UtcNow, reason = "test" };
    }

    private static IEnumerable<string> Outcomes(JsonObject answer) => answer["items"]!.AsArray().Select(x => (string)x!["outcome"]!);

    private Task<JsonObject> RaiseAsync(params string[] names) =>
        host.PostAsync("alarms", new { alarms = names.Select(name => new { name, path = "Site1" }) });
}
