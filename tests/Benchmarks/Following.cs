using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Npgsql;

namespace Notify.Benchmarks;

/// <summary>
/// What following an event costs, by itself: the store is filled by SQL while the follower is held, PostgreSQL puts what was filled behind it, and
/// then the follower catches up. Processor time, since the machine is often shared.
/// </summary>
internal static class Following
{
    private const int Alarms = 60_000;

    public static async Task MeasureAsync(Bench bench)
    {
        await using var database = NpgsqlDataSource.Create(bench.SuperuserConnectionString + ";Database=notify;Command Timeout=600");
        await AuditPages.ExecuteAsync(database, AuditPages.RuleStream);
        await FollowAsync(bench, database, 0, 30_000);
        var (events, notify, postgres, wal, memory) = await FollowAsync(bench, database, 30_000, 30_000 + Alarms);
        Report.Table(
            ["following one event", "is"],
            ["events", $"{events:N0}"],
            ["Notify", $"{notify / events:N2} us"],
            ["PostgreSQL", $"{postgres / events:N2} us"],
            ["WAL", $"{wal / (double)events:N0} bytes"],
            ["rows of the index for each", $"{await RowsAsync(database) / events:N3}"],
            ["resident memory of Notify", $"{memory:N0} MB"]);
    }

    private static async Task<(long Events, double Notify, double Postgres, long Wal, double Memory)> FollowAsync(
        Bench bench, NpgsqlDataSource database, int from, int to)
    {
        await using (var held = await database.OpenConnectionAsync())
        await using (var transaction = await held.BeginTransactionAsync())
        {
            await using (var hold = new NpgsqlCommand("select from notify.follower_step for update", held)) await hold.ExecuteNonQueryAsync();
            for (; from < to; from += 10_000) await AuditPages.FillAsync(database, from, Math.Min(from + 10_000, to));
            await transaction.RollbackAsync();
            await AuditPages.ExecuteAsync(database, "vacuum analyze notify.mt_events");
            await AuditPages.ExecuteAsync(database, "checkpoint");
        }

        var (before, lag, wal) = (bench.Cpu, await LagAsync(bench), await NumberAsync(database, "select pg_current_wal_insert_lsn() - '0/0'"));
        var waiting = lag;
        for (; lag > 0; lag = await LagAsync(bench)) await Task.Delay(100);
        var after = bench.Cpu;
        return (waiting, (after.Notify - before.Notify).TotalMicroseconds, (after.Postgres - before.Postgres).TotalMicroseconds,
            (long)(await NumberAsync(database, "select pg_current_wal_insert_lsn() - '0/0'") - wal), bench.ResidentMegabytes);
    }

    private static Task<double> RowsAsync(NpgsqlDataSource database) =>
        NumberAsync(database, $"select count(*) * {Alarms} / {30_000 + Alarms} from notify.audit_posting");

    private static async Task<long> LagAsync(Bench bench) =>
        (await bench.Client.GetFromJsonAsync<JsonObject>("/api/v1/audit/rebuild"))!["lag"]!.GetValue<long>();

    private static async Task<double> NumberAsync(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        return Convert.ToDouble(await command.ExecuteScalarAsync(), CultureInfo.InvariantCulture);
    }
}
