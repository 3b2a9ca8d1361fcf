using System.Buffers.Binary;
using System.Globalization;
using Notify.Audit.Following;
using Npgsql;

namespace Notify.Audit.Index;

/// <summary>
/// What remains to be done in the index after events lost content, because it was erased or expired: their blocks are rewritten from what is left of
/// the events, and then the texts that no event has any more are deleted. The list is in the row of the index's format.
/// </summary>
internal static class IndexTidying
{
    /// <summary>Queues blocks, in the follower's transaction.</summary>
    public static async Task QueueAsync(NpgsqlConnection connection, IEnumerable<int> blocks, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"""
            update {AuditTables.Term} set detail = array_to_string(array(select distinct x from unnest(string_to_array(coalesce(detail, ''), ' ') || $1) x), ' ')
            where term = 0
            """, connection);
        command.Parameters.AddWithValue(blocks.Select(Word).ToArray());
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>The next queued block; -1: all are rewritten, and texts remain to be deleted; null: nothing remains.</summary>
    public static async Task<int?> NextAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand($"select split_part(detail, ' ', 1) from {AuditTables.Term} where term = 0", connection);
        return await command.ExecuteScalarAsync(cancellation) switch
        {
            "" => -1,
            string block => int.Parse(block[1..], CultureInfo.InvariantCulture),
            _ => null,
        };
    }

    /// <summary>A block was rewritten, in the caller's transaction.</summary>
    public static async Task DoneAsync(NpgsqlConnection connection, int block, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"update {AuditTables.Term} set detail = array_to_string(array_remove(string_to_array(detail, ' '), $1), ' ') where term = 0", connection);
        command.Parameters.AddWithValue(Word(block));
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Deletes the terms that occur nowhere. Reads all postings, and lets the follower wait only for the newest.</summary>
    public static async Task DropTermsAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        var generation = await AuditIndex.CurrentGenerationAsync(connection, cancellation);
        var position = await PositionAsync(connection, "", cancellation);
        var unused = new HashSet<long>();
        await using (var command = new NpgsqlCommand($"select term from {AuditTables.Term} where term <> 0", connection) { CommandTimeout = 0 })
        await using (var reader = await command.ExecuteReaderAsync(cancellation))
            while (await reader.ReadAsync(cancellation)) unused.Add(reader.GetInt64(0));
        await RemoveUsedAsync(connection, unused, 0, cancellation);

        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await PositionAsync(connection, " for update", cancellation);
        // A rebuild or an erasure has begun meanwhile, which may have written terms in earlier blocks.
        if (await AuditIndex.CurrentGenerationAsync(connection, cancellation) != generation) return;
        await RemoveUsedAsync(connection, unused, AuditTables.BlockOf(position), cancellation);
        await using (var delete = new NpgsqlCommand($"delete from {AuditTables.Term} where term = any($1)", connection) { CommandTimeout = 0 })
        {
            delete.Parameters.AddWithValue(unused.ToArray());
            await delete.ExecuteNonQueryAsync(cancellation);
        }

        // Nodes remember which terms are in the table.
        if (unused.Count > 0) await AuditIndex.BeginGenerationAsync(connection, cancellation);
        await using (var done = new NpgsqlCommand($"update {AuditTables.Term} set detail = nullif(detail, '') where term = 0", connection))
            await done.ExecuteNonQueryAsync(cancellation);
        await transaction.CommitAsync(cancellation);
    }

    private static async Task RemoveUsedAsync(NpgsqlConnection connection, HashSet<long> unused, int first, CancellationToken cancellation)
    {
        if (unused.Count == 0) return;
        await using var command = new NpgsqlCommand(
            $"select term, case when term between 1 and {AuditTables.Shelves} then offsets end from {AuditTables.Posting} where block >= $1", connection)
        { CommandTimeout = 0 };
        command.Parameters.AddWithValue(first);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            unused.Remove(reader.GetInt64(0));
            if (await reader.IsDBNullAsync(1, cancellation)) continue;
            var shelf = reader.GetFieldValue<byte[]>(1);
            for (var i = 0; i < shelf.Length; i += AuditTables.RareSize) unused.Remove(BinaryPrimitives.ReadInt64LittleEndian(shelf.AsSpan(i)));
        }
    }

    private static async Task<long> PositionAsync(NpgsqlConnection connection, string clause, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand($"select position from {FollowerTables.Step} where step = $1{clause}", connection);
        command.Parameters.AddWithValue(AuditIndex.StepName);
        return await command.ExecuteScalarAsync(cancellation) as long? ?? 0;
    }

    /// <summary>Not the number alone: somebody may erase a number, and with it what contains it as a word.</summary>
    private static string Word(int block) => string.Create(CultureInfo.InvariantCulture, $"b{block}");
}
