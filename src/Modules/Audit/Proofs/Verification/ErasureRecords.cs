using System.Text.Json;
using Notify.Audit.Proofs.Checkpoints;
using Notify.Audit.Proofs.Log;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Events.Store;
using Notify.Kernel.Secrets;
using Npgsql;

namespace Notify.Audit.Proofs.Verification;

/// <summary>Checks that every erasure is recorded in the history: anybody who can write to the database could erase without permission.</summary>
public sealed class ErasureRecords(MasterKey key) : IHistoryCheck
{
    /// <summary>SQL: the well-formed entries of all records; somebody may have written malformed ones.</summary>
    private const string Entries =
        $"""
        entry as materialized (
          select e.seq_id, (x->>'sequence')::bigint as sequence, x from {EventTables.Events} e,
            jsonb_array_elements(case when jsonb_typeof(e.data->'entries') = 'array' then e.data->'entries' else '[]' end) x
          where e.type in ('{ProofEvents.ErasedName}', '{ProofEvents.ExpiredName}') and x->>'sequence' ~ '^[0-9]{"{1,18}"}$' and exists (select from {LogTables.Redaction}))
        """;

    public string Name => "erasures and expiries";

    public async Task<IReadOnlyList<Finding>> CheckAsync(NpgsqlConnection snapshot, CancellationToken cancellation)
    {
        var findings = await UnsealedAsync(snapshot, cancellation);
        await AddAsync($"select sequence from {LogTables.Redaction} where ({Redaction.WholeSql}) is null",
            x => new Finding("log",
            $"The log's own table was changed: what it keeps in place of the erased values of the event {x} does not hold together.", x));
        await AddAsync(
            $"""
            with {Entries}, recorded as (select distinct on (sequence) sequence, x->>'after' as after from entry where x ? 'after' order by sequence, seq_id desc)
            select e.seq_id from recorded r join {EventTables.Events} e on e.seq_id = r.sequence where {EventRedaction.Left} <> r.after
            """,
            x => new Finding("changed", $"What was left of the event {x} after an erasure was changed.", x));
        await AddAsync(
            $"""
            with {Entries}, recorded as (
              select sequence, v #>> array[]::text[] as value from entry, jsonb_array_elements(case when jsonb_typeof(x->'values') = 'array' then x->'values' else '[]' end) v)
            select distinct r.sequence from (select sequence, {Redaction.WholeSql} as erased from {LogTables.Redaction}) r, unnest(r.erased) as value
            where not exists (select from recorded c where c.sequence = r.sequence and c.value = value::text)
            """,
            x => new Finding("erasure", $"Something of the event {x} was erased without a record of it.", x));
        return findings;

        async Task AddAsync(string sql, Func<long, Finding> finding)
        {
            await using var command = new NpgsqlCommand($"{sql} order by 1 limit {VerificationResult.MostFindings}", snapshot) { CommandTimeout = 0 };
            await using var reader = await command.ExecuteReaderAsync(cancellation);
            while (await reader.ReadAsync(cancellation)) findings.Add(finding(reader.GetInt64(0)));
        }
    }

    private async Task<List<Finding>> UnsealedAsync(NpgsqlConnection snapshot, CancellationToken cancellation)
    {
        var accepted = await Baseline.UpToAsync(snapshot, key, cancellation);
        var findings = new List<Finding>();
        foreach (var e in await StoredEvents.OfTypesAsync(snapshot, [ProofEvents.ErasedName, ProofEvents.ExpiredName], cancellation))
        {
            if (e.Sequence <= accepted || IsSealed(e.StreamId, e.Data)) continue;
            findings.Add(new Finding(
                "erasure", $"The record {e.Sequence} of something erased was not written by this installation.", e.Sequence, e.Type, e.StreamId));
        }

        return findings;
    }

    /// <summary>The reason and other texts may have been erased themselves, so the seal covers only the entries.</summary>
    private bool IsSealed(string stream, byte[] data) => EventRecord.ReadOrDefault(
        () => JsonSerializer.Deserialize<SealedRecord>(data, NotifyJson.Options) is { Entries: { } entries, Seal: { } seal }
            && entries.All(x => x?.Values is not null) && string.Equals(seal, ErasureSeal.Of(key, stream, entries!), StringComparison.Ordinal));

    private sealed record SealedRecord(IReadOnlyList<ErasedEntry?>? Entries, string? Seal);
}
