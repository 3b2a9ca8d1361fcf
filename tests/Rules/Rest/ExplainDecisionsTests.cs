using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Notify.Testing;

namespace Notify.Rules.Tests.Rest;

public sealed class ExplainDecisionsTests : IAsyncLifetime
{
    private NotifyHost host = null!;
    private Example example = null!;

    public async Task InitializeAsync()
    {
        host = await NotifyHost.StartAsync();
        example = await Example.MakeAsync(host, [
            new { kind = "bot", alias = "Line 1" }, new { kind = "account", account = "zhangsan" }, new { kind = "account", account = "lisi" },
        ]);
    }

    public async Task DisposeAsync() => await host.DisposeAsync();

    private async Task<string> RaiseAsync(string name, string level = "High") =>
        (string)(await host.PostAsync("alarms", new { alarms = new[] { new { name, path = "Site1/Line1", level } } }))["accepted"]![0]!["alarmId"]!;

    private async Task<JsonObject> ExplainAsync(string alarmId, string receiver, string outcome) =>
        (await Eventually.GetAsync(() => host.GetAsync($"alarms/{alarmId}/explain?receiver={receiver}"),
            x => (string?)x["items"]!.AsArray()[^1]!["outcome"] == outcome))["items"]!.AsArray()[^1]!.AsObject();

    private async Task WhatIfCompletesAsync(DateTimeOffset from)
    {
        var replay = await host.PostAsync("replays", new { mode = "whatIf", from, to = DateTimeOffset.UtcNow.AddMinutes(1), reason = "x" });
        var done = await Eventually.GetAsync(() => host.GetAsync($"replays/{replay["id"]}"), x => (string?)x["status"] is "Completed" or "Failed");
        ((string?)done["status"]).Should().Be("Completed", done.ToJsonString());
    }

    private Task ChangeRuleAsync(Action<JsonObject> change) => ChangeAsync($"rules/{example.RuleId}", change);

    private async Task ChangeAsync(string path, Action<JsonObject> change)
    {
        var resource = await host.GetAsync(path);
        change(resource);
        using var request = new HttpRequestMessage(
            HttpMethod.Put, new Uri($"/api/v1/{path}", UriKind.Relative))
        { Content = JsonContent.Create(resource) };
        request.Headers.Add("If-Match", $"\"{resource["version"]}\"");
        (await host.Client.SendAsync(request)).EnsureSuccessStatusCode();
    }

    [Fact]
    public async Task the_condition_of_that_time_is_named_whatever_the_rule_says_today()
    {
        var told = await RaiseAsync("Told");
        await ExplainAsync(told, "zhangsan", "delivered");
        await ChangeRuleAsync(x => x["criteria"]!["levels"] = new JsonArray("Critical"));
        var notTold = await RaiseAsync("Not told");
        await ExplainAsync(notTold, "zhangsan", "notTold");
        await ChangeRuleAsync(x => x["criteria"]!["levels"] = null);

        var why = await ExplainAsync(told, "zhangsan", "delivered");
        why["matchesRecord"]!.GetValue<bool>().Should().BeTrue();
        why["decidedBy"]![0]!["of"]!["version"]!.GetValue<long>().Should().Be(1);
        var whyNot = await ExplainAsync(notTold, "zhangsan", "notTold");
        whyNot["matchesRecord"]!.GetValue<bool>().Should().BeTrue();
        var condition = whyNot["decidedBy"]!.AsArray().Should().ContainSingle().Subject!;
        condition["name"]!.GetValue<string>().Should().Be("level");
        condition["of"]!["version"]!.GetValue<long>().Should().Be(2);
        whyNot["summary"]!["en"]!.GetValue<string>().Should()
            .Be("zhangsan was not to be notified: rule 'Everything' requires level one of Critical, but it was High.");

        // The links lead to the events that say so.
        var sequence = whyNot["decision"]!["sequence"]!.GetValue<long>();
        var entry = (await host.GetAsync($"audit?resource={whyNot["decision"]!["stream"]}"))["items"]!.AsArray()
            .Single(x => x!["sequence"]!.GetValue<long>() == sequence)!;
        entry["type"]!.GetValue<string>().Should().Be("rules.alarm_decided.v1");
    }

