using Npgsql;

namespace Notify.Kernel.Events;

/// <summary>Where in the order of events a period lies, so that it is read by the order and needs no index on time.</summary>
/// <param name="After">The events of the period come after this one,</param>
/// <param name="UpTo">and not after this one. Others lie between them too: who reads compares instants.</param>
public sealed record EventPeriod(long After, long UpTo)
{
    /// <summary>By how much instants may be out of order: nodes' clocks differ, and an event gets its place when its transaction writes it.</summary>
    private static readonly TimeSpan disorder = TimeSpan.FromMinutes(5);

    public static async Task<EventPeriod> FindAsync(NpgsqlDataSource database, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var last = new NpgsqlCommand($"select coalesce(max(seq_id), 0) from {Database.Schema}.mt_events", connection);
        var end = (long)(await last.ExecuteScalarAsync(cancellation))!;
        return new(await LastBeforeAsync(connection, from - disorder, end, cancellation), await LastBeforeAsync(connection, to + disorder, end, cancellation));
    }

    /// <summary>By halving: some twenty looks by the primary key in a store of millions.</summary>
    private static async Task<long> LastBeforeAsync(NpgsqlConnection connection, DateTimeOffset at, long end, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand($"select seq_id, timestamp from {Database.Schema}.mt_events where seq_id > $1 order by seq_id limit 1", connection);
        var parameter = command.Parameters.Add(new NpgsqlParameter<long>());
        // Everything up to low lies before the instant, everything after high does not.
        var (low, high) = (0L, end);
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            parameter.Value = middle;
            await using var reader = await command.ExecuteReaderAsync(cancellation);
            if (await reader.ReadAsync(cancellation) && reader.GetFieldValue<DateTimeOffset>(1) < at) low = reader.GetInt64(0);
            else high = middle;
        }

        return low;
    }
}
