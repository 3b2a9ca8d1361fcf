using System.Text.Json;
using Marten;
using Notify.Delivery.Changes;
using Notify.Kernel;
using Notify.Kernel.Events;
using Npgsql;
using Weasel.Postgresql.Tables;

namespace Notify.Delivery.Bulk;

/// <summary>A bulk operation that is being worked on here.</summary>
/// <param name="Audit">Who asked for it; null: somebody has changed its row, and it cannot be carried out.</param>
public sealed record OpenBulk(string Id, NotificationVerb Verb, string? Reason, AuditContext? Audit);

/// <summary>What is to be done with which notification, and what became of it. The rows are the work: whoever takes it up continues where the last
/// one ended.</summary>
public static class BulkTable
{
    private const string Name = $"{Database.Schema}.bulk";
    private const string Items = $"{Database.Schema}.bulk_item";

    private const string IsOpen = "completed_at is null";

    public static readonly OwnedTable[] Owned =
    [
        new("bulk") { Texts = ["reason", "audit"], Stream = "id", Open = IsOpen, UnderWay = IsOpen },
        new("bulk_item") { Stream = "bulk_id" },
    ];

    public static IEnumerable<Table> Tables()
    {
        var table = Database.Table("bulk");
        table.AddColumn<string>("id").AsPrimaryKey();
        table.AddColumn<string>("verb").NotNull();
        table.AddColumn<string>("reason");
        table.AddColumn("audit", "jsonb").NotNull();
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

    public static void QueueInsert(IDocumentSession session, OpenBulk bulk, IReadOnlyList<string> ids, DateTimeOffset now)
    {
        session.QueueSqlCommand(
            $"insert into {Name} (id, verb, reason, audit, total, requested_at, lease_until) values (?, ?, ?::text, ?::jsonb, ?, ?, '{RowLease.Free}')",
            bulk.Id, bulk.Verb.ToString(), (object?)bulk.Reason ?? DBNull.Value, JsonSerializer.Serialize(bulk.Audit, NotifyJson.Options), ids.Count,
            now);
        session.QueueSqlCommand(
            $"insert into {Items} (bulk_id, position, notification_id) select ?, x.n, x.id from unnest(?) with ordinality as x(id, n)", bulk.Id,
            ids.ToArray());
    }

    /// <summary>The oldest that is open and that nobody works on, or that this node works on already.</summary>
    public static Task<OpenBulk?> ClaimAsync(NpgsqlDataSource database, string node, TimeSpan lease, CancellationToken cancellation) =>
        RowLease.ClaimAsync(
        database, Name, node, lease, IsOpen, "requested_at", "id, verb, reason, audit",
        reader => Read(reader.GetString(0), reader.GetString(1), reader.IsDBNull(2) ? null : reader.GetString(2), reader.GetString(3)), cancellation);

    private static OpenBulk Read(string id, string verb, string? reason, string audit)
    {
        try
        {
            return new OpenBulk(id, Enum.Parse<NotificationVerb>(verb), reason, JsonSerializer.Deserialize<AuditContext>(audit, NotifyJson.Options));
        }
        catch (Exception e) when (EventRecord.IsUnreadable(e))
        {
            return new OpenBulk(id, default, reason, null);
        }
    }

    /// <summary>
    /// Nobody can carry out one that cannot be read: all that is left of it has failed, and it does not keep the others from their turn.
    /// </summary>
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

    public static async Task<List<string>> NextAsync(NpgsqlDataSource database, string bulk, int most, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"select notification_id from {Items} where bulk_id = $1 and outcome is null order by position limit {most}");
        command.Parameters.AddWithValue(bulk);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var ids = new List<string>();
        while (await reader.ReadAsync(cancellation)) ids.Add(reader.GetString(0));
        return ids;
    }

    public static void QueueOutcomes(IDocumentSession session, string bulk, IReadOnlyList<NotificationChanged> outcomes) =>
        session.QueueSqlCommand(
            $"update {Items} i set outcome = x.outcome, new_id = x.new_id from unnest(?, ?, ?) as x(id, outcome, new_id) where i.bulk_id = ? and i.notification_id = x.id",
            outcomes.Select(x => x.Id).ToArray(), outcomes.Select(x => x.Outcome).ToArray(), outcomes.Select(x => x.NotificationId).ToArray(), bulk);

    public static void QueueCompleted(IDocumentSession session, string bulk, DateTimeOffset now) =>
        session.QueueSqlCommand($"update {Name} set completed_at = ?, node = null where id = ?", now, bulk);

    /// <summary>Null: there is none with this id.</summary>
    public static async Task<BulkView?> ReadAsync(NpgsqlDataSource database, string id, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"""
            select b.verb, b.reason, b.total, b.requested_at, b.completed_at, array_agg(o.outcome) filter (where o.outcome is not null), array_agg(o.n) filter (where o.outcome is not null)
            from {Name} b left join (select outcome, count(*)::int as n from {Items} where bulk_id = $1 and outcome is not null group by outcome) o on true
            where b.id = $1 group by b.id
            """);
        command.Parameters.AddWithValue(id);
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

    /// <summary>In the order in which they were chosen, those behind <paramref name="after"/>.</summary>
    public static async Task<List<(int Position, NotificationChanged Item)>> ReadItemsAsync(
        NpgsqlDataSource database, string id, int after, int limit, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"select position, notification_id, coalesce(outcome, 'waiting'), new_id from {Items} where bulk_id = $1 and position > $2 order by position limit {limit}");
        command.Parameters.AddWithValue(id);
        command.Parameters.AddWithValue(after);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var items = new List<(int, NotificationChanged)>();
        while (await reader.ReadAsync(cancellation))
            items.Add((reader.GetInt32(0), new NotificationChanged(
                reader.GetString(1), reader.GetString(2), reader.IsDBNull(3) ? null : reader.GetString(3))));
        return items;
    }
}