    [Fact]
    public async Task what_the_platform_said_of_one_of_several_is_told_to_him_alone()
    {
        await ChangeAsync($"services/{example.ServiceId}", x =>
            x["wecom"]!["accounts"]!.AsArray().Add(new JsonObject { ["account"] = "left-us", ["name"] = "" }));
        await ChangeRuleAsync(x => x["actions"]![0]!["receivers"]!.AsArray().Add(new JsonObject { ["kind"] = "account", ["account"] = "left-us" }));
        var alarm = await RaiseAsync("Half told");

        var zhangsan = await ExplainAsync(alarm, "zhangsan", "delivered");
        zhangsan["deliveries"]![0]!["status"]!.GetValue<string>().Should().Be("PartlyDelivered");
        var gone = await ExplainAsync(alarm, "left-us", "failed");
        gone["told"]!.GetValue<bool>().Should().BeTrue("it was decided to tell them");
        gone["deliveries"]![0]!["platformCode"]!.GetValue<string>().Should().Be("invaliduser");
        gone["deliveries"]![0]!["attempts"]![0]!["endedSequence"]!.GetValue<long>().Should().BePositive();
    }

    [Fact]
    public async Task a_period_lists_each_change_page_by_page()
    {
        var alarm = await RaiseAsync("Shelved later");
        await ExplainAsync(alarm, "Line%201", "delivered");
        await host.PostAsync($"alarms/{alarm}/shelve", new { minutes = 5, reason = "maintenance" });
        (await ExplainAsync(alarm, "Line%201", "notTold"))["decidedBy"]![0]!["name"]!.GetValue<string>().Should().Be("shelved");

        var items = await host.Client.GetAllFromAsync("explain?receiver=Line%201&from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z");
        items.Should().BeEmpty();
        var (from, to) = (DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddHours(1));
        var period = $"explain?receiver=Line%201&from={from:yyyy-MM-ddTHH:mm:ssZ}&to={to:yyyy-MM-ddTHH:mm:ssZ}";
        var first = await host.GetAsync($"{period}&limit=1");
        first["items"]!.AsArray().Select(x => (string)x!["outcome"]!).Should().Equal("delivered");
        var second = await host.GetAsync($"{period}&limit=1&cursor={first["nextCursor"]}");
        second["items"]!.AsArray().Select(x => (string)x!["outcome"]!).Should().Equal("notTold");
        second["nextCursor"].Should().BeNull();
    }

    [Fact]
    public async Task a_decision_whose_alarm_is_no_longer_stored_leaves_the_others_readable()
    {
        var gone = await RaiseAsync("Removed");
        await ExplainAsync(gone, "Line%201", "delivered");
        var kept = await RaiseAsync("Kept");
        await ExplainAsync(kept, "Line%201", "delivered");
        await host.ExecuteAsync($"set session_replication_role = replica; delete from notify.mt_events where stream_id = '{gone}'");

        var (from, to) = (DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddHours(1));
        var items = await host.Client.GetAllFromAsync($"explain?receiver=Line%201&from={from:yyyy-MM-ddTHH:mm:ssZ}&to={to:yyyy-MM-ddTHH:mm:ssZ}");
        items.Select(x => (string)x["alarmId"]!).Should().Equal(kept);
        var page = await host.GetAsync($"explain?receiver=Line%201&from={from:yyyy-MM-ddTHH:mm:ssZ}&to={to:yyyy-MM-ddTHH:mm:ssZ}&limit=1");
        page["nextCursor"].Should().NotBeNull("there is more after the one that is left out");

        await WhatIfCompletesAsync(from);
    }

    [Fact]
    public async Task a_decision_that_somebody_made_unreadable_is_named_and_leaves_the_others_readable()
    {
        var changed = await RaiseAsync("Changed");
        await ExplainAsync(changed, "zhangsan", "delivered");
        var kept = await RaiseAsync("Kept");
        await ExplainAsync(kept, "zhangsan", "delivered");
        await host.ExecuteAsync(
            $$"""
            set session_replication_role = replica;
            update notify.mt_events set data = jsonb_set(data, '{notifications}', '7')
            where type = 'rules.alarm_decided.v1' and data ->> 'alarmId' = '{{changed}}'
            """);

        var why = await ExplainAsync(changed, "zhangsan", "unreadable");
        ((string)why["summary"]!["en"]!).Should().StartWith("The decision is on record but cannot be read");
        var (from, to) = (DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddHours(1));
        var period = $"explain?receiver=zhangsan&from={from:yyyy-MM-ddTHH:mm:ssZ}&to={to:yyyy-MM-ddTHH:mm:ssZ}&limit=1";
        var first = await host.GetAsync(period);
        var second = await host.GetAsync($"{period}&cursor={first["nextCursor"]}");
        first["items"]!.AsArray().Concat(second["items"]!.AsArray()).Select(x => ((string)x!["alarmId"]!, (string)x["outcome"]!))
            .Should().Equal((changed, "unreadable"), (kept, "delivered"));
        second["nextCursor"].Should().BeNull();
        await WhatIfCompletesAsync(from);
    }

