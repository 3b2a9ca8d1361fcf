using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Notify.Kernel.Resources;
using Notify.Testing;
using Npgsql;

namespace Notify.Rules.Tests.Steps;

/// <summary>Stores of before know the actions of rules and waiting steps by their places.</summary>
public sealed class UpgradedStepsTests : IAsyncLifetime
{
    private readonly MovedClock clock = new();
    private NotifyHost first = null!;

    public async Task InitializeAsync() => first = await StartAsync(null);

    public async Task DisposeAsync() => await first.DisposeAsync();

    private Task<NotifyHost> StartAsync(NotifyHost? sameStoreAs) => NotifyHost.StartAsync(
        [$"Notify:CreateSchema={(sameStoreAs is null ? "false" : "true")}"],
        replace: services => services.Replace(ServiceDescriptor.Singleton<TimeProvider>(clock)), sameStoreAs: sameStoreAs);

    private static object Escalation(Example example, string alias, int minutes) => new
    {
        type = "wecom",
        serviceId = example.ServiceId,
        messageId = example.MessageId,
        scheduleId = example.ScheduleId,
        after = new { minutes },
        receivers = new[] { new { kind = "bot", alias } },
    };

    private static object Rule(string description, params object[] actions) =>
        new { name = "Upgraded", description, criteria = new { states = new[] { "ActiveUnacked" } }, actions };

    private static async Task<JsonArray> WaitingAsync(NotifyHost host, string alarm) => (await Eventually.GetAsync(
        () => host.GetAsync($"alarms/{alarm}"), x => x["waitingSteps"]!.AsArray().Count == 2))["waitingSteps"]!.AsArray();

    [Fact]
    public async Task what_waits_since_an_earlier_version_is_performed_by_its_action_also_after_the_rule_was_changed()
    {
        var example = await Example.MakeAsync(first);
        await first.SendAsync("DELETE", $"rules/{example.RuleId}", null, "If-Match", "*");
        var (sooner, later) = (Escalation(example, "Line 2", 15), Escalation(example, "Line 1", 60));
        var rule = (string)(await first.PostAsync("rules", Rule("", sooner, later)))["id"]!;
        (await first.SendAsync("PUT", $"rules/{rule}", Rule("changed", sooner, later), "If-Match", "*")).Status.Should().Be(200);
        var answer = await first.PostAsync("alarms", new { alarms = new[] { new { name = "Ignored" } } });
        var alarm = (string)answer["accepted"]![0]!["alarmId"]!;
        await WaitingAsync(first, alarm);
        await first.ExecuteAsync(
            """
            alter table notify.step drop column action_key;
            drop index if exists notify.step_waiting;
            create unique index step_waiting on notify.step (alarm_id, rule_id, action) where due_at is not null;
            update notify.mt_events set data = data - 'actionKey' where type = 'rules.step_planned.v1';
            update notify.mt_events set data = data #- '{settings,actions,0,key}' #- '{settings,actions,1,key}' where type like 'rules.rule_c%';
            update notify.mt_doc_rule set data = data #- '{settings,actions,0,key}' #- '{settings,actions,1,key}';
            """);

        await using var upgraded = await StartAsync(first);

        await using (var connection = await upgraded.Services.GetRequiredService<NpgsqlDataSource>().OpenConnectionAsync())
            (await upgraded.Services.GetRequiredService<FoldedTables>().CheckAsync(connection, default)).Should().BeEmpty();
        (await upgraded.SendAsync("PUT", $"rules/{rule}", Rule("changed", sooner, later), "If-Match", "*")).Version.Should().Be(2, "nothing differs");
        (await upgraded.SendAsync("PUT", $"rules/{rule}", Rule("changed", Escalation(example, "Line 1", 120), later, sooner), "If-Match", "*"))
            .Status.Should().Be(200);
        (await WaitingAsync(upgraded, alarm)).Select(x => ((int)x!["action"]!, (string)x["receivers"]![0]!["alias"]!)).Should()
            .Equal((2, "Line 2"), (1, "Line 1"));
        clock.Advance(TimeSpan.FromMinutes(16));
        await Eventually.GetAsync(
            () => Task.FromResult(first.WeCom.Received.Select(x => x.RobotKey).ToList()), x => x is [Example.SecondRobotKey]);
    }

    [Fact]
    public async Task the_table_of_a_later_start_stays_as_it_is()
    {
        await using var second = await StartAsync(first);
        var (before, index) = await IndexAsync();
        index.Should().Contain("action_key");

        await using var third = await StartAsync(first);

        (await IndexAsync()).Should().Be((before, index), "an index that is made anew has another id");

        async Task<(uint Id, string Index)> IndexAsync()
        {
            await using var command = second.Services.GetRequiredService<NpgsqlDataSource>().CreateCommand(
                "select i.indexrelid, pg_get_indexdef(i.indexrelid) from pg_index i where i.indexrelid = 'notify.step_waiting'::regclass");
            await using var reader = await command.ExecuteReaderAsync();
            await reader.ReadAsync();
            return (reader.GetFieldValue<uint>(0), reader.GetString(1));
        }
    }
}
