using System.Net;
using System.Text.Json.Nodes;
using Notify.Testing;

namespace Notify.Alarms.Tests.Intake;

/// <summary>Occurrences, not clocks, over REST: what is told, what is on record, and what the alarm shows.</summary>
public sealed class OccurrenceTests(NotifyFixture notify) : IClassFixture<NotifyFixture>
{
    private readonly NotifyHost host = notify.Host;
    private readonly string name = NotifyFixture.NewName();

    [Fact]
    public async Task a_source_that_scans_notifies_once_and_its_last_values_show()
    {
        var id = await notify.RaiseAsync(name, new { value = 1, description = "hot", labels = new { team = "ops" } });
        await notify.RaiseAsync(name, new { value = 2 });
        await notify.RaiseAsync(name, new { value = 3, description = "very hot", labels = new { team = "ops", shift = "b" } });
        var alarm = await host.GetAsync($"alarms/{id}");
        ((string)alarm["value"]!, (string)alarm["description"]!, (string)alarm["labels"]!["shift"]!).Should().Be(("3", "very hot", "b"));
        alarm["timeline"]!.AsArray().Where(x => (string)x!["kind"]! == "repeated").Select(x => (string?)x!["value"]).Should().Equal("2", "3");

        await notify.RaiseAsync(name, new { state = "ClearedUnacked" });
        (await notify.ArrivedAsync(name, 2)).Should().SatisfyRespectively(x => x.Should().Contain("Active"), x => x.Should().Contain("Cleared"));
        (await notify.RecordedAsync(id)).Should()
            .Equal("alarms.alarm_reported.v1", "alarms.report_repeated.v1", "alarms.report_repeated.v1", "alarms.alarm_reported.v1");
    }

    /// <summary>Each is on record, those that come too fast together, as soon as something else happens or the minute is over; and what shows is the
    /// last.</summary>
    [Fact]
    public async Task a_source_may_scan_as_fast_as_it_likes()
    {
        var id = await notify.RaiseAsync(name, new { value = 0 });
        for (var i = 1; i <= 60; i++) await notify.RaiseAsync(name, new { value = i });
        ((string)(await host.GetAsync($"alarms/{id}"))["value"]!).Should().Be("60");
        (await notify.SendAsync($"/api/v1/alarms/{id}/acknowledge", null)).Dispose();
        var recorded = (await host.GetAsync($"audit?resource={id}"))["items"]!.AsArray();
        recorded.Where(x => (string)x!["type"]! == "alarms.report_repeated.v1").Sum(x => (int)x!["data"]!["times"]!).Should().Be(60);
        recorded.Count.Should().BeLessThan(40);
        ((string)(await host.GetAsync($"alarms/{id}"))["value"]!).Should().Be("60");
        (await notify.ArrivedAsync(name, 2))[1].Should().Contain("ActiveAcked");
    }

    [Fact]
    public async Task what_a_clear_report_leaves_out_stays_as_it_was()
    {
        var id = await notify.RaiseAsync(name, new
        {
            type = "Limit",
            level = "Critical",
            value = 9.7,
            description = "hot",
            ackMode = "manualWithNote",
            labels = new { team = "ops" }
        });
        await notify.RaiseAsync(name, new { state = "ClearedUnacked" });
        var alarm = await host.GetAsync($"alarms/{id}");
        string[] kept = [.. ((string[])["state", "type", "level", "value", "description", "ackMode"]).Select(x => (string)alarm[x]!),
            (string)alarm["labels"]!["team"]!];
        kept.Should().Equal("ClearedUnacked", "Limit", "Critical", "9.7", "hot", "manualWithNote", "ops");
    }

