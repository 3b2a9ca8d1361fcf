using Marten;
using Notify.Delivery.Changes;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Events.Store;
using Npgsql;
using NpgsqlTypes;
using Weasel.Postgresql.Tables;

namespace Notify.Delivery.Bulk;

/// <summary>Bulk operations, the outcome of each chosen notification, and the node that performs an operation. The work itself, and on whose behalf
/// it is done, is read from the events (<see cref="BulkOperation"/>).</summary>
public static class BulkTable
{
    private const string Name = $"{Database.Schema}.bulk";
    private const string Items = $"{Database.Schema}.bulk_item";

    private const string IsOpen = "completed_at is null";

    public static readonly OwnedTable[] Owned =
    [
        new("bulk") { Texts = ["reason"], Stream = "id", Open = IsOpen, UnderWay = IsOpen },
        new("bulk_item") { Stream = "bulk_id" },
    ];

    public static IEnumerable<Table> Tables()
    {
        var table = Database.Table("bulk");
        table.AddColumn<string>("id").AsPrimaryKey();
        table.AddColumn<string>("verb").NotNull();
        table.AddColumn<string>("reason");
        table.AddColumn<int>("total").NotNull();
        table.AddColumn("requested_at", "timestamptz").NotNull();
        table.AddColumn("completed_at", "timestamptz");
        RowLease.AddColumns(table);
        yield return table;
        var items = Database.Table("bulk_item");
        items.AddColumn<string>("bulk_id").AsPrimaryKey();
        items.AddColumn<int>("position").AsPrimaryKey();
        items.AddColumn<string>("notification_id").NotNull();
        items.AddColumn<string>("outcome");
        items.AddColumn<string>("new_id");
        yield return items;
    }

    public static void QueueInsert(IDocumentSession session, string id, BulkRequested bulk, IReadOnlyList<string> ids, DateTimeOffset now)
    {
        session.QueueSqlCommand(
            $"insert into {Name} (id, verb, reason, total, requested_at, lease_until) values (?, ?, ?::text, ?, ?, '{RowLease.Free}')",
            id, bulk.Verb.ToString(), (object?)bulk.Reason ?? DBNull.Value, ids.Count, now);
        session.QueueSqlCommand(
            $"insert into {Items} (bulk_id, position, notification_id) select ?, x.n, x.id from unnest(?) with ordinality as x(id, n)", id,
            ids.ToArray());
    }

    /// <summary>Claims the oldest open operation that no other node performs; one that this node performs already is kept.</summary>
    /// <returns>Its id.</returns>
    public static Task<string?> ClaimAsync(NpgsqlDataSource database, string node, TimeSpan lease, CancellationToken cancellation) =>
        RowLease.ClaimAsync(database, Name, node, lease, IsOpen, "requested_at", "id", reader => reader.GetString(0), cancellation);

    /// <summary>Ends an operation whose events cannot be read: its remaining notifications get the outcome <c>error</c>, so that other operations
    /// need not wait.</summary>
    public static async Task GiveUpAsync(NpgsqlDataSource database, string id, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"""
            with items as (update {Items} set outcome = 'error' where bulk_id = $1 and outcome is null)
            update {Name} set completed_at = $2, node = null where id = $1
            """);
        command.Parameters.AddWithValue(id);
        command.Parameters.AddWithValue(now);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Locks the operation's row before its event is appended, in the same order as when the rows are rebuilt.</summary>
    public static void QueueHold(IDocumentSession session, string bulk) =>
        session.QueueSqlCommand($"update {Name} set node = node where id = ?", bulk);

    public static void QueueOutcomes(IDocumentSession session, string bulk, IReadOnlyList<NotificationChanged> outcomes) =>
        session.QueueSqlCommand(
            $"update {Items} i set outcome = x.outcome, new_id = x.new_id from unnest(?, ?, ?) as x(id, outcome, new_id) where i.bulk_id = ? and i.notification_id = x.id",
            outcomes.Select(x => x.Id).ToArray(), outcomes.Select(x => x.Outcome).ToArray(), outcomes.Select(x => x.NotificationId).ToArray(), bulk);

    public static void QueueCompleted(IDocumentSession session, string bulk, DateTimeOffset now) =>
        session.QueueSqlCommand($"update {Name} set completed_at = ?, node = null where id = ?", now, bulk);

