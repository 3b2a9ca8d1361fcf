using System.Net;
using System.Text.Json.Nodes;
using Notify.Testing;

namespace Notify.Alarms.Tests.Intake;

/// <summary>The webhook of Alertmanager and its own API, over REST. The real programs are in the acceptance tests.</summary>
public sealed class AlertmanagerTests(NotifyFixture notify) : IClassFixture<NotifyFixture>
{
    private const string ZeroTime = "0001-01-01T00:00:00Z";
    private readonly NotifyHost host = notify.Host;

    [Fact]
    public async Task each_alert_of_a_group_is_an_alarm_and_a_pair_notifies_once()
    {
        var (one, two) = (NotifyFixture.NewName(), NotifyFixture.NewName());
        var group = Group(Alert(one, "firing", "2026-11-22T08:00:00.123456789Z", ZeroTime),
            Alert(two, "resolved", "2026-11-22T08:00:00Z", "2026-11-22T08:05:00Z"));
        var first = await host.PostAsync("intake/alertmanager", group);
        var second = await host.PostAsync("intake/alertmanager", group);
        Ids(second).Should().Equal(Ids(first)).And.HaveCount(2);
        (await notify.RecordedAsync(Ids(first)[0])).Should().ContainSingle();
        (await notify.RecordedAsync(Ids(first)[1])).Should().ContainSingle();

        var raised = await host.GetAsync($"alarms/{Ids(first)[0]}");
        raised["eventTime"]!.GetValue<DateTimeOffset>().Should().Be(DateTimeOffset.Parse("2026-11-22T08:00:00.123456Z"));
        var cleared = await host.GetAsync($"alarms/{Ids(first)[1]}");
        cleared["state"]!.GetValue<string>().Should().Be("ClearedUnacked");
        cleared["eventTime"]!.GetValue<DateTimeOffset>().Should().Be(DateTimeOffset.Parse("2026-11-22T08:05:00Z"));
    }

    [Fact]
    public async Task a_resolution_clears_and_is_told()
    {
        var name = NotifyFixture.NewName();
        await host.PostAsync("intake/alertmanager", Group(Alert(name, "firing", "2026-11-22T08:00:00Z", ZeroTime)));
        await host.PostAsync("intake/alertmanager", Group(Alert(name, "resolved", "2026-11-22T08:00:00Z", "2026-11-22T08:05:00Z")));
        (await notify.ArrivedAsync(name, 2)).Should()
            .SatisfyRespectively(x => x.Should().Contain("ActiveUnacked"), x => x.Should().Contain("ClearedUnacked"));
    }

    [Fact]
    public async Task what_does_not_fit_is_named_and_the_rest_is_taken()
    {
        var group = Group(Alert(NotifyFixture.NewName(), "firing", "2026-11-22T08:00:00Z", ZeroTime), new { status = "firing" },
            Alert("x", "burning", ZeroTime, ZeroTime));
        var answer = await host.PostAsync("intake/alertmanager", group);
        answer["accepted"]!.AsArray().Should().ContainSingle();
        answer["rejected"]!.AsArray().Select(x => x!["errors"]!.AsObject().Single().Key).Should().Equal("labels", "status");
    }

    [Fact]
    public async Task what_the_sender_left_out_is_noted()
    {
        var group = Group(Alert(NotifyFixture.NewName(), "firing", "2026-11-22T08:00:00Z", ZeroTime));
        group["truncatedAlerts"] = 7;
        var answer = await host.PostAsync("intake/alertmanager", group);
        (await host.GetAsync($"alarms/{Ids(answer)[0]}"))["labels"]!["truncatedAlerts"]!.GetValue<string>().Should().Be("7");
    }

