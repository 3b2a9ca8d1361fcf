using Notify.Kernel.Events;
using Npgsql;

namespace Notify.Audit.Proofs.Log;

/// <summary>By what the log keeps in place of erased values. A row there without a record is found by each verification
/// (<see cref="Verification.ErasureRecords"/>).</summary>
public sealed class Erasures : IErasures
{
    public async Task<IReadOnlySet<long>> AmongAsync(NpgsqlConnection connection, IEnumerable<long> numbers, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"select sequence from {LogTables.Redaction} where sequence = any($1) and ({Redaction.WholeSql}) is not null", connection)
        { Parameters = { new() { Value = numbers.ToArray() } } };
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var erased = new HashSet<long>();
        while (await reader.ReadAsync(cancellation)) erased.Add(reader.GetInt64(0));
        return erased;
    }
}
