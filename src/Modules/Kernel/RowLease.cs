using System.Text.Json.Nodes;
using Npgsql;
using Weasel.Postgresql.Tables;

namespace Notify.Kernel;

/// <summary>
/// Which node works on a row, and until when: its columns <c>node</c> and <c>lease_until</c>. A row whose lease has run out is anybody's. The
/// database's clock counts, so that nodes' clocks need not agree.
/// </summary>
public static class RowLease
{
    /// <summary>What <c>lease_until</c> is where nobody works on the row.</summary>
    public const string Free = "-infinity";

    public static readonly IReadOnlyList<string> Columns = ["node", "lease_until"];

    public static void AddColumns(Table table)
    {
        table.AddColumn<string>("node");
        table.AddColumn("lease_until", "timestamptz").NotNull();
    }

    /// <summary>Takes the oldest open row that nobody works on, or on which this node works already, and extends its lease.</summary>
    /// <param name="open">In SQL: which rows there is work on.</param>
    /// <param name="oldest">The column by which they are in order.</param>
    /// <param name="columns">What <paramref name="read"/> reads of it.</param>
    /// <returns>Null when there is none.</returns>
    public static async Task<T?> ClaimAsync<T>(
        NpgsqlDataSource database, string table, string node, TimeSpan lease, string open, string oldest, string columns,
        Func<NpgsqlDataReader, T> read,
        CancellationToken cancellation)
        where T : class
    {
        await using var command = database.CreateCommand(
            $"""
            update {table} set node = $1, lease_until = now() + $2
            where id = (select id from {table} where {open} and (node = $1 or lease_until < now()) order by {oldest} limit 1 for update skip locked)
            returning {columns}
            """);
        command.Parameters.AddWithValue(node);
        command.Parameters.AddWithValue(lease);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation) ? read(reader) : null;
    }

    /// <summary>
    /// For a row that is made again from its events: who works on it is no fact of the past, so the lease of the present row stays.
    /// </summary>
    /// <param name="present">Null: there is no such row.</param>
    public static void Keep(JsonObject made, JsonObject? present, bool isOpen)
    {
        made["node"] = isOpen ? present?["node"]?.DeepClone() : null;
        made["lease_until"] = present?["lease_until"]?.DeepClone() ?? Free;
    }

    /// <summary>This node works on it no longer; the next need not wait for the lease to run out.</summary>
    public static async Task ReleaseAsync(NpgsqlDataSource database, string table, string id, string node, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"update {table} set lease_until = '{Free}', node = null where id = $1 and node = $2");
        command.Parameters.AddWithValue(id);
        command.Parameters.AddWithValue(node);
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