    [Fact]
    public async Task what_comes_late_is_on_record_and_tells_nobody_and_who_asks_why_is_told()
    {
        var id = await notify.RaiseAsync(name, new { state = "ClearedUnacked", eventTime = "2026-11-22T10:00:10Z" });
        await notify.RaiseAsync(name, new { state = "ActiveUnacked", value = "late", eventTime = "2026-11-22T10:00:00Z" });
        await notify.RaiseAsync(name, new { state = "ActiveUnacked", value = "next", eventTime = "2026-11-22T10:00:20Z" });
        (await notify.ArrivedAsync(name, 2)).Should().SatisfyRespectively(x => x.Should().Contain("Cleared"), x => x.Should().Contain("next"));
        var alarm = await host.GetAsync($"alarms/{id}");
        alarm["timeline"]!.AsArray().Where(x => (string)x!["kind"]! == "reported").Select(x => (bool?)x!["late"]).Should().Equal(null, true, null);
        var explained = (await host.GetAsync($"alarms/{id}/explain?receiver={Uri.EscapeDataString("Line 1")}"))["items"]![1]!;
        ((string)explained["outcome"]!, (string)explained["decidedBy"]![0]!["name"]!).Should().Be(("notTold", "late"));
        var summary = (await host.GetAsync($"audit?resource={id}"))["items"]!.AsArray()
            .Single(x => (string)x!["type"]! == "alarms.alarm_reported.v1" && (bool?)x["data"]!["late"] == true)!["summaries"]!;
        ((string)summary["en"]!).Should().Contain("late report");
        ((string)summary["zh"]!).Should().Contain("迟到");
    }

    [Fact]
    public async Task a_time_far_ahead_is_taken_as_now_with_the_given_one_kept_and_holds_up_nothing()
    {
        var id = await notify.RaiseAsync(name, new { eventTime = "2999-01-01T00:00:00Z" });
        await notify.RaiseAsync(name, new { eventTime = "2999-01-01T00:00:00Z" });
        var alarm = await host.GetAsync($"alarms/{id}");
        alarm["eventTime"]!.GetValue<DateTimeOffset>().Should().BeCloseTo(DateTimeOffset.UtcNow, TimeSpan.FromMinutes(1));
        ((string)alarm["givenEventTime"]!).Should().StartWith("2999-01-01");
        await notify.RaiseAsync(name, new { state = "ClearedUnacked", eventTime = DateTimeOffset.UtcNow });
        await notify.RaiseAsync(name, new { eventTime = DateTimeOffset.UtcNow.AddHours(1) });
        await notify.RaiseAsync(name, new { state = "ClearedUnacked", eventTime = DateTimeOffset.UtcNow.AddSeconds(1) });
        (await notify.ArrivedAsync(name, 4)).Select(x => x.Contains("Active", StringComparison.Ordinal)).Should().Equal(true, false, true, false);
    }

    [Fact]
    public async Task a_field_that_nobody_knows_is_named_and_kept_as_a_label()
    {
        var body = JsonNode.Parse($$"""{ "alarms": [ { "name": "{{name}}", "State": "ClearedUnacked", "severity": "High", "plc": {"rack":7} }, { "name": "{{NotifyFixture.NewName()}}" } ] }""")!;
        var answer = await host.PostAsync("alarms", body);
        var item = answer["accepted"]![0]!;
        item["warnings"]!.AsObject().Select(x => x.Key).Should().BeEquivalentTo("State", "severity", "plc");
        ((string)item["warnings"]!["State"]![0]!).Should().Contain("'state'").And.Contain("'x_State'");
        ((string)item["warnings"]!["severity"]![0]!).Should().Contain("'level'");
        answer["accepted"]![1]!["warnings"].Should().BeNull();
        var alarm = await host.GetAsync($"alarms/{item["alarmId"]}");
        ((string)alarm["state"]!, (string)alarm["level"]!).Should().Be(("ActiveUnacked", "Medium"));
        alarm["labels"]!.AsObject().ToDictionary(x => x.Key, x => (string)x.Value!).Should().BeEquivalentTo(
            new Dictionary<string, string> { ["x_State"] = "ClearedUnacked", ["x_severity"] = "High", ["x_plc"] = "{\"rack\":7}" });
    }

    [Fact]
    public async Task fields_that_nobody_knows_are_bounded_whatever_their_number()
    {
        var alarm = new JsonObject { ["name"] = name };
        for (var i = 0; i < 20_000; i++) alarm[$"unknown{i}"] = i;
        var item = (await host.PostAsync("alarms", new JsonObject { ["alarms"] = new JsonArray(alarm) }))["accepted"]![0]!;
        item["warnings"]!.AsObject().Should().HaveCount(65, "as many are named as labels are kept, and the rest is counted");
        ((string)item["warnings"]![""]![0]!).Should().Contain("20000");
        (await host.GetAsync($"alarms/{item["alarmId"]}"))["labels"]!.AsObject().Should().HaveCount(64);
    }