    [Fact]
    public async Task grafana_speaks_nearly_the_same()
    {
        var name = NotifyFixture.NewName();
        var group = JsonNode.Parse($$"""
            { "receiver": "notify", "status": "firing", "orgId": 1, "version": "1", "state": "alerting", "title": "t",
              "alerts": [ { "status": "firing", "labels": { "alertname": "DatasourceError", "rulename": "{{name}}", "severity": "critical" }, "annotations": { "summary": "s" },
                "startsAt": "2026-11-22T08:00:00Z", "endsAt": "{{ZeroTime}}", "fingerprint": "{{name}}", "dashboardURL": "http://grafana/d/1", "values": { "A": 1 }, "valueString": "[ A=1 ]" } ] }
            """)!;
        var alarm = await host.GetAsync($"alarms/{Ids(await host.PostAsync("intake/grafana", group))[0]}");
        alarm["name"]!.GetValue<string>().Should().Be(name);
        alarm["value"]!.GetValue<string>().Should().Be("1");
        alarm["labels"]!["dashboardURL"]!.GetValue<string>().Should().Be("http://grafana/d/1");
    }

    [Theory]
    [InlineData("""{ "C": 1, "B": 22.45 }""", "", "22.45")]
    [InlineData("""{ "B": 1e-3, "A": null, "C": "x" }""", "", "1e-3")]
    [InlineData("""{ "B": 22.45 }""", "22 °C", "22 °C")]
    [InlineData("{}", "", "[ B=3 ]")]
    [InlineData("null", "", "[ B=3 ]")]
    [InlineData("[1]", "", "[ B=3 ]")]
    public async Task the_value_from_grafana_is_the_number_that_was_measured(string values, string annotated, string expected)
    {
        var name = NotifyFixture.NewName();
        var group = JsonNode.Parse($$"""
            { "status": "firing", "alerts": [ { "status": "firing", "labels": { "alertname": "{{name}}" }, "annotations": { "value": "{{annotated}}" },
                "startsAt": "2026-11-22T08:00:00Z", "endsAt": "{{ZeroTime}}", "values": {{values}}, "valueString": "[ B=3 ]" } ] }
            """)!;
        var alarm = await host.GetAsync($"alarms/{Ids(await host.PostAsync("intake/grafana", group))[0]}");

        alarm["value"]!.GetValue<string>().Should().Be(expected);
        if (values.Contains("22.45", StringComparison.Ordinal)) alarm["labels"]!["values.B"]!.GetValue<string>().Should().Be("22.45");
    }

    [Fact]
    public async Task an_alert_that_is_repeated_counts_for_longer_without_a_new_event()
    {
        var name = NotifyFixture.NewName();
        var labels = new { alertname = name };
        var start = DateTimeOffset.UtcNow.AddMinutes(-1);
        await PostAlertsAsync(new { labels, startsAt = start, endsAt = start.AddHours(1) });
        var id = (string)(await host.GetAsync($"alarms?search={name}"))["items"]![0]!["id"]!;
        await PostAlertsAsync(
            new { labels, startsAt = start, endsAt = start.AddHours(2) }, new { labels, startsAt = start.AddSeconds(3), endsAt = start.AddHours(1) });
        var alarm = await host.GetAsync($"alarms/{id}");
        alarm["expiresAt"]!.GetValue<DateTimeOffset>().Should().BeCloseTo(start.AddHours(2), TimeSpan.FromMilliseconds(1));
        alarm["version"]!.GetValue<int>().Should().Be(1);
        (await notify.RecordedAsync(id)).Should().ContainSingle();
    }

    [Fact]
    public async Task an_alert_that_is_not_repeated_is_cleared_and_comes_back_when_it_is()
    {
        var name = NotifyFixture.NewName();
        var labels = new { alertname = name };
        var start = DateTimeOffset.UtcNow.AddMinutes(-1);
        await PostAlertsAsync(new { labels, startsAt = start, endsAt = DateTimeOffset.UtcNow.AddSeconds(1) });
        (await notify.ArrivedAsync(name, 2))[1].Should().Contain("ClearedUnacked");
        await PostAlertsAsync(new { labels, startsAt = start, endsAt = DateTimeOffset.UtcNow.AddHours(1) });
        (await notify.ArrivedAsync(name, 3))[2].Should().Contain("ActiveUnacked");
    }

