using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Notify.Audit.Following;
using Notify.Audit.Proofs.Log;
using Notify.Kernel.Events.Store;
using Npgsql;

namespace Notify.Benchmarks;

/// <summary>What it costs that the history proves itself: entries a second appended and verified, and bytes kept for each.</summary>
internal static class Proofs
{
    private const int Alarms = 30_000;

    public static async Task MeasureAsync(Bench bench)
    {
        await Throughput.MeasureAsync(bench, "a history to prove", connections: 16, batch: 100, total: Alarms);
        await using var database = NpgsqlDataSource.Create(bench.ConnectionString);
        // Asking for a checkpoint follows and signs what is new.
        while (await NumberAsync(database,
            "select count(*) from notify.mt_events where seq_id > (select coalesce(max(last_sequence), 0) from notify.audit_leaves) and type <> 'tombstone'") > 0)
            await bench.Client.GetStringAsync(new Uri("/api/v1/audit/checkpoint", UriKind.Relative));
        var size = await NumberAsync(database, "select max(first + count) from notify.audit_leaves");
        var (rate, cpu) = await AppendAsync(database);
        var bytes = await NumberAsync(database,
            "select sum(pg_total_relation_size(('notify.' || x)::regclass)) from unnest(array['audit_leaves', 'audit_node', 'audit_checkpoint']) x");
        var events = await NumberAsync(database, "select pg_total_relation_size('notify.mt_events')");

        double best = 0;
        var before = bench.Cpu;
        const int Times = 3;
        for (var i = 0; i < Times; i++)
        {
            using var answer = await bench.Client.PostAsJsonAsync("/api/v1/audit/verify", new { });
            var result = await answer.Content.ReadFromJsonAsync<JsonObject>();
            if (result?["valid"]?.GetValue<bool>() != true) throw new InvalidOperationException($"The history does not verify: {result}");
            best = Math.Max(best, result["entries"]!.GetValue<long>() / result["seconds"]!.GetValue<double>());
        }

        var after = bench.Cpu;
        Report.Table(
            ["measured", "is", "aim"],
            ["entries", $"{size:N0}", ""],
            ["verified, best of three", $"{best:N0}/s", "100,000/s"],
            ["CPU of verifying one: Notify", $"{(after.Notify - before.Notify).TotalMicroseconds / Times / size:N1} us", ""],
            ["CPU of verifying one: PostgreSQL", $"{(after.Postgres - before.Postgres).TotalMicroseconds / Times / size:N1} us", ""],
            ["appended, one thread, without reading the events", $"{rate:N0}/s", "15,000/s"],
            ["CPU of appending one, without PostgreSQL's", $"{cpu:N1} us", ""],
            ["bytes of the log for each entry", $"{bytes / (double)size:N0}", ""],
            ["bytes of the events for each, indexes included", $"{events / (double)size:N0}", ""]);
    }

    /// <summary>The whole log once more, in a transaction that is rolled back.</summary>
    private static async Task<(double Rate, double Cpu)> AppendAsync(NpgsqlDataSource database)
    {
        await using var connection = await database.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var truncate = new NpgsqlCommand(
            "truncate notify.audit_leaves, notify.audit_node", connection)) await truncate.ExecuteNonQueryAsync();
        var (log, count, spent, cpu) = (new MerkleLog(), 0L, TimeSpan.Zero, TimeSpan.Zero);
        for (long position = 0; ;)
        {
            var events = new List<EventRow>();
            await using (var read = new NpgsqlCommand(
                $"select {StoredRow.Columns} from {EventTables.Events} e where seq_id > {position} and type <> 'tombstone' order by seq_id limit 4000", connection))
            await using (var reader = await read.ExecuteReaderAsync())
                while (await reader.ReadAsync()) events.Add(StoredRow.Read(reader).ToRow());
            if (events.Count == 0) break;
            var (clock, used) = (Stopwatch.StartNew(), Process.GetCurrentProcess().TotalProcessorTime);
            await log.ApplyAsync(connection, events, CancellationToken.None);
            spent += clock.Elapsed;
            cpu += Process.GetCurrentProcess().TotalProcessorTime - used;
            (position, count) = (events[^1].Sequence, count + events.Count);
        }

        await transaction.RollbackAsync();
        return (count / spent.TotalSeconds, cpu.TotalMicroseconds / count);
    }

    private static async Task<long> NumberAsync(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        return Convert.ToInt64(await command.ExecuteScalarAsync());
    }
}