    [Fact]
    public async Task a_cloud_event_names_them_too()
    {
        using var content = new StringContent(
            $$"""{ "specversion": "1.0", "id": "1", "source": "/{{name}}", "type": "{{name}}", "data": { "Level": "High" } }""", System.Text.Encoding.UTF8, "application/cloudevents+json");
        using var response = await host.Client.PostAsync(new Uri("/api/v1/intake/cloudevents", UriKind.Relative), content);
        ((string)(await NotifyFixture.JsonAsync(response))["accepted"]![0]!["warnings"]!["Level"]![0]!).Should().Contain("'level'");
    }

    [Fact]
    public async Task two_alertmanagers_out_of_step_raise_and_clear_once()
    {
        var (start, end) = (DateTimeOffset.UtcNow.AddMinutes(-10), DateTimeOffset.UtcNow.AddMinutes(-1));
        var id = await WebhookAsync("firing", start, null);
        await WebhookAsync("resolved", start, end);
        await WebhookAsync("firing", start, null);
        await WebhookAsync("resolved", start, end);
        ((string)(await host.GetAsync($"alarms/{id}"))["state"]!).Should().Be("ClearedUnacked");
        // The next one is told, so that nothing is still to come of these.
        await WebhookAsync("firing", start.AddMinutes(10), null);
        (await notify.ArrivedAsync(name, 3)).Select(x => x.Contains("Active", StringComparison.Ordinal)).Should().Equal(true, false, true);
    }

    [Fact]
    public async Task a_resolution_whose_end_lies_before_its_start_ends_the_alarm()
    {
        var start = DateTimeOffset.UtcNow;
        var id = await WebhookAsync("firing", start, null);
        await WebhookAsync("resolved", start, start.AddMinutes(-2));
        ((string)(await host.GetAsync($"alarms/{id}"))["state"]!).Should().Be("ClearedUnacked");
    }

    [Fact]
    public async Task a_prometheus_three_hours_behind_is_told_when_it_fires_and_when_it_does_not()
    {
        var start = DateTimeOffset.UtcNow.AddHours(-3);
        for (var minute = 0; minute < 3; minute++) await PostAsync(start, start.AddMinutes(minute + 4), "slow");
        (await notify.ArrivedAsync(name, 1))[0].Should().Contain("ActiveUnacked");
        await PostAsync(start, start.AddMinutes(2), "slow");
        (await notify.ArrivedAsync(name, 2))[1].Should().Contain("ClearedUnacked");
    }

    [Fact]
    public async Task other_annotations_show_after_a_repeat()
    {
        var start = DateTimeOffset.UtcNow.AddMinutes(-1);
        await PostAsync(start, start.AddHours(1), "90 degrees");
        await PostAsync(start, start.AddHours(1), "98 degrees");
        var alert = JsonNode.Parse(await host.Client.GetStringAsync(
            new Uri($"/api/v2/alerts?filter={Uri.EscapeDataString($"alertname=\"{name}\"")}", UriKind.Relative)))![0]!;
        ((string)alert["annotations"]!["summary"]!).Should().Be("98 degrees");
        var alarm = (await host.GetAsync($"alarms?search={name}"))["items"]![0]!;
        ((string)alarm["description"]!).Should().Be("98 degrees");
        (await notify.RecordedAsync((string)alarm["id"]!)).Should().Equal("alarms.alarm_reported.v1", "alarms.report_repeated.v1");
    }

    private async Task<string> WebhookAsync(string status, DateTimeOffset start, DateTimeOffset? end) =>
        (string)(await host.PostAsync("intake/alertmanager", new
        {
            version = "4",
            status,
            alerts = new[] { new { status, labels = new { alertname = name, severity = "critical" }, startsAt = start,
        endsAt = end is { } at ? at.ToString("O") : "0001-01-01T00:00:00Z" } },
        }))["accepted"]![0]!["alarmId"]!;

    private async Task PostAsync(DateTimeOffset startsAt, DateTimeOffset endsAt, string summary)
    {
        using var response = await notify.SendAsync(
            "/api/v2/alerts", new[] { new { labels = new { alertname = name }, annotations = new { summary }, startsAt, endsAt } });
        response.StatusCode.Should().Be(HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
    }
}