    /// <summary>Null: the operation does not exist.</summary>
    public static async Task<BulkView?> ReadAsync(NpgsqlDataSource database, string id, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"""
            select b.verb, b.reason, case when $2::text is null then b.total else (select count(*)::int from {Items} i where bulk_id = $1 and {Seen("$2")}) end,
              b.requested_at, b.completed_at, array_agg(o.outcome) filter (where o.outcome is not null), array_agg(o.n) filter (where o.outcome is not null)
            from {Name} b left join (
              select outcome, count(*)::int as n from {Items} i where bulk_id = $1 and outcome is not null and {Seen("$2")} group by outcome) o on true
            where b.id = $1 group by b.id
            """);
        command.Parameters.AddWithValue(id);
        command.Parameters.Add(Paths());
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        if (!await reader.ReadAsync(cancellation)) return null;
        var outcomes = reader.IsDBNull(5)
            ? [] : reader.GetFieldValue<string[]>(5).Zip(reader.GetFieldValue<int[]>(6)).ToDictionary(StringComparer.Ordinal);
        return new BulkView(
            id, Enum.TryParse<NotificationVerb>(reader.GetString(0), out var verb)
            ? verb : default, reader.IsDBNull(1) ? null : reader.GetString(1), reader.IsDBNull(4) ? "running" : "completed",
            reader.GetInt32(2), outcomes.Values.Sum(), outcomes, reader.GetFieldValue<DateTimeOffset>(3), reader.IsDBNull(4)
            ? null : reader.GetFieldValue<DateTimeOffset>(4));
    }

    /// <summary>Corrects the rows of chosen notifications to agree with the events.</summary>
    public static async Task<RebuiltRows> RebuildItemsAsync(
        NpgsqlConnection connection, IReadOnlyList<BulkOperation> bulks, CancellationToken cancellation)
    {
        var items = bulks.SelectMany(bulk => bulk.Chosen.Select((x, i) => (Bulk: bulk.Id, Position: i + 1, x.Id, x.Outcome))).ToList();
        await using var command = new NpgsqlCommand(
            $"""
            with w as materialized (
              select * from unnest($2::text[], $3::int[], $4::text[], $5::text[], $6::text[]) as w(bulk_id, position, notification_id, outcome, new_id)),
            changed as (
              update {Items} i set notification_id = w.notification_id, outcome = w.outcome, new_id = w.new_id from w
              where i.bulk_id = w.bulk_id and i.position = w.position
                and (i.notification_id, i.outcome, i.new_id) is distinct from (w.notification_id, w.outcome, w.new_id) returning 1),
            made as (
              insert into {Items} (bulk_id, position, notification_id, outcome, new_id) select * from w
              where not exists (select from {Items} i where i.bulk_id = w.bulk_id and i.position = w.position) returning 1),
            removed as (
              delete from {Items} i where i.bulk_id = any($1)
                and not exists (select from w where w.bulk_id = i.bulk_id and w.position = i.position) returning 1)
            select (select count(*) from w), (select count(*) from changed) + (select count(*) from made), (select count(*) from removed)
            """, connection);
        command.Parameters.AddWithValue(bulks.Select(x => x.Id).ToArray());
        command.Parameters.AddWithValue(items.ConvertAll(x => x.Bulk).ToArray());
        command.Parameters.AddWithValue(items.ConvertAll(x => x.Position).ToArray());
        command.Parameters.AddWithValue(items.ConvertAll(x => x.Id).ToArray());
        command.Parameters.Add(Texts(items.ConvertAll(x => x.Outcome?.Outcome)));
        command.Parameters.Add(Texts(items.ConvertAll(x => x.Outcome?.NotificationId)));
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        await reader.ReadAsync(cancellation);
        return new(reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2));

        static NpgsqlParameter Texts(List<string?> values) =>
            new() { Value = values.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text };
    }

    /// <returns>How many rows belonged to no operation and were removed.</returns>
    public static async Task<int> RemoveInventedItemsAsync(NpgsqlDataSource database, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"delete from {Items} i where not exists (select from {Name} b where b.id = i.bulk_id)");
        return await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>In the order in which they were chosen, those after position <paramref name="after"/>.</summary>
    public static async Task<List<(int Position, NotificationChanged Item)>> ReadItemsAsync(
        NpgsqlDataSource database, string id, int after, int limit, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"""
            select position, notification_id, coalesce(outcome, 'waiting'), new_id from {Items} i
            where bulk_id = $1 and position > $2 and {Seen("$3")} order by position limit {limit}
            """);
        command.Parameters.AddWithValue(id);
        command.Parameters.AddWithValue(after);
        command.Parameters.Add(Paths());
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var items = new List<(int, NotificationChanged)>();
        while (await reader.ReadAsync(cancellation))
            items.Add((reader.GetInt32(0), new NotificationChanged(
                reader.GetString(1), reader.GetString(2), reader.IsDBNull(3) ? null : reader.GetString(3))));
        return items;
    }

    /// <summary>A condition for notifications within the caller's paths; the operation itself may include others.</summary>
    private static string Seen(string paths) =>
        $"({paths}::text is null or exists (select 1 from {EventTables.Events} e where e.stream_id = i.notification_id and e.version = 1 and e.data->>'alarmPath' ~* {paths}))";

    private static NpgsqlParameter Paths() =>
        new() { Value = (object?)PathLimit.Current.Expression ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text };
}
