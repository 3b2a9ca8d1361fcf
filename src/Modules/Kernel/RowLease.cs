using System.Text.Json.Nodes;
using Npgsql;
using Weasel.Postgresql.Tables;

namespace Notify.Kernel;

/// <summary>
/// Which node works on a row, and until when: its columns <c>node</c> and <c>lease_until</c>. Any node may take a row whose lease has expired.
/// Times are those of the database's clock, so that the nodes' clocks need not agree.
/// </summary>
public static class RowLease
{
    /// <summary>The value of <c>lease_until</c> while no node works on the row.</summary>
    public const string Free = "-infinity";

    public static readonly IReadOnlyList<string> Columns = ["node", "lease_until"];

    public static void AddColumns(Table table)
    {
        table.AddColumn<string>("node");
        table.AddColumn("lease_until", "timestamptz").NotNull();
    }

    /// <summary>Takes the oldest open row on which no other node works, and extends its lease.</summary>
    /// <param name="open">SQL condition: which rows need work.</param>
    /// <param name="oldest">The column by which rows are ordered.</param>
    /// <param name="columns">The columns that <paramref name="read"/> reads.</param>
    /// <returns>Null if there is none.</returns>
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
    /// For a row that is rebuilt from its events: keeps the current row's lease, which is not part of the history.
    /// </summary>
    /// <param name="present">The current row; null: there is none.</param>
    public static void Keep(JsonObject made, JsonObject? present, bool isOpen)
    {
        made["node"] = isOpen ? present?["node"]?.DeepClone() : null;
        made["lease_until"] = present?["lease_until"]?.DeepClone() ?? Free;
    }

    /// <summary>Ends this node's work, so that the next node need not wait until the lease expires.</summary>
    public static async Task ReleaseAsync(NpgsqlDataSource database, string table, string id, string node, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"update {table} set lease_until = '{Free}', node = null where id = $1 and node = $2");
        command.Parameters.AddWithValue(id);
        command.Parameters.AddWithValue(node);
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
