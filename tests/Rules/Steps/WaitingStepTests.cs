using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Notify.Contracts.Alarms;
using Notify.Peers.WeCom;
using Notify.Testing;
using Wolverine;
using Wolverine.Runtime;

namespace Notify.Rules.Tests.Steps;

/// <summary>Escalations and reminders through the whole of Notify, with a clock that is put forward.</summary>
public sealed class WaitingStepTests : IAsyncLifetime
{
    private readonly MovedClock clock = new();
    private NotifyHost host = null!;

    public async Task InitializeAsync() => host = await StartAsync(null);

    public async Task DisposeAsync() => await host.DisposeAsync();

    private Task<NotifyHost> StartAsync(NotifyHost? sameStoreAs) => NotifyHost.StartAsync(
        ["Notify:WeCom:BotLimitPerMinute=20"], options => options.RobotLimit = 0,
        services => services.Replace(ServiceDescriptor.Singleton<TimeProvider>(clock)), sameStoreAs);

    /// <summary>The first robot is told at once, the second one later.</summary>
    private async Task MakeRuleAsync(object? after, object? repeat = null)
    {
        var example = await Example.MakeAsync(host, [new { kind = "bot", alias = "Line 1" }]);
        await host.PostAsync("rules", new
        {
            name = "Nobody reacts",
            criteria = new { states = new[] { "ActiveUnacked" }, paths = new[] { "Site1/**" } },
            actions = new[]
            {
                new
                {
                    type = "wecom", serviceId = example.ServiceId, messageId = example.MessageId, scheduleId = example.ScheduleId, after, repeat,
                    receivers = new[] { new { kind = "bot", alias = "Line 2" } },
                },
            },
        });
    }

    private static object Escalation(Example example, string alias, int minutes) => new
    {
        type = "wecom",
        serviceId = example.ServiceId,
        messageId = example.MessageId,
        scheduleId = example.ScheduleId,
        after = new { minutes },
        receivers = new[] { new { kind = "bot", alias } },
    };

    private static object RuleOf(params object[] actions) =>
        new { name = "Two escalations", criteria = new { states = new[] { "ActiveUnacked" }, paths = new[] { "Site1/**" } }, actions };

    /// <summary>Line 2 is told after 15 minutes, Line 1 after 60; <see cref="Example"/>'s own rule is gone.</summary>
    private async Task<(Example Example, string RuleId)> MakeTwoEscalationsAsync()
    {
        var example = await Example.MakeAsync(host);
        await host.SendAsync("DELETE", $"rules/{example.RuleId}", null, "If-Match", "*");
        var rule = await host.PostAsync("rules", RuleOf(Escalation(example, "Line 2", 15), Escalation(example, "Line 1", 60)));
        return (example, (string)rule["id"]!);
    }

    private async Task<RestAnswer> PutRuleAsync(string id, object body, NotifyHost? on = null)
    {
        var put = await (on ?? host).SendAsync("PUT", $"rules/{id}", body, "If-Match", "*");
        put.Status.Should().Be(200, put.Text);
        return put;
    }

    private Task<string[]> ToldAsync(int count) => Eventually.GetAsync(
        () => Task.FromResult(host.WeCom.Received.Select(x => x.RobotKey == Example.SecondRobotKey ? "Line 2" : "Line 1").ToArray()),
        x => x.Length >= count);

    private async Task<string[]> ReportAsync(params string[] names)
    {
        var answer = await host.PostAsync("alarms", new { alarms = names.Select(name => new { name, path = "Site1/P1", level = "High" }) });
        return [.. answer["accepted"]!.AsArray().Select(x => (string)x!["alarmId"]!)];
    }

    private async Task<JsonArray> WaitingAsync(string alarm, int count) => (await Eventually.GetAsync(
        () => host.GetAsync($"alarms/{alarm}"), x => x["waitingSteps"]!.AsArray().Count == count))["waitingSteps"]!.AsArray();

    /// <summary>Also when the notification is delivered its text is there: sent texts are read of the platform.</summary>
    private Task<List<string>> ToldLaterAsync(int messages) => Eventually.GetAsync(
        () => Task.FromResult(host.WeCom.Received.Where(x => x.RobotKey == Example.SecondRobotKey).Select(x => x.Text).ToList()),
        x => x.Count >= messages);