    [Fact]
    public async Task a_duplicate_is_named_where_the_alarm_and_where_the_period_is_explained()
    {
        var report = new { alarms = new[] { new { name = "Sent again", path = "Site1/Line1", level = "High", eventTime = "2026-01-31T08:00:00Z" } } };
        var alarm = (string)(await host.PostAsync("alarms", report))["accepted"]![0]!["alarmId"]!;
        await ExplainAsync(alarm, "zhangsan", "delivered");
        var correlation = (string)(await host.PostAsync("alarms", report))["accepted"]![0]!["correlationId"]!;
        var last = await RaiseAsync("The last");
        await ExplainAsync(last, "zhangsan", "delivered");

        var ofAlarm = (await host.GetAsync($"alarms/{alarm}/explain?receiver=zhangsan"))["items"]!.AsArray();
        ofAlarm.Select(x => (string)x!["outcome"]!).Should().Equal("delivered", "notTold");
        var duplicate = ofAlarm[1]!;
        duplicate["decidedBy"]!.AsArray().Select(x => (string)x!["name"]!).Should().Equal("duplicate");
        ((string)duplicate["change"]!["correlationId"]!, (long)duplicate["change"]!["repeat"]!["repeats"]!).Should().Be((correlation, 1));
        ((string)duplicate["summary"]!["en"]!).Should().StartWith("A repeat: the report was already recorded as version 1");

        var (from, to) = (DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddHours(1));
        var period = $"explain?receiver=zhangsan&from={from:yyyy-MM-ddTHH:mm:ssZ}&to={to:yyyy-MM-ddTHH:mm:ssZ}";
        var pages = new List<JsonNode>();
        for (string? cursor = ""; cursor is not null;)
        {
            var page = await host.GetAsync($"{period}&limit=1{(cursor.Length > 0 ? $"&cursor={cursor}" : "")}");
            pages.Add(page["items"]!.AsArray().Should().ContainSingle().Subject!);
            cursor = (string?)page["nextCursor"];
        }

        pages.Select(x => ((string)x["alarmId"]!, (string)x["change"]!["kind"]!)).Should()
            .Equal((alarm, "reported"), (alarm, "repeated"), (last, "reported"));
    }

    [Fact]
    public async Task a_shelving_that_a_report_ended_is_explained_by_the_decision_about_the_report()
    {
        var matcher = new { name = "plant", value = "Line 1", isRegex = false, isEqual = true };
        var now = DateTimeOffset.UtcNow;
        var silence = new { matchers = new[] { matcher }, startsAt = now, endsAt = now.AddHours(1), createdBy = "x", comment = "x" };
        using (var made = await host.Client.PostAsJsonAsync(new Uri("/api/v2/silences", UriKind.Relative), silence)) made.EnsureSuccessStatusCode();
        var alarm = await ReportAsync("Line 1");
        (await ReportAsync("Line 2")).Should().Be(alarm);
        await ExplainAsync(alarm, "zhangsan", "delivered");

        var ofAlarm = (await host.GetAsync($"alarms/{alarm}/explain?receiver=zhangsan"))["items"]!.AsArray();
        ofAlarm.Select(x => ((string)x!["change"]!["kind"]!, (string)x["outcome"]!)).Should()
            .Equal(("reported", "notTold"), ("unshelved", "notTold"), ("reported", "delivered"));
        var unshelved = ofAlarm[1]!;
        unshelved["decidedBy"]!.AsArray().Select(x => ((string)x!["name"]!, (string)x["actual"]!)).Should()
            .Equal(("decidedWith", "decided with version 3"));
        ((string)unshelved["summary"]!["en"]!).Should().StartWith("The silence ended with the next report, version 3 of the alarm");

        // In the order of the decisions: the first report may be decided when the second one is on record already.
        var (from, to) = (now.AddHours(-1), now.AddHours(1));
        var period = await host.GetAsync($"explain?receiver=zhangsan&from={from:yyyy-MM-ddTHH:mm:ssZ}&to={to:yyyy-MM-ddTHH:mm:ssZ}");
        period["items"]!.AsArray().Select(x => x!.ToJsonString()).Should().BeEquivalentTo(ofAlarm.Select(x => x!.ToJsonString()));

        async Task<string> ReportAsync(string plant)
        {
            var report = new { name = "Silenced", path = "Site1/Line1", level = "High", labels = new { plant }, eventTime = DateTimeOffset.UtcNow };
            return (string)(await host.PostAsync("alarms", new { alarms = new[] { report } }))["accepted"]![0]!["alarmId"]!;
        }
    }
}
