using JasperFx.Events;
using Microsoft.Extensions.Logging;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Events.Store;
using Notify.Kernel.Secrets;
using Notify.Kernel.Signing;
using Npgsql;

namespace Notify.Access.Emergencies;

/// <summary>Verifies the signatures of emergencies and of reviews of the history: each was made by this installation, by the recorded actor, for this
/// stream and this content, and counts once; and each change that names an emergency has one.</summary>
public sealed class OwnSignatureCheck(EventCatalog catalog, MasterKey key, IErasures erasures, ILogger<OwnSignatureCheck> logger) : IHistoryCheck
{
    private const string Kind = "signature";

    /// <param name="Event">Null: it cannot be read.</param>
    private sealed record SignedRow(long Sequence, string Stream, string Type, string Data, IEvent? Event);

    public string Name => "signatures of emergencies and reviews";

    public async Task<IReadOnlyList<Finding>> CheckAsync(NpgsqlConnection snapshot, CancellationToken cancellation)
    {
        var (findings, hashes) = (await WithoutEmergencyAsync(snapshot, cancellation), new HashSet<string>(StringComparer.Ordinal));
        var rows = await SignedAsync(snapshot, cancellation);
        var erased = await erasures.AmongAsync(snapshot, rows.Select(x => x.Sequence), cancellation);
        foreach (var row in rows)
        {
            if (row.Event?.Data is not ISigned { Signature: { } signature } || row.Event.Actor().Id != signature.Signer
                || !signature.HoldsIn(key, row.Stream, row.Data, erased.Contains(row.Sequence)))
            {
                findings.Add(new Finding(Kind,
                    "The signature was not made for this, or what was signed or the signature was changed since.", row.Sequence, row.Type,
                    row.Stream));
            }
            else if (!hashes.Add(signature.Hash))
            {
                findings.Add(new Finding(Kind, "The signature is there twice.", row.Sequence, row.Type, row.Stream));
            }
        }

        return findings;
    }

    private async Task<List<SignedRow>> SignedAsync(NpgsqlConnection snapshot, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"select {EventRecord.Columns} from {EventTables.Events} e where not e.is_archived and e.type = any($1) order by e.seq_id", snapshot)
        { Parameters = { new() { Value = catalog.NamesOf(typeof(ISigned)) } } };
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var rows = new List<SignedRow>();
        while (await reader.ReadAsync(cancellation)) rows.Add(new(
            reader.GetInt64(0), reader.GetString(1), reader.GetString(3), reader.GetString(4), EventRecord.TryRead(reader, catalog, logger)));
        return rows;
    }

    private async Task<List<Finding>> WithoutEmergencyAsync(NpgsqlConnection snapshot, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"""
            select e.seq_id, e.type, e.stream_id from {EventTables.Events} e
            where e.headers ? '{AuditContext.EmergencyHeader}' and not exists (
              select from {EventTables.Events} o where o.stream_id = e.headers->>'{AuditContext.EmergencyHeader}' and o.type = $1)
            order by 1
            """, snapshot)
        { CommandTimeout = 0, Parameters = { new() { Value = catalog[typeof(EmergencyOpened)].Name } } };
        var findings = new List<Finding>();
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation)) findings.Add(new Finding(
            Kind, "The change names an emergency that is not there.", reader.GetInt64(0), reader.GetString(1), reader.GetString(2)));
        return findings;
    }
}