    private Task DecideAsync(string batch, AlarmChange change) =>
        new MessageBus(host.Services.GetRequiredService<IWolverineRuntime>()).PublishAsync(new AlarmsChanged(batch, [change])).AsTask();

    private async Task<JsonArray> AuditAsync(string type, int count) => (await Eventually.GetAsync(
        () => host.GetAsync($"audit?type={type}&limit=1000"), x => x["items"]!.AsArray().Count >= count))["items"]!.AsArray();

    [Fact]
    public async Task an_alarm_to_which_nobody_reacts_escalates_and_one_that_is_acknowledged_does_not()
    {
        await MakeRuleAsync(new { minutes = 15, unless = "acknowledged" });
        var alarms = await ReportAsync("Ignored", "Seen");
        var waiting = (await WaitingAsync(alarms[0], 1))[0]!;
        ((string?)waiting["kind"], (string?)waiting["unless"], (string?)waiting["rule"]!["name"], (string?)waiting["receivers"]![0]!["alias"])
            .Should().Be(("escalation", "acknowledged", "Nobody reacts", "Line 2"));
        await WaitingAsync(alarms[1], 1);

        (await host.SendAsync("POST", $"alarms/{alarms[1]}/acknowledge", new { note = "On my way" })).Status.Should().Be(200);
        await WaitingAsync(alarms[1], 0);
        clock.Advance(TimeSpan.FromMinutes(16));

        (await ToldLaterAsync(1)).Should().ContainSingle().Which.Should().StartWith("【升级 Escalation】High Ignored");
        await WaitingAsync(alarms[0], 0);
        var told = (await Eventually.GetAsync(
            () => host.GetAsync("notifications?receiver=Line 2&status=Delivered"), x => x["items"]!.AsArray().Count == 1))["items"]![0]!;
        ((string?)told["step"]!["kind"], (int)told["step"]!["number"]!).Should().Be(("escalation", 0));
        var stopped = (await AuditAsync("rules.step_stopped.v1", 1)).Single()!;
        ((string?)stopped["summary"]).Should().Contain("Seen").And.Contain("acknowledged");
        (await AuditAsync("rules.step_performed.v1", 1)).Should().ContainSingle();

        var sentence = (string)(await host.GetAsync($"alarms/{alarms[0]}/explain?receiver=Line 2"))["items"]![0]!["summary"]!["en"]!;
        sentence.Should().Contain("after 15 min unless acknowledged").And.Contain("Later they were notified 1 time");
        var step = (await host.GetAsync($"alarms/{alarms[1]}/explain?receiver=Line 2"))["items"]![0]!["steps"]![0]!;
        ((string?)step["stopped"], step["performed"]!.AsArray().Count).Should().Be(("acknowledged", 0));
    }

    [Fact]
    public async Task reminders_come_until_there_were_enough_and_each_says_which_it_is()
    {
        await MakeRuleAsync(null, new { everyMinutes = 30, atMost = 2 });
        var alarm = (await ReportAsync("Ignored"))[0];
        await ToldLaterAsync(1);
        await WaitingAsync(alarm, 1);

        clock.Advance(TimeSpan.FromMinutes(31));
        await ToldLaterAsync(2);
        ((int)(await WaitingAsync(alarm, 1))[0]!["number"]!).Should().Be(2);
        clock.Advance(TimeSpan.FromMinutes(31));
        var texts = await ToldLaterAsync(3);
        await WaitingAsync(alarm, 0);

        texts.Select(x => x.Split("High")[0]).Should().Equal("", "【提醒 Reminder 1】", "【提醒 Reminder 2】");
    }

    [Fact]
    public async Task what_waits_survives_a_restart_and_is_made_again_from_its_events()
    {
        await MakeRuleAsync(new { minutes = 15 });
        var alarm = (await ReportAsync("Ignored"))[0];
        await WaitingAsync(alarm, 1);
        await host.ExecuteAsync("delete from notify.step");

        (await host.SendAsync("POST", "operation/rebuild", new { models = new[] { "steps" } })).Status.Should().Be(202);
        await WaitingAsync(alarm, 1);
        await using var another = await StartAsync(host);
        clock.Advance(TimeSpan.FromMinutes(16));

        (await ToldLaterAsync(1)).Should().ContainSingle();
        await WaitingAsync(alarm, 0);
    }

