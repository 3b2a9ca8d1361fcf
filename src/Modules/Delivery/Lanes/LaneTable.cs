using System.Data.Common;
using Marten;
using Notify.Kernel;
using Notify.Kernel.Resources;
using Npgsql;
using Weasel.Postgresql.Tables;

namespace Notify.Delivery.Lanes;

/// <summary>A lane that this node serves now, as stored.</summary>
public sealed record ClaimedLane(string Id, LaneBlock? Block);

/// <summary>One row for each lane: which node serves it, until when, and whether it is blocked.</summary>
public static class LaneTable
{
    public const string Name = $"{Database.Schema}.lane";
    public const string BlockColumns = "blocked_at, blocked_code, blocked_message, blocked_ip, probe_at";

    public static readonly OwnedTable Owned = new("lane") { Texts = ["blocked_message"] };

    public static Table Table()
    {
        var table = Database.Table("lane");
        table.AddColumn<string>("id").AsPrimaryKey();
        RowLease.AddColumns(table);
        table.AddColumn("blocked_at", "timestamptz");
        table.AddColumn<string>("blocked_code");
        table.AddColumn<string>("blocked_message");
        table.AddColumn<string>("blocked_ip");
        table.AddColumn("probe_at", "timestamptz");
        return table;
    }

    public static void QueueInsert(IDocumentSession session, string[] lanes)
    {
        if (lanes.Length == 0) return;
        Array.Sort(lanes, StringComparer.Ordinal);
        session.QueueSqlCommand(
            $"insert into {Name} (id, lease_until) select x, '{RowLease.Free}' from unnest(?) x on conflict (id) do nothing", new object[] { lanes });
    }

    /// <summary>Extends this node's leases and takes lanes that nobody serves, up to its share. Leases are measured by the database's clock, so the
    /// nodes' clocks need not agree.</summary>
    /// <returns>The lanes that this node serves now, and the configuration's version; 0 when it serves none.</returns>
    public static async Task<(List<ClaimedLane> Lanes, long ConfigurationVersion)> ClaimAsync(
        NpgsqlDataSource database, string node, TimeSpan lease, CancellationToken cancellation)
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
            returning id, coalesce((select version from {Database.Schema}.configuration_stamp), 0), {BlockColumns}
            """);
        command.Parameters.AddWithValue(node);
        command.Parameters.AddWithValue(lease);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var (lanes, version) = (new List<ClaimedLane>(), 0L);
        while (await reader.ReadAsync(cancellation))
        {
            lanes.Add(new ClaimedLane(reader.GetString(0), ReadBlock(reader, 2)));
            version = reader.GetInt64(1);
        }

        return (lanes, version);
    }

    /// <summary>Removes all nodes and their leases.</summary>
    public static async Task ForgetNodesAsync(NpgsqlDataSource database, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"with gone as ({LaneNodes.AllGone}) update {Name} set lease_until = '{RowLease.Free}', node = null where node is not null");
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Extends this node's leases without taking further lanes.</summary>
    public static async Task RenewAsync(NpgsqlDataSource database, string node, TimeSpan lease, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"update {Name} set lease_until = now() + $2 where node = $1");
        command.Parameters.AddWithValue(node);
        command.Parameters.AddWithValue(lease);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>For a node that stops: its lanes become free, and it no longer counts for the shares.</summary>
    public static async Task ReleaseAllAsync(NpgsqlDataSource database, string node, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"with gone as ({LaneNodes.Gone}) update {Name} set lease_until = '{RowLease.Free}', node = null where node = $1");
        command.Parameters.AddWithValue(node);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    public static async Task ReleaseAsync(NpgsqlDataSource database, string node, string[] lanes, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            $"update {Name} set lease_until = '{RowLease.Free}', node = null where node = $1 and id = any($2)");
        command.Parameters.AddWithValue(node);
        command.Parameters.AddWithValue(lanes);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    public static void QueueBlock(IDocumentSession session, string lane, LaneBlock block) =>
        session.QueueSqlCommand(
            $"update {Name} set blocked_at = ?, blocked_code = ?::text, blocked_message = ?::text, blocked_ip = ?::text, probe_at = ? where id = ?",
            block.Since, (object?)block.PlatformCode ?? DBNull.Value, (object?)block.PlatformMessage ?? DBNull.Value,
            (object?)block.EgressIp ?? DBNull.Value, block.ProbeAt, lane);

    public static void QueuePostpone(IDocumentSession session, string lane, DateTimeOffset until) =>
        session.QueueSqlCommand($"update {Name} set probe_at = ? where id = ?", until, lane);

    public static void QueueMend(IDocumentSession session, string lane) =>
        session.QueueSqlCommand(
            $"update {Name} set blocked_at = null, blocked_code = null, blocked_message = null, blocked_ip = null, probe_at = null where id = ?",
            lane);

    /// <summary>The blocked lanes, by id.</summary>
    public static async Task<Dictionary<string, LaneBlock>> BlockedAsync(NpgsqlDataSource database, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"select id, {BlockColumns} from {Name} where blocked_at is not null");
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var blocked = new Dictionary<string, LaneBlock>(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellation)) blocked[reader.GetString(0)] = ReadBlock(reader, 1)!;
        return blocked;
    }

    /// <param name="i">The index of the first of <see cref="BlockColumns"/>.</param>
    public static LaneBlock? ReadBlock(DbDataReader reader, int i) =>
        reader.IsDBNull(i) ? null : new LaneBlock(
            reader.GetFieldValue<DateTimeOffset>(i), reader.IsDBNull(i + 1) ? null : reader.GetString(i + 1),
            reader.IsDBNull(i + 2) ? null : reader.GetString(i + 2), reader.IsDBNull(i + 3) ? null : reader.GetString(i + 3))
        { ProbeAt = reader.GetFieldValue<DateTimeOffset>(i + 4) };
}
