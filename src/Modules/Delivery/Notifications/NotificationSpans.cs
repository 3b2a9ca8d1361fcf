using Microsoft.Extensions.Hosting;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Events.Store;
using Npgsql;
using Weasel.Postgresql.Tables;

namespace Notify.Delivery.Notifications;

/// <summary>Which spans of positions contain notifications of a rule, a service or a receiver: one row for each key and each span in which it occurs.
/// A list reads only such spans, so a page is found quickly even if nothing among the newest million matches. The cost is an occasional row; an index
/// would cost one entry or more for each notification, twice.</summary>
public sealed class NotificationSpans(NpgsqlDataSource database, TimeProvider time) : IHostedService, IReadModel
{
    /// <summary>A span has 2,048 positions, which are read in less than a millisecond.</summary>
    private const int Bits = 11;

    private const string Name = $"{Database.Schema}.notification_span";

    /// <summary>The number of spans that are read first; it doubles each time.</summary>
    private const int AtFirst = 4;

    /// <summary>The number of spans that are rebuilt in one transaction.</summary>
    private const int AtOnce = 32;

    /// <summary>The key of a row that marks the spans of notifications older than this table as complete.</summary>
    private const string Complete = "";

    public static readonly OwnedTable Owned = new("notification_span") { Texts = ["key"], RowsAreTexts = true };

    public static Table Table()
    {
        var table = Database.Table("notification_span");
        table.AddColumn<string>("key").AsPrimaryKey();
        table.AddColumn<long>("span").AsPrimaryKey();
        return table;
    }

    public static string OfRule(string id) => $"rule:{id}";

    public static string OfService(string id) => $"service:{id}";

    /// <summary>SQL that adds the spans of new rows, always in the same order, so that two transactions that add the same ones cannot
    /// deadlock.</summary>
    /// <param name="rows">A relation with <c>position, rule_id, service_id, receivers</c>.</param>
    public static string InsertFrom(string rows) =>
        $"""
        insert into {Name} (key, span)
        select distinct k.key, n.position >> {Bits} from {rows} n cross join lateral unnest(array['{OfRule("")}' || n.rule_id, '{OfService("")}' || n.service_id] || n.receivers) k(key)
        order by 1, 2 on conflict do nothing
        """;

    /// <summary>The newest notifications that match, newest first.</summary>
    /// <param name="select">The columns of <c>n</c> to read; the position must be the second.</param>
    public static async Task<List<T>> ReadAsync<T>(
        NpgsqlDataSource database, NotificationFilter filter, string select, Func<NpgsqlDataReader, T> read, int limit,
        CancellationToken cancellation)
    {
        var found = new List<T>();
        var spans = await FindAsync(database, filter, cancellation);
        var sql =
            $"""
            select {select} from unnest({filter.Next}::bigint[]) s(span)
            cross join lateral (
              select * from {NotificationTable.Name} n
              where n.position >= s.span << {Bits} and n.position < (s.span + 1) << {Bits} and {filter} order by n.position desc limit {limit}) n
            order by n.position desc limit {limit}
            """;
        for (var (first, count) = (0, AtFirst); first < spans.Count && found.Count < limit; (first, count) = (first + count, count * 2))
        {
            await using var command = database.CreateCommand(sql);
            foreach (var value in filter.Values) command.Parameters.AddWithValue(value);
            command.Parameters.AddWithValue(spans.Skip(first).Take(count).ToArray());
            await using var reader = await command.ExecuteReaderAsync(cancellation);
            while (found.Count < limit && await reader.ReadAsync(cancellation)) found.Add(read(reader));
        }

        return found;
    }

