using Npgsql;

namespace Notify.Kernel.Events.Store;

/// <summary>
/// Gaps in the sequence numbers of the events read: their transactions are still running, or were rolled back. An event takes its number before it is
/// committed, so a higher number may be visible first.
/// </summary>
/// <remarks>
/// A transaction that takes a number from a sequence holds a lock on it (<c>RowExclusiveLock</c>) until it ends, and its commit becomes visible
/// before the lock is released. So a number missing below a visible one belongs to a current holder of the lock, or to no running transaction. Once
/// all of those have ended, a number that is still missing will never appear. Transactions of other databases hold no lock on this sequence.
/// Comparing with a snapshot's <c>xmin</c> would wait for them too, and <c>xmax</c> is no bound: a running transaction's number may be higher, or
/// not assigned yet. This holds only if an event's number is taken in the transaction that stores the event; Marten takes it before, unless the
/// session is already in a transaction.
/// </remarks>
/// <param name="Top">The highest visible number when the gap was first seen.</param>
/// <param name="Holders">The transactions that held the lock at that time.</param>
public sealed record SequenceGap(long Top, string[] Holders)
{
    private const string Locks =
        $"pg_locks where locktype = 'relation' and database = (select oid from pg_database where datname = current_database()) and relation = '{EventTables.Sequence}'::regclass";

    public static async Task<SequenceGap> SeenAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var highest = new NpgsqlCommand($"select {EventTables.HighestNumber}", connection);
        var top = (long)(await highest.ExecuteScalarAsync(cancellation))!;
        await using var command = new NpgsqlCommand($"select distinct virtualtransaction from {Locks}", connection);
        return new SequenceGap(top, [.. await command.ReadTextsAsync(cancellation)]);
    }

    /// <summary>Whether events up to <see cref="Top"/> that a statement does not see from now on will never appear.</summary>
    public async Task<bool> IsSettledAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        if (Holders.Length == 0) return true;
        await using var command = new NpgsqlCommand($"select not exists (select from {Locks} and virtualtransaction = any($1))", connection);
        command.Parameters.AddWithValue(Holders);
        return (bool)(await command.ExecuteScalarAsync(cancellation))!;
    }
}
