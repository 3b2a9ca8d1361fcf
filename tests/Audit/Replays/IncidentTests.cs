using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Notify.Audit.Replays.Review;
using Notify.Kernel.Events.Store;
using Notify.Kernel.Texts;
using Notify.Testing;

namespace Notify.Audit.Tests.Replays;

/// <summary>An incident: alarms, a change of the rule in the midst of it, somebody who acknowledges; and what can be asked of it
/// afterwards.</summary>
public sealed class Incident : IAsyncLifetime
{
    public NotifyHost Host { get; private set; } = null!;
    public Example Example { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Host = await NotifyHost.StartAsync(["Notify:Replays:ChunkSize=3"]);
        Example = await Example.MakeAsync(Host, [new { kind = "bot", alias = "Line 1" }, new { kind = "account", account = "zhangsan" }]);
        var pressure = await Host.RaiseAsync("High <b>pressure</b>", "Critical");
        await Host.RaiseAsync("Hot", path: "Site1/Line2");
        await Host.WaitForNotificationsAsync(4);
        await Host.ChangeAsync($"rules/{Example.RuleId}", x => x["criteria"]!["levels"] = new JsonArray("Critical"), "too many messages");
        await Host.RaiseAsync("Low flow");
        await Host.PostAsync($"alarms/{pressure}/acknowledge", new { note = "on my way" });
        await Host.WaitForNotificationsAsync(6);
    }

    public async Task DisposeAsync() => await Host.DisposeAsync();
}

public sealed class IncidentTests(Incident incident) : IClassFixture<Incident>
{
    private readonly NotifyHost host = incident.Host;

    private static IEnumerable<string> Types(string report) => JsonNode.Parse(report)!["timeline"]!.AsArray().Select(x => (string)x!["type"]!);

    [Fact]
    public async Task a_review_tells_the_incident_in_order_and_the_same_each_time()
    {
        var first = await host.ReplayAsync("review", new JsonObject { ["reason"] = "what happened?", ["to"] = DateTimeOffset.UtcNow.ToString("O") });
        var to = (string)(await host.WaitForReplayAsync(first))["to"]!;
        var second = await host.ReplayAsync("review", new JsonObject { ["to"] = to });
        var result = await host.WaitForReplayAsync(second);

        var report = await host.ReportAsync(first);
        report.Should().Be(await host.ReportAsync(second));
        foreach (var language in (string[])["en", "zh"])
            (await host.ReportAsync(first, $"format=html&lang={language}")).Should()
                .Be(await host.ReportAsync(second, $"format=html&lang={language}"));

        var timeline = JsonNode.Parse(report)!["timeline"]!.AsArray();
        timeline.Select(x => x!["sequence"]!.GetValue<long>()).Should().BeInAscendingOrder().And.OnlyHaveUniqueItems();
        Types(report).Should().Contain(
            ["alarms.alarm_reported.v1", "rules.alarm_decided.v1", "delivery.notification_requested.v1", "delivery.attempt_started.v1",
            "delivery.attempt_succeeded.v1", "alarms.alarm_acknowledged.v1", "rules.rule_changed.v1"]).And.NotContain(x =>
            x.StartsWith("audit.") || x.StartsWith("access."));
        var change = timeline.Single(x => (string)x!["type"]! == "rules.rule_changed.v1")!;
        change["reason"]!.GetValue<string>().Should().Be("too many messages");
        change["changes"]!.ToJsonString().Should().Contain("Critical");
        result["result"]!["counts"]!["notifications"]!.GetValue<long>().Should().Be(6);
        result["result"]!["counts"]!["nobodyToTell"]!.GetValue<long>().Should().Be(1);
        // Each version that was used, as it was.
        JsonNode.Parse(report)!["configuration"]!.AsArray().Where(x => (string)x!["resource"]! == incident.Example.RuleId)
            .Select(x => x!["version"]!.GetValue<long>()).Should().Equal(1, 2);
        report.Should().NotContain("\"ref\"", "where a secret lies is nobody's business");
    }

