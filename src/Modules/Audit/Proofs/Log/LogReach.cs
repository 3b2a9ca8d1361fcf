using Notify.Audit.Following;
using Notify.Kernel.Events.Store;
using Npgsql;

namespace Notify.Audit.Proofs.Log;

/// <summary>
/// How far the log reaches. The position up to which events were taken into it is a row that can be written by SQL: moved ahead, it would keep later
/// events out of the log. So it is not believed, but compared with the last leaf, the events, and the numbers that the database has given out.
/// </summary>
/// <param name="Position">Up to which event the log is said to have followed.</param>
/// <param name="Leaf">The number of the event of the last leaf.</param>
/// <param name="Given">The last number that the database has given out.</param>
/// <param name="Next">The first event after the last leaf; null: there is none.</param>
/// <param name="Foreign">The highest number of an event beyond those given out; null: there is none.</param>
public sealed record LogReach(long Position, long Leaf, long Given, long? Next, long? Foreign)
{
    /// <summary>Why events are left out of the log; null: none is. A text that a person reads.</summary>
    public string? Fault =>
        Next <= Position ? $"The event {Next} has no leaf in the log, though the log is said to have followed up to {Position}: that was changed, or the end of the log was removed."
        : Position > Given ? $"The log is said to have followed up to {Position}, but the last number of an event is {Given}: that was changed, and keeps events out of the log."
        : Leaf > Given ? $"The log's last leaf is said to be of the event {Leaf}, but the last number of an event is {Given}: that was changed, and keeps events out of the log."
        : null;

    public string? ForeignFault => Foreign is { } number ? ForeignText(number) : null;

    public static string ForeignText(long number) => $"The event {number} has a number that the database has not given out: it was not written by Notify.";

    public static async Task<LogReach> ReadAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        // In one statement, because a batch commits its leaves and the position together.
        await using var command = new NpgsqlCommand(
            $"""
            select position, leaf, given,
              (select min(seq_id) from {EventTables.Events} where seq_id > leaf and seq_id <= given and type <> '{EventTables.Tombstone}'),
              (select max(seq_id) from {EventTables.Events} where seq_id > given)
            from (select coalesce((select position from {FollowerTables.Step} where step = '{MerkleLog.StepName}'), 0) as position,
                coalesce((select last_sequence from {LogTables.Leaves} order by first desc limit 1), 0) as leaf, {EventTables.LastNumber} as given) x
            """, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        await reader.ReadAsync(cancellation);
        return new(
            reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2), reader.IsDBNull(3) ? null : reader.GetInt64(3),
            reader.IsDBNull(4) ? null : reader.GetInt64(4));
    }

    /// <summary>Lets the log continue after its last leaf.</summary>
    public static async Task ContinueAfterLastLeafAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        var last = await LogReader.LastSequenceAsync(connection, cancellation);
        await FollowerTables.MoveBackAsync(connection, MerkleLog.StepName, last, cancellation);
    }
}
