using Microsoft.Extensions.DependencyInjection;
using Notify.Contracts.Alarms;
using Notify.Contracts.Rules;
using Notify.Peers.WeCom;
using Notify.Testing;
using Npgsql;
using Wolverine;
using Wolverine.Runtime;

namespace Notify.Delivery.Tests.Lanes;

/// <summary>
/// Two nodes put changes of one alarm on record at the same time, and neither sees the other's. One of them serves the robot; a commit is held up by
/// a row with the same id in a transaction of the test.
/// </summary>
public sealed class OrderAcrossNodesTests : IAsyncLifetime
{
    private static readonly string[] settings = ["Notify:WeCom:BotLimitPerMinute=0"];
    private NotifyHost serving = null!;
    private NotifyHost other = null!;
    private NpgsqlDataSource database = null!;
    private Example example = null!;

    public async Task InitializeAsync()
    {
        serving = await NotifyHost.StartAsync(settings, weCom => weCom.RobotLimit = 0);
        example = await Example.MakeAsync(serving, [new { kind = "bot", alias = "Line 1" }]);
        database = NpgsqlDataSource.Create(serving.ConnectionString);
        await DecideAsync(serving, "First", AlarmState.ActiveUnacked, 1);
        await ToldAsync("First ActiveUnacked");
        other = await NotifyHost.StartAsync(settings, sameStoreAs: serving);
    }

    public async Task DisposeAsync()
    {
        await other.DisposeAsync();
        await database.DisposeAsync();
        await serving.DisposeAsync();
    }

    [Fact]
    public async Task what_another_node_records_after_a_later_change_has_left_is_not_told_to_whom_that_was()
    {
        await using var hold = await HoldUpAsync("A", 1);
        var late = DecideAsync(other, "A", AlarmState.ActiveUnacked, 1);
        await SomebodyWaitsAsync();
        await DecideAsync(serving, "A", AlarmState.ClearedAcked, 2);
        await ToldAsync("A ClearedAcked");
        await hold.RollbackAsync();
        await late;

        await Eventually.GetAsync(() =>
            serving.GetAsync($"notifications/{IdOf("A", 1)}"), x => (string)x["status"]! == "Suppressed" && (string)x["reason"]! == "superseded");
        Told("A").Should().Equal("ClearedAcked");

        // Of several receivers, whoever was not told of the later change is told of the earlier one.
        await using var holdAgain = await HoldUpAsync("B", 1);
        late = DecideAsync(other, "B", AlarmState.ActiveUnacked, 1, new("account", Account: "zhangsan"), new("account", Account: "lisi"));
        await SomebodyWaitsAsync();
        await DecideAsync(serving, "B", AlarmState.ClearedAcked, 2, new Receiver("account", Account: "zhangsan"));
        await ToldAsync("B ClearedAcked");
        await holdAgain.RollbackAsync();
        await late;

        (await serving.WeCom.WaitForAsync(x => x.Delivered && x.Text == "【迟到 Late】B ActiveUnacked")).Single().ToUser.Should().Equal("lisi");
        var overtaken = await serving.GetAsync($"notifications/{IdOf("B", 1)}");
        ((string)overtaken["status"]!, (string)overtaken["reason"]!).Should().Be(("Suppressed", "superseded"));
    }

    [Fact]
    public async Task what_leaves_at_once_is_not_overtaken_by_what_another_node_records_meanwhile()
    {
        await using var hold = await HoldUpAsync("A", 1);
        var first = DecideAsync(serving, "A", AlarmState.ActiveUnacked, 1);
        await SomebodyWaitsAsync();
        await DecideAsync(other, "A", AlarmState.ClearedAcked, 2);
        await DecideAsync(other, "B", AlarmState.ActiveUnacked, 1);
        await ToldAsync("B ActiveUnacked");
        await hold.RollbackAsync();
        await first;

        await ToldAsync("A ClearedAcked");
        Told("A").Should().Equal("ActiveUnacked", "ClearedAcked");
    }

    [Fact]
    public async Task what_is_tried_again_is_not_overtaken_by_a_later_change_that_was_recorded_before_it()
    {
        serving.WeCom.AddFault(new Fault(FaultKind.HttpStatus) { Robot = Example.RobotKey, Code = 502, Count = 1 });
        await using var hold = await HoldUpAsync("A", 2);
        var later = DecideAsync(other, "A", AlarmState.ClearedAcked, 2);
        await SomebodyWaitsAsync();
        await DecideAsync(serving, "A", AlarmState.ActiveUnacked, 1);
        await Eventually.GetAsync(() =>
            serving.GetAsync($"notifications/{IdOf("A", 1)}"), x => (string)x["status"]! == "Scheduled" && x["retryAt"] is not null);
        await hold.RollbackAsync();
        await later;

        await ToldAsync("A ClearedAcked");
        await ToldAsync("A ActiveUnacked");
        Told("A").Should().Equal("ActiveUnacked", "ClearedAcked");
    }

    private static string IdOf(string alarm, long version) => $"notification-{alarm}{version}";

    private IEnumerable<string> Told(string alarm) =>
        serving.WeCom.Received.Where(x => x.Delivered && x.Text.StartsWith($"{alarm} ", StringComparison.Ordinal)).Select(x => x.Text.Split(' ')[1]);

    private async Task ToldAsync(string text) => await serving.WeCom.WaitForAsync(x => x.Delivered && x.Text == text);

    private async Task<NpgsqlTransaction> HoldUpAsync(string alarm, long version)
    {
        var connection = await database.OpenConnectionAsync();
        var transaction = await connection.BeginTransactionAsync();
        await using var command = new NpgsqlCommand(
            """
            insert into notify.notification (id, position, lane, priority, status, version, attempts, tries, requests_done, alarm_id, alarm_version, rule_id, service_id, receivers, requested_at)
            values ($1, -1, '', 0, '', 0, 0, 0, 0, '', 0, '', '', '{}', now())
            """, connection);
        command.Parameters.AddWithValue(IdOf(alarm, version));
        await command.ExecuteNonQueryAsync();
        return transaction;
    }

    private async Task SomebodyWaitsAsync() => await Eventually.GetAsync(
        async () =>
        {
            await using var command = database.CreateCommand(
                "select exists (select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like '%notify.notification %')");
            return (bool)(await command.ExecuteScalarAsync())!;
        },
        x => x);

    private Task DecideAsync(NotifyHost on, string alarm, AlarmState state, long version) =>
        DecideAsync(on, alarm, state, version, new Receiver("bot", Alias: "Line 1"));

    private async Task DecideAsync(NotifyHost on, string alarm, AlarmState state, long version, params Receiver[] receivers)
    {
        var any = new VersionedRef("x", 1, "x");
        var decided = new DecidedNotification(
            IdOf(alarm, version), $"alarm-{alarm}", alarm, "Site1", AlarmLevel.High, state, TimeProvider.System.GetUtcNow(), Guid.NewGuid(), alarm,
            any,
            new VersionedRef(example.ServiceId, 1, "Plant WeCom"), any, any, "wecom", receivers,
            new RenderedMessage("text", $"{alarm} {state}", Mentions.None), null, version);
        await new MessageBus(on.Services.GetRequiredService<IWolverineRuntime>())
            .InvokeAsync(new NotificationsDecided($"batch-{decided.NotificationId}", [decided]));
    }
}
