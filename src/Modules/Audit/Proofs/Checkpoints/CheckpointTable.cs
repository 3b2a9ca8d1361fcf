using Notify.Audit.Proofs.Format;
using Notify.Audit.Proofs.Log;
using Npgsql;

namespace Notify.Audit.Proofs.Checkpoints;

/// <summary>The checkpoints as the database has them.</summary>
public static class CheckpointTable
{
    /// <summary>By size; a note that is not one is given as null, for whoever must name it.</summary>
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

    public static async Task<(long Size, SignedNote? Note, Checkpoint? Checkpoint)?> LatestAsync(NpgsqlConnection connection, CancellationToken cancellation) =>
        await ReadAsync(connection, long.MaxValue, cancellation, limit: 1, newestFirst: true) is [var latest] ? latest : null;

    public static async Task InsertAsync(NpgsqlConnection connection, long size, SignedNote note, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand($"insert into {LogTables.Checkpoint} (size, note) values ($1, $2)", connection);
        command.Parameters.AddWithValue(size);
        command.Parameters.AddWithValue(note.ToString());
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
