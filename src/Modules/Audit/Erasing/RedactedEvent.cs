using Notify.Audit.Proofs;
using Notify.Audit.Proofs.Log;
using Notify.Kernel;
using Notify.Kernel.Events.Store;
using Npgsql;
using NpgsqlTypes;

namespace Notify.Audit.Erasing;

/// <summary>An event as it will be stored, and what the log keeps in place of its seed.</summary>
/// <param name="Values">The numbers of the values erased now, for the record.</param>
public sealed record RedactedEvent(
    long Sequence, string Data, string? Headers, string? User, string? Correlation, string? Causation, Redaction Redaction, int[] Values)
{
    /// <summary>The key of an advisory lock; its value has no meaning.</summary>
    private const long Lock = 0x6e6f74696679_04;

    /// <summary>
    /// Keeps others from erasing or archiving until the transaction ends. Take it before reading an event: its body and the seed that the log keeps
    /// for it must be of the same moment. Otherwise a commitment would be written that never matches the event's leaf.
    /// </summary>
    public static async Task LockAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand($"select pg_advisory_xact_lock({Lock})", connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <param name="archive">Whether to archive the events too, so that nothing reads them any more.</param>
    /// <returns>What was erased, for the record.</returns>
    public static async Task<List<ErasedEntry>> WriteAsync(
        NpgsqlConnection connection, IReadOnlyList<RedactedEvent> changes, bool archive, CancellationToken cancellation)
    {
        if (changes.Count == 0) return [];
        await using var batch = new NpgsqlBatch(connection);
        foreach (var x in changes)
        {
            batch.BatchCommands.Add(EventRedaction.Write(x.Sequence, x.Data, x.Headers, x.User, x.Correlation, x.Causation, archive));
            var (leaves, place) = await LogReader.FindAsync(connection, x.Sequence, cancellation)
                ?? throw new LogDamagedException($"The event {x.Sequence} has no leaf in the log.");
            batch.BatchCommands.Add(Command(
                $"update {LogTables.Leaves} set seeds = overlay(seeds placing $2 from $3) where first = $1", leaves.First,
                new byte[EventEncoder.SeedSize], (place * EventEncoder.SeedSize) + 1));
            var commitments = x.Redaction.Commitments.OrderBy(c => c.Key).ToList();
            batch.BatchCommands.Add(Command(
                $"""
                insert into {LogTables.Redaction} (sequence, salts, erased, commitments) values ($1, $2, $3, $4)
                on conflict (sequence) do update set salts = excluded.salts, erased = excluded.erased, commitments = excluded.commitments
                """,
                x.Sequence, x.Redaction.Salts, commitments.Select(c => c.Key).ToArray(), commitments.SelectMany(c => c.Value).ToArray()));
        }

        await batch.ExecuteNonQueryAsync(cancellation);
        var left = await EventRedaction.LeftAsync(
            connection, [.. changes.Where(x => x.Redaction.Commitments.ContainsKey(Redaction.Body)).Select(x => x.Sequence)], cancellation);
        return [.. changes.Select(x => new ErasedEntry(x.Sequence, x.Values, left.GetValueOrDefault(x.Sequence)))];
    }

    private static NpgsqlBatchCommand Command(string sql, params object?[] values)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var value in values) command.Parameters.Add(value is null
            ? new NpgsqlParameter { Value = DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text } : new NpgsqlParameter { Value = value });
        return command;
    }
}