    [Fact]
    public async Task the_page_needs_nothing_else_and_shows_no_markup_of_others()
    {
        var id = await host.ReplayAsync("review");
        await host.WaitForReplayAsync(id);
        using var response = await host.Client.GetAsync(new Uri($"/api/v1/replays/{id}/report?format=html&lang=zh", UriKind.Relative));
        var html = await response.Content.ReadAsStringAsync();

        response.Content.Headers.ContentType!.ToString().Should().Be("text/html; charset=utf-8");
        response.Headers.GetValues("Content-Security-Policy").Single().Should().StartWith("default-src 'none'; style-src 'sha256-");
        html.Should().Contain("事件回顾").And.Contain("High &lt;b&gt;pressure&lt;/b&gt;").And.NotContain("<b>pressure").And.NotContain(
            "<script").And.NotContain("src=").And.NotContain("href=").And.NotContain(" style=");
        html.Should().Contain("修改通知规则“Everything”").And.Contain("已触发、未确认").And.NotContain("rule changed").And.NotContain("<td>ActiveUnacked");
        (await host.GetAsync($"replays/{id}"))["reports"]!.AsArray().Select(x => $"{x!["format"]} {x["language"]}").Should()
            .Equal("json ", "html en", "html zh");
        var sha = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(html)));
        (await host.GetAsync($"replays/{id}"))["reports"]![2]!["sha256"]!.GetValue<string>().Should().Be(sha);
    }

    [Fact]
    public void the_page_says_of_every_event_what_the_history_says()
    {
        var reviewed = host.Services.GetRequiredService<ReviewedEvents>();
        var row = new StoredRow(7, Guid.NewGuid(), "lane-1", 1, "delivery.lane_blocked.v1", DateTimeOffset.UnixEpoch, "system", null, null, null,
            "{}"u8.ToArray(), IsArchived: false);
        var e = new ReviewEvent(row, reviewed);
        var html = new System.Text.StringBuilder();
        ReviewRow.Write(html, "zh", e, null, null, null, new BilingualText("Nothing passes", "机器人“Line 1”无法发送"));
        html.ToString().Should().Contain("通道受阻").And.Contain("机器人“Line 1”无法发送");
    }

    [Theory]
    [InlineData("alarmPath", "Site1/Line2", "Hot")]
    [InlineData("receiver", "nobody", null)]
    [InlineData("status", "Failed", null)]
    public async Task a_filter_shows_its_part_and_the_changes_of_the_configuration(string field, string value, string? alarm)
    {
        var id = await host.ReplayAsync("review", new JsonObject { ["filter"] = new JsonObject { [field] = value } });
        await host.WaitForReplayAsync(id);
        var report = await host.ReportAsync(id);

        JsonNode.Parse(report)!["timeline"]!.AsArray().Select(x => (string?)x!["alarm"]?["name"]).OfType<string>().Distinct().Should()
            .Equal(alarm is null ? [] : [alarm]);
        Types(report).Should().Contain("rules.rule_changed.v1");
    }

    [Fact]
    public async Task a_what_if_with_todays_rules_says_who_would_not_have_been_told()
    {
        var id = await host.ReplayAsync("whatIf");
        var result = (await host.WaitForReplayAsync(id))["result"]!;

        result["decisions"]!.GetValue<int>().Should().Be(4);
        result["different"]!.GetValue<int>().Should().Be(1);
        var difference = JsonNode.Parse(await host.ReportAsync(id))!["differences"]!.AsArray().Should().ContainSingle().Subject!;
        difference["alarmName"]!.GetValue<string>().Should().Be("Hot");
        difference["receivers"]!.AsArray().Select(x => (string)x!["receiver"]!).Should().Equal("account:zhangsan", "bot:Line 1");
        (await host.ReportAsync(id, "format=html&lang=en")).Should().Contain("Hot").And.Contain("not notified");
        (await host.ReportAsync(id, "format=html&lang=zh")).Should().Contain("高 · 已触发、未确认").And.NotContain("ActiveUnacked");
    }

    [Fact]
    public async Task a_what_if_tries_drafts_by_name_and_new_ones()
    {
        var rule = await host.GetAsync($"rules/{incident.Example.RuleId}");
        var draft = new JsonObject
        {
            ["name"] = "everything",
            ["criteria"] = new JsonObject { ["states"] = new JsonArray("ActiveAcked") },
            ["actions"] = rule["actions"]!.DeepClone()
        };
        var another = new JsonObject
        {
            ["name"] = "New",
            ["criteria"] = new JsonObject { ["states"] = new JsonArray("ActiveUnacked"), ["paths"] = new JsonArray("Site1/Line1") },
            ["actions"] = rule["actions"]!.DeepClone()
        };
        var id = await host.ReplayAsync("whatIf", new JsonObject { ["rules"] = new JsonArray(draft, another) });
        var result = (await host.WaitForReplayAsync(id))["result"]!;

        // Hot is told to nobody, Low flow to both.
        var zhangsan = result["receivers"]!.AsArray().Single(x => (string)x!["receiver"]! == "account:zhangsan")!;
        zhangsan["recorded"]!.GetValue<int>().Should().Be(3);
        zhangsan["wouldBe"]!.GetValue<int>().Should().Be(3);
        zhangsan["noLonger"]!.GetValue<int>().Should().Be(1);
        zhangsan["newly"]!.GetValue<int>().Should().Be(1);
    }

    [Fact]
    public async Task every_replay_is_in_the_history_with_who_and_why()
    {
        var id = await host.ReplayAsync("review", new JsonObject { ["reason"] = "for the auditor" });
        var completed = await host.WaitForReplayAsync(id);

        completed["requestedBy"]!["name"]!.GetValue<string>().Should().Be("bootstrap");
        var entries = (await host.GetAsync($"audit?resource={id}"))["items"]!.AsArray();
        entries.Select(x => (string)x!["type"]!).Should().StartWith("audit.replay_requested.v1").And.EndWith("audit.replay_completed.v1");
        entries[0]!["reason"]!.GetValue<string>().Should().Be("for the auditor");
        entries[0]!["actor"]!["name"]!.GetValue<string>().Should().Be("bootstrap");
        (await host.GetAsync("replays?mode=review&status=Completed"))["items"]!.AsArray().Select(x => (string)x!["id"]!).Should().Contain(id);
    }

    [Theory]
    [InlineData("""{"mode":"review"}""", "from", "to")]
    [InlineData("""{"mode":"review","from":"2026-01-02T00:00:00Z","to":"2026-01-01T00:00:00Z"}""", "to")]
    [InlineData("""{"mode":"review","from":"2020-01-02T00:00:00Z","to":"2026-01-01T00:00:00Z"}""", "from")]
    [InlineData("""{"mode":"review","from":"2999-01-02T00:00:00Z","to":"2999-01-03T00:00:00Z"}""", "from")]
    [InlineData("""{"mode":"review","from":"2026-01-01T00:00:00Z","to":"2026-01-02T00:00:00Z","filter":{"ruleId":"rule-x","serviceId":"service-x","alarmPath":"a**","status":"Lost"}}""",
        "filter.alarmPath", "filter.ruleId", "filter.serviceId", "filter.status")]
    [InlineData("""{"mode":"redeliver","from":"2026-01-01T00:00:00Z","to":"2026-01-02T00:00:00Z"}""", "reason")]
    [InlineData("""{"mode":"redeliver","from":"2026-01-01T00:00:00Z","to":"2026-01-02T00:00:00Z","reason":"x","serviceId":"service-x"}""", "serviceId")]
    [InlineData("""{"mode":"review","from":"2026-01-01T00:00:00Z","to":"2026-01-02T00:00:00Z","rules":[],"serviceId":"service-x"}""", "rules", "serviceId")]
    [InlineData("""{"mode":"whatIf","from":"2026-01-01T00:00:00Z","to":"2026-01-02T00:00:00Z","filter":{"status":"Failed"}}""", "filter.status")]
    [InlineData("""{"mode":"whatIf","from":"2026-01-01T00:00:00Z","to":"2026-01-02T00:00:00Z","rules":[{"name":"x","criteria":{"states":["ActiveUnacked"]},"actions":[{"type":"wecom","serviceId":"service-x","messageId":"message-x","scheduleId":"schedule-x","receivers":[{"kind":"bot","alias":"Line 1"}]}]}]}""",
        "rules[0].actions[0].messageId", "rules[0].actions[0].scheduleId", "rules[0].actions[0].serviceId")]
    [InlineData("""{"mode":"erase"}""", "mode")]
    [InlineData("""{"mode":"review","speed":2}""", "speed")]
    public async Task what_is_asked_wrongly_is_named(string body, params string[] fields)
    {
        using var response = await host.Client.PostAsync(
            new Uri("/api/v1/replays", UriKind.Relative), new StringContent(body, System.Text.Encoding.UTF8, "application/json"));

        response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await response.Content.ReadFromJsonAsync<JsonObject>())!["errors"]!.AsObject().Select(x => x.Key).Should().Equal(fields);
    }

    [Theory]
    [InlineData("replays/replay-unknown")]
    [InlineData("replays/replay-unknown/report")]
    public async Task an_unknown_replay_is_not_found(string path) =>
        (await host.Client.GetAsync(new Uri($"/api/v1/{path}", UriKind.Relative))).StatusCode.Should().Be(HttpStatusCode.NotFound);

    [Fact]
    public async Task one_at_its_end_is_not_cancelled()
    {
        var id = await host.ReplayAsync("review");
        await host.WaitForReplayAsync(id);
        (await host.Client.PostAsync(new Uri($"/api/v1/replays/{id}/cancel", UriKind.Relative), null)).StatusCode.Should()
            .Be(HttpStatusCode.Conflict);
    }
}
