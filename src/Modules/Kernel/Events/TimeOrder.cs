using Npgsql;

namespace Notify.Kernel.Events;

/// <summary>Finds an instant in a table whose rows are numbered as time passes: by halving, some twenty looks by the number's index among
/// millions.</summary>
public sealed class TimeOrder(NpgsqlConnection connection, string table, string number, string time)
{
    /// <summary>By how much instants may be out of order: nodes' clocks differ, and a row gets its number when its transaction writes it.</summary>
    private static readonly TimeSpan disorder = TimeSpan.FromMinutes(5);

    /// <returns>Everything from this instant on has a higher number.</returns>
    public Task<long> BeforeAsync(DateTimeOffset instant, CancellationToken cancellation) =>
        LastBeforeAsync(instant - DateTimeOffset.MinValue > disorder ? instant - disorder : DateTimeOffset.MinValue, cancellation);

    /// <returns>Everything up to this instant has this number or a lower one.</returns>
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
        // Everything up to low is before the instant, everything after high is not.
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
