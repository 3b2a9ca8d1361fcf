using Npgsql;

namespace Notify.Kernel.Events;

/// <summary>Finds a time in a table whose rows are numbered in order of time, by binary search: about twenty index lookups among millions of
/// rows.</summary>
public sealed class TimeOrder(NpgsqlConnection connection, string table, string number, string time)
{
    /// <summary>How far times may be out of order: nodes' clocks differ, and a row gets its number when its transaction writes it.</summary>
    private static readonly TimeSpan disorder = TimeSpan.FromMinutes(5);

    /// <returns>All rows from this time on have a higher number.</returns>
    public Task<long> BeforeAsync(DateTimeOffset instant, CancellationToken cancellation) =>
        LastBeforeAsync(instant - DateTimeOffset.MinValue > disorder ? instant - disorder : DateTimeOffset.MinValue, cancellation);

    /// <returns>All rows up to this time have this number or a lower one.</returns>
    public Task<long> UpToAsync(DateTimeOffset instant, CancellationToken cancellation) =>
        LastBeforeAsync(DateTimeOffset.MaxValue - instant > disorder ? instant + disorder : DateTimeOffset.MaxValue, cancellation);

    private async Task<long> LastBeforeAsync(DateTimeOffset at, CancellationToken cancellation)
    {
        await using var ends = new NpgsqlCommand($"select coalesce(min({number}), 0) - 1, coalesce(max({number}), 0) from {table}", connection);
        long low, high;
        await using (var reader = await ends.ExecuteReaderAsync(cancellation))
        {
            await reader.ReadAsync(cancellation);
            (low, high) = (reader.GetInt64(0), reader.GetInt64(1));
        }

        await using var command = new NpgsqlCommand(
            $"select {number}, {time} from {table} where {number} > $1 order by {number} limit 1", connection);
        var parameter = command.Parameters.Add(new NpgsqlParameter<long>());
        // Invariant: rows up to low are before the time, rows after high are not.
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
