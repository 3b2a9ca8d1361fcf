using Notify.Testing;

namespace Notify.Rules.Tests.Deciding;

/// <summary>
/// Whoever has a password for the database can write what they like into the tables that show the configuration. Whom the next alarm reaches, with
/// which text, is what the events say all the same: on a node that runs, on one that starts, and after the next change of configuration.
/// </summary>
public sealed class ForgedRowsTests : IAsyncLifetime
{
    private NotifyHost host = null!;
    private Example example = null!;

    public async Task InitializeAsync()
    {
        host = await NotifyHost.StartAsync(["Notify:WeCom:BotLimitPerMinute=0"]);
        example = await Example.MakeAsync(host, [new { kind = "bot", alias = "Line 1" }]);
    }

    public async Task DisposeAsync() => await host.DisposeAsync();

    /// <summary>A rule that is off, or wants other alarms, or is gone; a message that says something else; a schedule that is never open; another
    /// robot's key.</summary>
    private static readonly string[] forgeries =
    [
        "update notify.mt_doc_rule set data = jsonb_set(data, '{enabled}', 'false')",
        "update notify.mt_doc_rule set data = jsonb_set(data, '{settings,criteria,states}', '[\"ClearedAcked\"]')",
        "update notify.mt_doc_rule set data = jsonb_set(data, '{settings,actions,0,receivers}', '[{\"kind\":\"bot\",\"alias\":\"Line 2\"}]')",
        "update notify.mt_doc_message set data = jsonb_set(data, '{settings,content}', '\"all is well\"')",
        "update notify.mt_doc_schedule set data = jsonb_set(data, '{settings,weekly}', '{\"monday\":[]}')",
        "update notify.mt_doc_service set data = jsonb_set(data, '{settings,weCom,bots,0,key}', data #> '{settings,weCom,bots,1,key}')",
        "update notify.mt_doc_service set data = jsonb_set(data, '{settings,weCom,bots,0,key,ref}', data #> '{settings,weCom,bots,1,key,ref}')",
        "update notify.mt_doc_service set data = jsonb_set(data, '{settings,weCom,bots,0,webhookUrl}', '\"http://127.0.0.1:9/cgi-bin/webhook/send\"')",
        "update notify.mt_doc_service set data = jsonb_set(data, '{enabled}', 'false')",
        "delete from notify.mt_doc_rule",
        "delete from notify.mt_doc_message",
        "delete from notify.mt_doc_schedule",
        "delete from notify.mt_doc_service",
    ];

    [Fact]
    public async Task the_next_alarm_goes_where_the_events_say_whatever_the_tables_hold()
    {
        foreach (var (i, forgery) in forgeries.Index())
        {
            // Read again by every node, as after any change.
            (await host.ChangeAsync(forgery + "; update notify.configuration_stamp set version = version + 1")).Should().BeGreaterThan(1, forgery);
            await TellAsync(host, $"running {i}");
        }

        await using var second = await NotifyHost.StartAsync(["Notify:WeCom:BotLimitPerMinute=0"], sameStoreAs: host);
        await TellAsync(second, "started");
    }

    [Fact]
    public async Task a_change_starts_from_what_the_events_say()
    {
        await host.ExecuteAsync(
            "update notify.mt_doc_service set data = jsonb_set(jsonb_set(data, '{settings,weCom,bots,0,key}', data #> '{settings,weCom,bots,1,key}'), '{enabled}', 'false')");
        // Sent back as it was read: the keys that are stored stay.
        var service = await host.GetAsync($"services/{example.ServiceId}");
        service["status"]!.GetValue<string>().Should().Be("enabled");
        service["description"] = "changed";
        (await host.PutAsync($"services/{example.ServiceId}", service["version"]!.GetValue<long>(), service)).Status.Should().Be(200);
        await TellAsync(host, "changed");
    }