    [Fact]
    public async Task valid_alerts_are_kept_although_others_make_the_answer_a_400()
    {
        var name = NotifyFixture.NewName();
        using var response = await notify.SendAsync(
            "/api/v2/alerts", new object[] { new { labels = new { alertname = name, empty = "" } }, new { labels = new { empty = "" } } });
        response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        JsonNode.Parse(await response.Content.ReadAsStringAsync())!.GetValue<string>().Should()
            .Be("alerts[1].labels: At least one label is required.");
        var alarm = (await host.GetAsync($"alarms?search={name}"))["items"]!.AsArray().Should().ContainSingle().Subject!;
        alarm["labels"]!.AsObject().Select(x => x.Key).Should().Equal("alertname");
        alarm["expiresAt"]!.GetValue<DateTimeOffset>().Should().BeCloseTo(DateTimeOffset.UtcNow.AddMinutes(5), TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task active_alarms_are_listed_as_alerts_however_they_came()
    {
        var name = NotifyFixture.NewName();
        var id = await notify.RaiseAsync(name, new { path = "Site1/Line1" });
        var filter = Uri.EscapeDataString($"alertname=\"{name}\"");
        (await AlertsAsync($"filter={filter}")).Should().ContainSingle().Which!["labels"]!["path"]!.GetValue<string>().Should().Be("Site1/Line1");
        (await AlertsAsync($"filter={filter}&filter=path!~Site.%2B")).Should().BeEmpty();
        (await AlertsAsync($"filter={filter}&receiver=other")).Should().BeEmpty();
        (await notify.SendAsync($"/api/v1/alarms/{id}/shelve", new { minutes = 5 })).Dispose();
        (await AlertsAsync($"filter={filter}&silenced=false")).Should().BeEmpty();
        (await AlertsAsync($"filter={filter}")).Should().ContainSingle().Which!["status"]!["state"]!.GetValue<string>().Should().Be("suppressed");
    }

    [Theory]
    [InlineData("filter=nonsense")]
    [InlineData("filter=a=~(")]
    [InlineData("active=perhaps")]
    public async Task a_malformed_question_is_answered_in_alertmanagers_form(string query)
    {
        using var response = await host.Client.GetAsync(new Uri($"/api/v2/alerts?{query}", UriKind.Relative));
        response.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        JsonNode.Parse(await response.Content.ReadAsStringAsync())!.GetValueKind().Should().Be(System.Text.Json.JsonValueKind.String);
    }

    [Fact]
    public async Task it_says_that_it_is_healthy_and_ready_to_anybody()
    {
        using var anonymous = new HttpClient { BaseAddress = new Uri(host.Url) };
        (await anonymous.GetAsync(new Uri("/-/healthy", UriKind.Relative))).StatusCode.Should().Be(HttpStatusCode.OK);
        (await anonymous.GetAsync(new Uri("/-/ready", UriKind.Relative))).StatusCode.Should().Be(HttpStatusCode.OK);
        (await anonymous.GetAsync(new Uri("/api/v2/status", UriKind.Relative))).StatusCode.Should().Be(HttpStatusCode.Unauthorized);
    }

    private static JsonObject Group(params object[] alerts) => new()
    {
        ["version"] = "4",
        ["groupKey"] = "{}",
        ["status"] = "firing",
        ["receiver"] = "notify",
        ["truncatedAlerts"] = 0,
        ["somethingNew"] = true,
        ["alerts"] = System.Text.Json.JsonSerializer.SerializeToNode(alerts),
    };

    private static object Alert(string name, string status, string startsAt, string endsAt) => new
    {
        status,
        labels = new { alertname = name, severity = "critical" },
        annotations = new { summary = "It is hot" },
        startsAt,
        endsAt,
        generatorURL = "http://prometheus/graph",
    };

    private static string[] Ids(JsonObject answer) => [.. answer["accepted"]!.AsArray().Select(x => (string)x!["alarmId"]!)];

    private async Task PostAlertsAsync(params object[] alerts)
    {
        using var response = await notify.SendAsync("/api/v2/alerts", alerts);
        response.StatusCode.Should().Be(HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
    }

    private async Task<JsonArray> AlertsAsync(string query) =>
        JsonNode.Parse(await host.Client.GetStringAsync(new Uri($"/api/v2/alerts?{query}", UriKind.Relative)))!.AsArray();
}
