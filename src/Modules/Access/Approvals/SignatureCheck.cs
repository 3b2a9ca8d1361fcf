using Microsoft.Extensions.Logging;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Events.Store;
using Npgsql;

namespace Notify.Access.Approvals;

/// <summary>Each signature was made for the proposal with which it stands, by who has it on record, and for just this content.</summary>
public sealed class SignatureCheck(EventCatalog catalog, ILogger<SignatureCheck> logger) : IHistoryCheck
{
    private const string Kind = "signature";

    public string Name => "signatures of proposals";

    public async Task<IReadOnlyList<Finding>> CheckAsync(NpgsqlConnection snapshot, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"""
            select {EventRecord.Columns}, (select p.data from {EventTables.Events} p where p.stream_id = e.stream_id and p.version = 1)
            from {EventTables.Events} e where not e.is_archived and e.type = any($1) and e.data ? 'signature' order by e.seq_id
            """, snapshot)
        { Parameters = { new() { Value = catalog.NamesOf(typeof(ISigned)) } } };
        var findings = new List<Finding>();
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            var (sequence, stream, type) = (reader.GetInt64(0), reader.GetString(1), reader.GetString(3));
            var e = EventRecord.TryRead(reader, catalog, logger);
            var signature = (e?.Data as ISigned)?.Signature;
            // A name that was erased is part of what was signed, and cannot be compared any more.
            if (signature is not null && signature.DisplayName.StartsWith('[')) continue;
            if (signature is null || reader.IsDBNull(9) || e!.Actor().Id != signature.Signer
                || !signature.Holds(stream, Signature.ContentOf(reader.GetString(9))))
            {
                findings.Add(new Finding(Kind,
                    "The signature was not made for this proposal, or the proposal or the signature was changed since.", sequence, type, stream));
            }
        }

        return findings;
    }
}
