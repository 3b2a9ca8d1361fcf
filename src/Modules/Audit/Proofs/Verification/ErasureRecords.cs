using Notify.Audit.Proofs.Log;
using Notify.Kernel;
using Npgsql;

namespace Notify.Audit.Proofs.Verification;

/// <summary>Whoever can write to the database could erase without leave: what is erased must stand in a record of the history.</summary>
public static class ErasureRecords
{
    public const string ErasedEvent = "audit.personal_data_erased.v1";
    public const string ExpiredEvent = "audit.entries_expired.v1";

    /// <returns>Null: every erased value is on record.</returns>
    public static async Task<Finding?> FindUnrecordedAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"""
            with recorded as (
              select (x->>'sequence')::bigint as sequence, (v #>> array[]::text[])::int as value
              from {Database.Schema}.mt_events e, jsonb_array_elements(e.data->'entries') x, jsonb_array_elements(x->'values') v
              where e.type in ('{ErasedEvent}', '{ExpiredEvent}') and exists (select from {LogTables.Redaction}))
            select r.sequence from {LogTables.Redaction} r, unnest(r.erased) as value
            where not exists (select from recorded c where c.sequence = r.sequence and c.value = value) order by 1 limit 1
            """, connection);
        return await command.ExecuteScalarAsync(cancellation) is long sequence
            ? new Finding("erasure", $"Something of the event {sequence} was erased without a record of it.", sequence)
            : null;
    }
}
