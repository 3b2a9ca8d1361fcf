using Microsoft.Extensions.Hosting;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Events.Store;
using Npgsql;
using Weasel.Postgresql.Tables;

namespace Notify.Delivery.Notifications;

/// <summary>
/// Which spans of positions contain notifications of a rule, a service or a receiver: one row for each of these and each span in which it occurs. A
/// list reads such spans only, so that a page is found quickly even if nothing among the newest million matches. This costs an occasional row; an
/// index would cost one entry or more for each notification, twice.
/// </summary>
public sealed class NotificationSpans(NpgsqlDataSource database, TimeProvider time) : IHostedService, IReadModel
{
    /// <summary>A span has 2,048 positions: gone through in less than a millisecond.</summary>
    private const int Bits = 11;

    private const string Name = $"{Database.Schema}.notification_span";

    /// <summary>Spans looked through at first; then twice as many each time.</summary>
    private const int AtFirst = 4;

    /// <summary>Spans that are rebuilt in one transaction.</summary>
    private const int AtOnce = 32;

    /// <summary>Under this key a row says that the notifications which are older than this table have their spans.</summary>
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

    /// <summary>SQL that adds the spans of new rows; in one order, so that two transactions that add the same ones cannot deadlock.</summary>
    /// <param name="rows">Have <c>position, rule_id, service_id, receivers</c>.</param>
    public static string InsertFrom(string rows) =>
        $"""
        insert into {Name} (key, span)
        select distinct k.key, n.position >> {Bits} from {rows} n cross join lateral unnest(array['{OfRule("")}' || n.rule_id, '{OfService("")}' || n.service_id] || n.receivers) k(key)
        order by 1, 2 on conflict do nothing
        """;

    /// <summary>The newest notifications that fit, newest first.</summary>
    /// <param name="select">What is read of <c>n</c>; the position comes second.</param>
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

    /// <summary>Once, after the upgrade that brought this table.</summary>
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

    /// <summary>From the rows of notifications, some spans at a time. Whoever adds a span meanwhile waits for some milliseconds: one that is just
    /// taken away is added again.</summary>
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

    /// <summary>The spans where all that the filter names occurs, newest first.</summary>
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
