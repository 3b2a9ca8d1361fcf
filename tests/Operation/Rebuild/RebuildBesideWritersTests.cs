using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Testing;
using Npgsql;

namespace Notify.Operation.Tests.Rebuild;

/// <summary>A rebuild makes writers wait only for what it still has to read when it has locked their rows.</summary>
public sealed class RebuildBesideWritersTests
{
    [Fact]
    public async Task what_there_is_is_read_before_rows_are_locked_and_under_the_lock_only_what_came_meanwhile()
    {
        await using var host = await NotifyHost.StartAsync();
        string[] names = ["Pump", "Motor"], states = ["ActiveUnacked", "ClearedUnacked"];
        var ids = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < 10; i++)
            foreach (var name in names) ids[await ReportAsync(name, states[i % 2])] = name;
        string[] ordered = [.. ids.Keys.Order(StringComparer.Ordinal)];
        var database = host.Services.GetRequiredService<NpgsqlDataSource>();
        await host.ExecuteAsync("update notify.alarm set changed = changed + 1000000");
        var before = await NumberAsync("count(*)");

        var model = new CountedAlarms(database, host.Services.GetRequiredService<EventCatalog>());
        Task<RebuiltRows> rebuild;
        await using (var connection = await database.OpenConnectionAsync())
        await using (var transaction = await connection.BeginTransactionAsync())
        {
            await using var hold = new NpgsqlCommand($"select from notify.alarm where id = '{ordered[0]}' for update", connection);
            await hold.ExecuteNonQueryAsync();
            rebuild = model.RebuildAsync(AuditContext.OfSystem("test"), _ => { }, default);
            await Eventually.GetAsync(
                () => ScalarAsync(
                    "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like '%for update of t%'"),
                x => x > 0);
            model.Applied.Should().Be(before, "all is read, and nothing is locked yet but the row that it waits for");
            await ReportAsync(ids[ordered[1]], "ActiveUnacked");
        }

        (await rebuild).Unreadable.Should().Be(0);
        var after = await NumberAsync("count(*)");
        after.Should().BeGreaterThan(before);
        model.Applied.Should().Be(after, "each event was read once");
        foreach (var id in ordered)
            (await ScalarAsync($"select changed from notify.alarm where id = '{id}'")).Should().Be(await NumberAsync("max(seq_id)", id));

        async Task<string> ReportAsync(string name, string state) =>
            (string)(await host.PostAsync("alarms", new { alarms = new[] { new { name, path = "Site1", level = "High", state } } }))["accepted"]![0]!["alarmId"]!;

        Task<long> NumberAsync(string what, string id = "") =>
            ScalarAsync($"select {what} from notify.mt_events where stream_id like 'alarm-%' and stream_id like '{id}%'");

        async Task<long> ScalarAsync(string sql)
        {
            await using var command = database.CreateCommand(sql);
            return (long)(await command.ExecuteScalarAsync())!;
        }
    }

    private sealed class CountedAlarms(NpgsqlDataSource database, EventCatalog catalog)
        : StreamRows<string>(database, catalog, TimeProvider.System)
    {
        private long applied;

        public long Applied => Interlocked.Read(ref applied);

        public override string Name => "counted";

        protected override string Kind => "alarm";
        protected override string Table => "alarm";
        protected override IReadOnlyList<string> Columns => ["changed"];

        protected override string Apply(string? state, AttributedEvent e)
        {
            Interlocked.Increment(ref applied);
            return e.Event.StreamId;
        }

        protected override JsonObject? RowOf(Folded stream, JsonObject? row, DateTimeOffset now) => new() { ["changed"] = stream.Last.Sequence };
    }
}