    /// <summary>Who may have a name, what is in use and what a rule may refer to is decided by the events as well.</summary>
    [Fact]
    public async Task what_may_be_changed_is_decided_by_what_the_events_say()
    {
        await host.ExecuteAsync("update notify.mt_doc_rule set data = jsonb_set(data, '{nameKey}', '\"SOMETHING ELSE\"')");
        var rule = await host.GetAsync($"rules/{example.RuleId}");
        foreach (var field in (string[])["id", "version", "status", "createdAt", "createdBy", "updatedAt", "updatedBy"]) rule.Remove(field);
        (await host.SendAsync("POST", "rules", rule)).Status.Should().Be(409, "the name is in use");
        await host.ExecuteAsync("delete from notify.mt_doc_rule");
        foreach (var (kind, id) in new[] { ("services", example.ServiceId), ("messages", example.MessageId), ("schedules", example.ScheduleId) })
        {
            var used = await host.GetAsync($"{kind}/{id}");
            var refused = await host.SendAsync("DELETE", $"{kind}/{id}", null, "If-Match", $"\"{used["version"]}\"");
            (refused.Status, (string?)refused.Body["detail"]).Should().Be(
                (409, $"The {kind[..^1]} '{used["name"]}' is used by rule 'Everything'.{(kind == "services" ? " Add ?confirm=1 to do it anyway." : "")}"));
        }

        // What a rule refers to is there, though its row is not.
        await host.ExecuteAsync("delete from notify.mt_doc_message; delete from notify.mt_doc_schedule; delete from notify.mt_doc_service");
        rule["name"] = "Another";
        (await host.SendAsync("POST", "rules", rule)).Status.Should().Be(201);

        // A row of which no event speaks keeps a name from nobody unseen: the answer says what is wrong and how it is mended.
        await host.PostAsync("configuration/rebuild", new { });
        await host.ExecuteAsync(
            "insert into notify.mt_doc_rule select (jsonb_populate_record(r, jsonb_build_object('id', 'rule-of-nobody', 'data', r.data || '{\"nameKey\":\"THIRD\"}'))).* from notify.mt_doc_rule r limit 1");
        rule["name"] = "Third";
        var taken = await host.SendAsync("POST", "rules", rule);
        (taken.Status, ((string?)taken.Body["detail"])!.Contains("configuration/rebuild", StringComparison.Ordinal)).Should().Be((409, true));
        await host.PostAsync("configuration/rebuild", new { });
        (await host.SendAsync("POST", "rules", rule)).Status.Should().Be(201);
    }

    /// <summary>What is sealed bears its reference: the row of robot 2 under robot 1's reference does not open. And who has only the event changed
    /// opens what the event does not say.</summary>
    [Theory]
    [InlineData(
        """
        update notify.secret s set sealed = o.sealed from notify.secret o, notify.mt_doc_service d
        where s.ref = d.data #>> '{settings,weCom,bots,0,key,ref}' and o.ref = d.data #>> '{settings,weCom,bots,1,key,ref}'
        """, "Scheduled", "cannot be opened")]
    [InlineData(
        """
        update notify.mt_events set data = jsonb_set(data, '{settings,weCom,bots,0,key,ref}', data #> '{settings,weCom,bots,1,key,ref}')
        where type = 'services.service_created.v1'
        """, "Scheduled", "is not what lies under its reference")]
    public async Task a_secret_that_is_exchanged_for_another_is_not_used(string exchange, string status, string reason)
    {
        (await host.ChangeAsync(exchange)).Should().Be(1);
        // So that its events are read again.
        foreach (var (verb, version) in new[] { ("disable?confirm=1", 1), ("enable", 2) })
            (await host.SendAsync("POST", $"services/{example.ServiceId}/{verb}", null, "If-Match", $"\"{version}\"")).Status.Should().Be(200);
        await host.PostAsync("alarms", new { alarms = new[] { new { name = "exchanged" } } });
        var notification = await Eventually.GetAsync(
            async () => (await host.GetAsync("notifications"))["items"]!.AsArray().SingleOrDefault(x => (string)x!["alarmName"]! == "exchanged"),
            x => x?["reason"] is not null || (string?)x?["status"] == "Delivered");
        ((string)notification!["status"]!, (string?)notification["reason"]).Should().Match<(string Status, string? Reason)>(
            x => x.Status == status && x.Reason!.Contains(reason));
        host.WeCom.Counters.Shown.Should().Be(0);
    }

    private static async Task TellAsync(NotifyHost node, string name)
    {
        await node.PostAsync("alarms", new { alarms = new[] { new { name, path = "Line", level = "High", value = "1" } } });
        (await node.WeCom.WaitForAsync(x => x.Text.Contains(name))).Should().ContainSingle().Which.Text.Should()
            .Be($"High {name} ActiveUnacked Line 1");
        node.WeCom.Received.Should().OnlyContain(x => x.RobotKey == Example.RobotKey);
    }
}