    [Fact]
    public async Task a_step_is_performed_by_the_action_that_planned_it_wherever_that_stands_in_the_rule_by_then()
    {
        var (example, rule) = await MakeTwoEscalationsAsync();
        var alarm = (await ReportAsync("Ignored"))[0];
        await WaitingAsync(alarm, 2);

        await PutRuleAsync(rule, RuleOf(
            Escalation(example, "Line 1", 120), Escalation(example, "Line 1", 60), Escalation(example, "Line 2", 15)));

        var waiting = await WaitingAsync(alarm, 2);
        waiting.Select(x => ((int)x!["action"]!, (string)x["receivers"]![0]!["alias"]!)).Should().Equal((2, "Line 2"), (1, "Line 1"));
        // Another change of the alarm plans only what is new.
        await host.PostAsync("alarms", new { alarms = new[] { new { name = "Ignored", path = "Site1/P1", level = "Critical" } } });
        await WaitingAsync(alarm, 3);
        clock.Advance(TimeSpan.FromMinutes(16));
        (await ToldAsync(1)).Should().Equal("Line 2");
        await WaitingAsync(alarm, 2);

        await PutRuleAsync(rule, RuleOf(Escalation(example, "Line 1", 120)));
        clock.Advance(TimeSpan.FromMinutes(45));
        await WaitingAsync(alarm, 1);
        var stopped = (await AuditAsync("rules.step_stopped.v1", 1)).Single()!;
        ((string?)stopped["summary"]).Should().Contain("no such step any more", "the action that planned it was removed");
        host.WeCom.Received.Should().HaveCount(1);
    }

    [Fact]
    public async Task whoever_acknowledges_in_the_same_moment_stops_the_step_or_finds_it_performed_and_never_both()
    {
        const int Count = 40;
        await MakeRuleAsync(new { minutes = 15 });
        var alarms = await ReportAsync([.. Enumerable.Range(0, Count).Select(i => string.Create(CultureInfo.InvariantCulture, $"Alarm {i}"))]);
        await AuditAsync("rules.step_planned.v1", Count);
        await using var another = await StartAsync(host);

        clock.Advance(TimeSpan.FromMinutes(16));
        await Task.WhenAll(alarms.Select((x, i) =>
            (i % 2 == 0 ? host : another).SendAsync("POST", $"alarms/{x}/acknowledge", new { note = "Seen" })));

        foreach (var alarm in alarms) await WaitingAsync(alarm, 0);
        var ended = await Eventually.GetAsync(
            async () => (JsonNode?[])[.. await AuditAsync("rules.step_performed.v1", 0), .. await AuditAsync("rules.step_stopped.v1", 0)],
            x => x.Length >= Count);
        ended.Select(x => (string)x!["resource"]!["id"]!).Should().OnlyHaveUniqueItems().And.HaveCount(Count);
        var performed = (await AuditAsync("rules.step_performed.v1", 0)).Count;
        await Eventually.GetAsync(
            () => host.GetAsync("notifications?receiver=Line 2&status=Delivered&limit=1000"), x => x["items"]!.AsArray().Count == performed);
    }

    /// <summary>As after a kill: the end of the first occurrence is handed out again when the second one has been decided.</summary>
    [Fact]
    public async Task a_change_that_is_decided_late_ends_no_step_of_an_alarm_that_is_active_again()
    {
        await MakeRuleAsync(new { minutes = 15 });
        var alarm = (await ReportAsync("Ignored"))[0];
        await WaitingAsync(alarm, 1);
        await host.PostAsync("alarms", new { alarms = new[] { new { name = "Ignored", path = "Site1/P1", level = "Critical" } } });
        await AuditAsync("rules.alarm_decided.v1", 2);

        await DecideAsync("batch-late", new AlarmChange(alarm, 1, Guid.NewGuid(), "late", Given.Alarm with { State = AlarmState.ClearedAcked }));
        await AuditAsync("rules.alarm_decided.v1", 3);
        await WaitingAsync(alarm, 1);
        clock.Advance(TimeSpan.FromMinutes(16));

        (await ToldLaterAsync(1)).Should().ContainSingle().Which.Should().StartWith("【升级 Escalation】Critical Ignored");
        (await AuditAsync("rules.step_stopped.v1", 0)).Should().BeEmpty();
    }

