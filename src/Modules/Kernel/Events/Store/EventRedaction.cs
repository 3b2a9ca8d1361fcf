using Npgsql;
using NpgsqlTypes;

namespace Notify.Kernel.Events.Store;

/// <summary>The only statements that change a stored event: to erase parts of it, or to archive it when its retention period ends.</summary>
public static class EventRedaction
{
    /// <summary>SQL over an event: SHA-256 of the remaining body, computed by the database.</summary>
    public const string Left =
        "encode(sha256(convert_to(jsonb_build_array(data, headers, user_name, correlation_id, causation_id)::text, 'UTF8')), 'hex')";

    /// <param name="archive">Whether to archive it, after which it is no longer read.</param>
    public static NpgsqlBatchCommand Write(
        long sequence, string data, string? headers, string? user, string? correlation, string? causation, bool archive)
    {
        var command = new NpgsqlBatchCommand(
            $"""
            update {EventTables.Events} set data = $2::jsonb, headers = $3::jsonb, user_name = $4, correlation_id = $5, causation_id = $6, is_archived = is_archived or $7
            where seq_id = $1
            """);
        command.Parameters.AddWithValue(sequence);
        foreach (var text in new[] { data, headers, user, correlation, causation })
            command.Parameters.Add(new NpgsqlParameter { Value = (object?)text ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        command.Parameters.AddWithValue(archive);
        return command;
    }

    /// <returns>The hash <see cref="Left"/> of these events, by sequence number.</returns>
    public static async Task<Dictionary<long, string>> LeftAsync(NpgsqlConnection connection, long[] sequences, CancellationToken cancellation)
    {
        var left = new Dictionary<long, string>();
        if (sequences.Length == 0) return left;
        await using var command = new NpgsqlCommand($"select seq_id, {Left} from {EventTables.Events} where seq_id = any($1)", connection);
        command.Parameters.AddWithValue(sequences);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation)) left[reader.GetInt64(0)] = reader.GetString(1);
        return left;
    }

    /// <summary>The sequence numbers of the events, up to a given one, that contain any of these texts anywhere; reads all events.</summary>
    /// <param name="likes">Patterns for <c>ilike</c>.</param>
    public static async Task<List<long>> FindAsync(NpgsqlConnection connection, string[] likes, long upTo, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"""
            select seq_id from {EventTables.Events} where seq_id <= $2 and type <> '{EventTables.Tombstone}'
              and (data::text ilike any($1) or headers::text ilike any($1) or user_name ilike any($1) or correlation_id ilike any($1) or causation_id ilike any($1))
            order by seq_id
            """, connection)
        { CommandTimeout = 0 };
        command.Parameters.AddWithValue(likes);
        command.Parameters.AddWithValue(upTo);
        return await StoredEvents.NumbersAsync(command, cancellation);
    }
}