    /// <summary>Removes spans whose notifications have all expired.</summary>
    public static async Task ForgetAsync(NpgsqlDataSource database, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"""
            delete from {Name} where key <> '{Complete}' and
              span < (select coalesce((select position from {NotificationTable.Name} order by position limit 1), {EventTables.HighestNumber})) >> {Bits}
            """);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Fills the table once, after the upgrade that introduced it.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            $"""
            with n as (select position, rule_id, service_id, receivers from {NotificationTable.Name} where not exists (select from {Name} where key = '{Complete}')),
            done as (insert into {Name} (key, span) values ('{Complete}', 0) on conflict do nothing)
            {InsertFrom("n")}
            """);
        command.CommandTimeout = 0;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    string IReadModel.Name => "notificationSpans";

    IReadOnlyList<string> IReadModel.Tables => ["notification_span"];

    /// <summary>Rebuilds the table from the rows of notifications, some spans at a time. A transaction that adds a span meanwhile waits for some
    /// milliseconds; a span that was just removed is then added again.</summary>
    public async Task<RebuiltRows> RebuildAsync(AuditContext audit, Action<RebuiltRows> report, CancellationToken cancellation)
    {
        await using var last = database.CreateCommand(
            $"select greatest((select max(span) from {Name}), (select max(position) from {NotificationTable.Name}) >> {Bits})");
        var (end, done) = (await last.ExecuteScalarAsync(cancellation) as long? ?? -1, RebuiltRows.None);
        for (var first = 0L; first <= end; first += AtOnce)
        {
            var started = time.GetTimestamp();
            done += await RebuildAsync(first, first == 0, cancellation);
            report(done);
            await Task.Delay(time.GetElapsedTime(started), time, cancellation);
        }

        return done;
    }

    private async Task<RebuiltRows> RebuildAsync(long first, bool before, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await using (var held = new NpgsqlCommand($"lock table {Name} in share row exclusive mode", connection)) await held.ExecuteNonQueryAsync(
            cancellation);
        await using var command = new NpgsqlCommand(
            $"""
            with n as (
              select position, rule_id, service_id, receivers from {NotificationTable.Name}
              where position >= $1::bigint << {Bits} and position < ($1::bigint + {AtOnce}) << {Bits}),
            wanted as materialized (
              select distinct k.key, n.position >> {Bits} as span from n
              cross join lateral unnest(array['{OfRule("")}' || n.rule_id, '{OfService("")}' || n.service_id] || n.receivers) k(key)),
            removed as (
              delete from {Name} s where (s.key <> '{Complete}' or s.span <> 0) and ((s.span >= $1 and s.span < $1 + {AtOnce}) or ($2 and s.span < 0))
                and not exists (select from wanted w where w.key = s.key and w.span = s.span) returning 1),
            added as (
              insert into {Name} (key, span) select key, span from wanted union all select '{Complete}', 0 where $2 on conflict do nothing returning 1)
            select (select count(*) from wanted), (select count(*) from added), (select count(*) from removed)
            """, connection);
        command.Parameters.AddWithValue(first);
        command.Parameters.AddWithValue(before);
        RebuiltRows rows;
        await using (var reader = await command.ExecuteReaderAsync(cancellation))
        {
            await reader.ReadAsync(cancellation);
            rows = new(reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2));
        }

        await transaction.CommitAsync(cancellation);
        return rows;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>The spans in which a key of each group of the filter occurs, newest first.</summary>
    private static async Task<List<long>> FindAsync(NpgsqlDataSource database, NotificationFilter filter, CancellationToken cancellation)
    {
        var others = Enumerable.Range(2, filter.Keys.Count - 1)
            .Select(i => $"and exists (select from {Name} b where b.key = any(${i + 2}) and b.span = a.span)");
        await using var command = database.CreateCommand(
            $"select distinct a.span from {Name} a where a.key = any($3) and a.span >= $1::bigint >> {Bits} and a.span <= $2::bigint >> {Bits} {string.Join(' ', others)} order by 1 desc");
        command.Parameters.AddWithValue(filter.After);
        command.Parameters.AddWithValue(filter.Before);
        foreach (var keys in filter.Keys) command.Parameters.AddWithValue(keys);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var spans = new List<long>();
        while (await reader.ReadAsync(cancellation)) spans.Add(reader.GetInt64(0));
        return spans;
    }
}
