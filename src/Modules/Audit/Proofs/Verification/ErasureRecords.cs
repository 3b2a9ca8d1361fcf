using Notify.Audit.Proofs.Log;
using Notify.Kernel;
using Npgsql;

namespace Notify.Audit.Proofs.Verification;

/// <summary>Whoever can write to the database could erase without leave: what is erased must stand in a record of the history.</summary>
public static class ErasureRecords
{
    public const string ErasedEvent = "audit.personal_data_erased.v1";
    public const string ExpiredEvent = "audit.entries_expired.v1";

    /// <summary>SHA-256 of what is left of a body, computed where it is stored.</summary>
    public const string LeftSql = "encode(sha256(convert_to(jsonb_build_array(data, headers, user_name, correlation_id, causation_id)::text, 'UTF8')), 'hex')";

    /// <returns>Null: every erased value is on record, and what is left is what was left.</returns>
    public static async Task<Finding?> FindUnrecordedAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using (var left = new NpgsqlCommand(
            $"""
            with recorded as (
              select distinct on (sequence) (x->>'sequence')::bigint as sequence, x->>'after' as after
              from {Database.Schema}.mt_events e, jsonb_array_elements(e.data->'entries') x
              where e.type in ('{ErasedEvent}', '{ExpiredEvent}') and x ? 'after' and exists (select from {LogTables.Redaction})
              order by sequence, e.seq_id desc)
            select seq_id from recorded r join {Database.Schema}.mt_events e on e.seq_id = r.sequence where {LeftSql} <> r.after order by 1 limit 1
            """, connection)
        { CommandTimeout = 0 })
        {
            if (await left.ExecuteScalarAsync(cancellation) is long changed)
                return new Finding("changed", $"What was left of the event {changed} after an erasure was changed.", changed);
        }

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
