using Npgsql;

namespace Notify.Kernel.Events.Store;

/// <summary>
/// Gaps in the numbers of the events read: their transactions are still running, or were rolled back. An event takes its number before it is
/// committed, so a higher number may be visible first.
/// </summary>
/// <remarks>
/// Who takes a number from a sequence holds a lock on it (<c>RowExclusiveLock</c>) until the transaction's end, and what was committed is visible
/// before that lock goes. So a number that is missing below a visible one belongs to one of those who hold the lock now, or to nobody any more.
/// When all of those have ended, what is then still missing never comes. Transactions of other databases hold no lock on this sequence. Comparing
/// with a snapshot's
/// <c>xmin</c> instead would wait for them too, and <c>xmax</c> is no bound for it: a running transaction's number may be higher, or not given yet.
/// This holds only when an event's number is taken in the transaction that stores the event; Marten takes it before, unless the session is in a
/// transaction already.
/// </remarks>
/// <param name="Top">The highest number that was visible when the gap was first seen.</param>
/// <param name="Holders">The transactions that held the lock then.</param>
public sealed record SequenceGap(long Top, string[] Holders)
{
    private const string Locks =
        $"pg_locks where locktype = 'relation' and database = (select oid from pg_database where datname = current_database()) and relation = '{EventTables.Sequence}'::regclass";

    public static async Task<SequenceGap> SeenAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var highest = new NpgsqlCommand($"select max(seq_id) from {EventTables.Events}", connection);
        var top = (long)(await highest.ExecuteScalarAsync(cancellation))!;
        await using var command = new NpgsqlCommand($"select distinct virtualtransaction from {Locks}", connection);
        return new SequenceGap(top, [.. await command.ReadTextsAsync(cancellation)]);
    }

    /// <summary>Whether what a statement from now on does not see up to <see cref="Top"/> never comes.</summary>
    public async Task<bool> IsSettledAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        if (Holders.Length == 0) return true;
        await using var command = new NpgsqlCommand($"select not exists (select from {Locks} and virtualtransaction = any($1))", connection);
        command.Parameters.AddWithValue(Holders);
        return (bool)(await command.ExecuteScalarAsync(cancellation))!;
    }
}
