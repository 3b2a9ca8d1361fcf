using Marten;
using Notify.Kernel;
using Npgsql;
using Weasel.Postgresql;
using Weasel.Postgresql.Tables;

namespace Notify.Delivery.Lanes;

/// <summary>One row for each lane: which node serves it, until when, and when it last sent.</summary>
public static class LaneTable
{
    public const string Name = $"{Database.Schema}.lane";

    public static Table Table()
    {
        var table = Database.Table("lane");
        table.AddColumn<string>("id").AsPrimaryKey();
        table.AddColumn<string>("node");
        table.AddColumn("lease_until", "timestamptz").NotNull();
        table.AddColumn("sent", "timestamptz[]").NotNull();
        return table;
    }

    public static void QueueInsert(IDocumentSession session, string[] lanes)
    {
        if (lanes.Length == 0) return;
        Array.Sort(lanes, StringComparer.Ordinal);
        session.QueueSqlCommand(
            $"insert into {Name} (id, lease_until, sent) select x, '-infinity', '{{}}' from unnest(?) x on conflict (id) do nothing", new object[] { lanes });
    }

    /// <summary>Extends this node's leases and takes lanes that nobody serves, up to its share. The database's clock counts, so that nodes' clocks need not agree.</summary>
    /// <returns>The lanes this node serves now, each with the times of its last sends.</returns>
    public static async Task<List<(string Lane, DateTime[] Sent)>> ClaimAsync(NpgsqlDataSource database, string node, TimeSpan lease, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"""
            with seen as ({LaneNodes.Seen})
            update {Name} set node = $1, lease_until = now() + $2
            where id in (
              select id from (select id from {Name} where node = $1 order by id collate "C" for update) own
              union all
              select id from (
                select id from {Name} where node is distinct from $1 and lease_until < now() order by id
                limit greatest(0, {LaneNodes.Share} - (select count(*) from {Name} where node = $1)) for update skip locked) free)
            returning id, sent
            """);
        command.Parameters.AddWithValue(node);
        command.Parameters.AddWithValue(lease);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var lanes = new List<(string, DateTime[])>();
        while (await reader.ReadAsync(cancellation)) lanes.Add((reader.GetString(0), reader.GetFieldValue<DateTime[]>(1)));
        return lanes;
    }

    /// <summary>Whoever served a lane is gone.</summary>
    public static async Task ForgetNodesAsync(NpgsqlDataSource database, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"with gone as ({LaneNodes.AllGone}) update {Name} set lease_until = '-infinity', node = null where node is not null");
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Extends this node's leases, and takes nothing.</summary>
    public static async Task RenewAsync(NpgsqlDataSource database, string node, TimeSpan lease, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"update {Name} set lease_until = now() + $2 where node = $1");
        command.Parameters.AddWithValue(node);
        command.Parameters.AddWithValue(lease);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>This node ends: whatever it serves is free, and nobody leaves a share to it.</summary>
    public static async Task ReleaseAllAsync(NpgsqlDataSource database, string node, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"with gone as ({LaneNodes.Gone}) update {Name} set lease_until = '-infinity', node = null where node = $1");
        command.Parameters.AddWithValue(node);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    public static async Task ReleaseAsync(NpgsqlDataSource database, string node, string[] lanes, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"update {Name} set lease_until = '-infinity', node = null where node = $1 and id = any($2)");
        command.Parameters.AddWithValue(node);
        command.Parameters.AddWithValue(lanes);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Keeps what counts towards the platform's limit, so that a restart or a takeover goes on at the same pace.</summary>
    public static void QueueSent(IDocumentSession session, string lane, IReadOnlyCollection<DateTimeOffset> sent) =>
        session.QueueSqlCommand($"update {Name} set sent = ? where id = ?", sent.ToArray(), lane);

    /// <summary>When a lane that another node serves, or none yet, last sent.</summary>
    public static async Task<DateTime[]> ReadSentAsync(NpgsqlDataSource database, string lane, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"select sent from {Name} where id = $1");
        command.Parameters.AddWithValue(lane);
        return await command.ExecuteScalarAsync(cancellation) as DateTime[] ?? [];
    }

    /// <summary>What was sent past the lane counts too. What is long past is dropped, since nothing else might.</summary>
    public static void QueueMoreSent(IDocumentSession session, string lane, DateTimeOffset at, int messages) =>
        session.QueueSqlCommand(
            $"update {Name} set sent = array(select x from unnest(sent) x where x > ?) || ? where id = ?",
            at - (2 * Pace.Window), Enumerable.Repeat(at, messages).ToArray(), lane);
}