    [Fact]
    public async Task an_alarm_that_ends_and_begins_again_in_one_report_has_its_whole_time_anew()
    {
        await MakeRuleAsync(new { minutes = 15 });
        var alarm = (await ReportAsync("Flaps"))[0];
        await WaitingAsync(alarm, 1);
        clock.Advance(TimeSpan.FromMinutes(10));

        await host.PostAsync("alarms", new
        {
            alarms = ((string[])["ClearedAcked", "ActiveUnacked"]).Select(state => new { name = "Flaps", path = "Site1/P1", level = "High", state }),
        });

        await AuditAsync("rules.step_planned.v1", 2);
        (await AuditAsync("rules.step_stopped.v1", 1)).Should().ContainSingle();
        await WaitingAsync(alarm, 1);
    }

    [Fact]
    public async Task a_bad_step_is_refused_with_its_field_and_what_is_left_out_has_its_default()
    {
        var example = await Example.MakeAsync(host, [new { kind = "bot", alias = "Line 1" }]);
        Task<RestAnswer> PostAsync(string name, string step) => host.SendAsync("POST", "rules", JsonNode.Parse(
            $$"""
            { "name": "{{name}}", "criteria": { "states": ["ActiveUnacked"] }, "actions": [ { "type": "wecom", "serviceId": "{{example.ServiceId}}",
              "messageId": "{{example.MessageId}}", "scheduleId": "{{example.ScheduleId}}",
              "receivers": [ { "kind": "bot", "alias": "Line 1" } ], {{step}} } ] }
            """)!);

        foreach (var (step, field) in new[]
        {
            ("""
             "after": {}
             """, "after.minutes"),
            ("""
             "after": { "minutes": null }
             """, "after.minutes"),
            ("""
             "after": { "minutes": 0 }
             """, "after.minutes"),
            ("""
             "after": { "minutes": "15" }
             """, "after.minutes"),
            ("""
             "after": { "minutes": 1, "unless": "later" }
             """, "after.unless"),
            ("""
             "after": { "minutes": 1, "hours": 1 }
             """, "after.hours"),
            ("""
             "after": []
             """, "after"),
            ("""
             "repeat": { "atMost": 1 }
             """, "repeat.everyMinutes"),
            ("""
             "repeat": { "everyMinutes": 1, "atMost": 101 }
             """, "repeat.atMost"),
            ("""
             "repeat": { "everyMinutes": 1, "until": 1 }
             """, "repeat.until"),
        })
        {
            var refused = await PostAsync("Bad", step);
            refused.Status.Should().Be(400, $"{step}: {refused.Text}");
            refused.Faults.Should().Equal([$"actions[0].{field}"], step);
        }

        var rule = await PostAsync("Good", "\"after\": { \"minutes\": 5, \"unless\": null }, \"repeat\": { \"everyMinutes\": 7 }");
        rule.Status.Should().Be(201, rule.Text);
        rule.Body["actions"]![0]!["after"]!.ToJsonString().Should().Be("""{"minutes":5,"unless":"acknowledged"}""");
        rule.Body["actions"]![0]!["repeat"]!.ToJsonString().Should().Be("""{"everyMinutes":7,"atMost":10,"until":"acknowledged"}""");
        (await PostAsync("Plain", "\"after\": null, \"repeat\": null")).Body["actions"]![0]!["after"].Should().BeNull();
        var explained = (await host.SendAsync("POST", $"rules/{rule.Id}/explain", new { })).Body["rules"]![0]!["actions"]![0]!["steps"]!.AsArray();
        explained.Select(x => (string?)x!["kind"]).Should().Equal("escalation", "reminder");
    }
}
