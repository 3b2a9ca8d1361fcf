using Microsoft.Extensions.DependencyInjection;
using Notify.Contracts.Alarms;
using Notify.Testing;
using Npgsql;
using Wolverine;
using Wolverine.Runtime;

namespace Notify.Acceptance.Tests;

/// <summary>Batches of changed alarms between the inbox and the record of their decisions.</summary>
public sealed class DecisionInboxTests : IAsyncLifetime
{
    private NotifyHost host = null!;

    public async Task InitializeAsync()
    {
        host = await NotifyHost.StartAsync(
            replace: services => services.ConfigureWolverine(x => x.Durability.InboxStaleTime = TimeSpan.FromSeconds(1)));
        await Example.MakeAsync(host, [new { kind = "bot", alias = "Line 1" }]);
    }

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public async Task a_batch_that_cannot_be_decided_is_put_aside_and_holds_up_no_other()
    {
        var bad = new AlarmsChanged("batch-bad", [new AlarmChange("alarm-x", 1, Guid.NewGuid(), "correlation-x", null!)]);
        await PublishAsync([bad, .. Enumerable.Range(1, 5).Select(i => Batch($"batch-{i}", $"alarm-{i}", $"Pump {i}"))]);

        await host.WeCom.WaitForAsync(x => x.Delivered, count: 5);
        await Eventually.GetAsync(() =>
            CountAsync("select count(*) from wolverine.wolverine_dead_letters where message_type like '%alarms-changed%'"), x => x == 1);
        (await CountAsync("select count(*) from notify.mt_streams where id = 'decision-bad'")).Should().Be(0);
    }

    [Fact]
    public async Task an_alarm_that_cannot_be_decided_about_is_put_aside_alone_and_the_others_of_its_request_are_told()
    {
        var changes = Enumerable.Range(1, 20).Select(i => Batch("", $"alarm-{i}", $"Pump {i}").Alarms[0]).ToList();
        changes[7] = changes[7] with { Alarm = null! };
        await PublishAsync([new AlarmsChanged("batch-mixed", changes)]);

        // Beside them Notify tells of what was put aside, by an alarm of its own.
        await Eventually.GetAsync(() => CountAsync(
            "select count(*) from notify.notification where status = 'Delivered' and alarm_id similar to 'alarm-[0-9]{1,2}'"), x => x == 19);
        await Eventually.GetAsync(() =>
            CountAsync("select count(*) from wolverine.wolverine_dead_letters where message_type like '%alarms-changed%'"), x => x == 1);
        (await CountAsync("select count(*) from wolverine.wolverine_dead_letters where position('\"alarm-8\"'::bytea in body) > 0 and position('\"alarm-7\"'::bytea in body) = 0")).Should().Be(1);
        (await CountAsync("select count(distinct stream_id) from notify.mt_events where type = 'rules.alarm_decided.v1'")).Should().BeGreaterThan(1);
        (await CountAsync("select count(*) from notify.mt_events where type = 'rules.alarm_decided.v1' and data->>'alarmId' similar to 'alarm-[0-9]{1,2}'")).Should().Be(19);
    }

    [Fact]
    public async Task a_batch_that_comes_again_is_decided_once()
    {
        var batch = Batch("batch-1", "alarm-1", "Pump 1");
        await PublishAsync([batch, batch]);
        await PublishAsync([batch]);

        await Eventually.GetAsync(
            () => CountAsync("select count(*) from wolverine.wolverine_incoming_envelopes where message_type like '%alarms-changed%' and status = 'Handled'"), x => x == 3);
        (await CountAsync("select count(*) from notify.mt_events where type = 'rules.alarm_decided.v1'")).Should().Be(1);
        await host.WeCom.WaitForAsync(x => x.Delivered);
        (await CountAsync("select count(*) from notify.notification")).Should().Be(1);
    }

    private async Task PublishAsync(IEnumerable<AlarmsChanged> batches)
    {
        foreach (var batch in batches) await new MessageBus(host.Services.GetRequiredService<IWolverineRuntime>()).PublishAsync(batch);
    }

    private static AlarmsChanged Batch(string id, string alarm, string name) =>
        new(id, [new AlarmChange(alarm, 1, Guid.NewGuid(), "correlation-1", new AlarmFacts { Name = name, EventTime = DateTimeOffset.UnixEpoch })]);

    private async Task<long> CountAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(host.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
