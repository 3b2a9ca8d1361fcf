using Notify.Audit.Proofs.Format;
using Notify.Audit.Proofs.Log;
using Npgsql;

namespace Notify.Audit.Proofs.Checkpoints;

/// <summary>The checkpoints in the database.</summary>
public static class CheckpointTable
{
    /// <summary>Reads checkpoints in order of size; the note of a malformed one is null, so that the caller can report its size.</summary>
    public static async Task<List<(long Size, SignedNote? Note, Checkpoint? Checkpoint)>> ReadAsync(
        NpgsqlConnection connection, long afterSize, CancellationToken cancellation, int? limit = null, bool newestFirst = false)
    {
        await using var command = new NpgsqlCommand(
            $"select size, note from {LogTables.Checkpoint} where size {(newestFirst ? "<" : ">")} $1 order by size {(newestFirst ? "desc" : "asc")} limit $2", connection);
        command.Parameters.AddWithValue(afterSize);
        command.Parameters.AddWithValue((object?)limit ?? DBNull.Value);
        command.Parameters[1].NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Integer;
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var result = new List<(long, SignedNote?, Checkpoint?)>();
        while (await reader.ReadAsync(cancellation))
        {
            var note = SignedNote.Parse(reader.GetString(1));
            result.Add((reader.GetInt64(0), note, note is null ? null : Checkpoint.Parse(note.Text)));
        }

        return result;
    }

    public static async Task<(long Size, SignedNote? Note, Checkpoint? Checkpoint)?> LatestAsync(
        NpgsqlConnection connection, CancellationToken cancellation) =>
        await ReadAsync(connection, long.MaxValue, cancellation, limit: 1, newestFirst: true) is [var latest] ? latest : null;

    /// <summary>Reads the checkpoints beyond a size in ascending order, in constant memory.</summary>
    /// <exception cref="LogDamagedException">A row is not a valid checkpoint.</exception>
    public static async Task ScanAsync(
        NpgsqlConnection connection, long afterSize, Action<SignedNote, Checkpoint> found, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"select size, note from {LogTables.Checkpoint} where size > $1 order by size", connection)
        { CommandTimeout = 0 };
        command.Parameters.AddWithValue(afterSize);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            if (SignedNote.Parse(reader.GetString(1)) is { } note && Checkpoint.Parse(note.Text) is { } checkpoint
                && checkpoint.Size == reader.GetInt64(0)) found(note, checkpoint);
            else throw new RefusedToSignException($"The checkpoint of size {reader.GetInt64(0)} in the database is none.");
        }
    }

    public static async Task<long> CountAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand($"select count(*) from {LogTables.Checkpoint}", connection);
        return (long)(await command.ExecuteScalarAsync(cancellation))!;
    }

    public static async Task DeleteAsync(NpgsqlConnection connection, long size, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand($"delete from {LogTables.Checkpoint} where size = $1", connection);
        command.Parameters.AddWithValue(size);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    public static async Task InsertAsync(NpgsqlConnection connection, long size, SignedNote note, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand($"insert into {LogTables.Checkpoint} (size, note) values ($1, $2)", connection);
        command.Parameters.AddWithValue(size);
        command.Parameters.AddWithValue(note.ToString());
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
