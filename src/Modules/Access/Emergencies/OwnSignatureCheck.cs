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
public sealed class OwnSignatureCheck(EventCatalog catalog, MasterKey key, ILogger<OwnSignatureCheck> logger) : IHistoryCheck
{
    private const string Kind = "signature";

    /// <summary>What replaces an erased text.</summary>
    private const string Erased = "[erased]";

    public string Name => "signatures of emergencies and reviews";

    public async Task<IReadOnlyList<Finding>> CheckAsync(NpgsqlConnection snapshot, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"""
            select {EventRecord.Columns}, (select p.data from {EventTables.Events} p where p.stream_id = e.stream_id and p.version = 1)
            from {EventTables.Events} e where not e.is_archived and e.type = any($1) order by e.seq_id
            """, snapshot)
        { Parameters = { new() { Value = catalog.NamesOf(typeof(ISigned)) } } };
        var (findings, hashes) = (await WithoutEmergencyAsync(snapshot, cancellation), new HashSet<string>(StringComparer.Ordinal));
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            var (sequence, stream, type) = (reader.GetInt64(0), reader.GetString(1), reader.GetString(3));
            var e = EventRecord.TryRead(reader, catalog, logger);
            var signed = e?.Data as ISigned;
            var content = signed?.SignsItself == true ? reader.GetString(4) : reader.IsDBNull(9) ? null : reader.GetString(9);
            // An erased name was part of the signed content, so the signature cannot be verified any more. The leaf still proves that nothing else
            // was changed.
            if (signed?.Signature?.DisplayName == Erased || content?.Contains(Erased, StringComparison.Ordinal) == true) continue;
            if (signed?.Signature is not { } signature || content is null || e!.Actor().Id != signature.Signer
                || !signature.Holds(key, stream, OwnSignature.ContentOf(content)))
            {
                findings.Add(new Finding(Kind,
                    "The signature was not made for this, or what was signed or the signature was changed since.", sequence, type, stream));
            }
            else if (!hashes.Add(signature.Hash)) findings.Add(new Finding(Kind, "The signature is there twice.", sequence, type, stream));
        }

        return findings;
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
