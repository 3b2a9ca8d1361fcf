using System.Text.Json;
using System.Text.Json.Nodes;
using Notify.Audit.Proofs.Checkpoints;
using Notify.Audit.Proofs.Format;
using Notify.Audit.Proofs.Log;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Events.Store;
using Npgsql;

namespace Notify.Audit.Proofs.Signatures;

/// <summary>Checks that Notify made each signature for exactly the content it belongs to, and that each approved change has its approval.</summary>
public sealed class RecordedSignatures(LogKeys keys, EventCatalog catalog) : IHistoryCheck
{
    private const string Kind = "signature";

    private readonly ApprovalTypes types = new(
        catalog.NameOf(ApprovalPart.Proposal), catalog.NameOf(ApprovalPart.Approval), catalog.NameOf(ApprovalPart.AuthorsSignature),
        catalog.NameOf(ApprovalPart.Policy),
        catalog.NamesOf(ApprovalPart.SignedByKeyFile).ToDictionary(x => x, _ => "", StringComparer.Ordinal));

    public string Name => "signatures and approvals";

    public async Task<IReadOnlyList<Finding>> CheckAsync(NpgsqlConnection snapshot, CancellationToken cancellation)
    {
        var known = await keys.LoadAsync(snapshot, cancellation);
        var check = new SignatureCheck([.. known.Select(x => x.Public)], known.Count == 0 ? "" : known[0].Public.Name, types);
        var rows = await StoredEvents.OfApprovalsAsync(snapshot, cancellation);
        if (rows.Count == 0) return [];
        var redactions = await LogReader.RedactionsAsync(snapshot, rows[0].Sequence, rows[^1].Sequence, cancellation);
        var signed = rows.Where(IsSigned).Select(x => x.StreamId).ToHashSet(StringComparer.Ordinal);
        var findings = new List<Finding>();
        foreach (var row in rows)
        {
            string? leaf = null;
            if (row.Version == 1 && signed.Contains(row.StreamId)
                && await LogReader.FindAsync(snapshot, row.Sequence, cancellation) is { } at)
                leaf = Convert.ToHexStringLower(at.Row.HashAt(at.Place));
            if (check.Add(EventOf(row, redactions.GetValueOrDefault(row.Sequence)), leaf, row.Sequence) is { } fault)
                findings.Add(new Finding(Kind, fault, row.Sequence, row.Type, row.StreamId));
        }

        var byNumber = rows.ToLookup(x => x.Sequence);
        findings.AddRange(check.End().Select(x => new Finding(
            Kind, x.Fault, x.Place, byNumber[x.Place].FirstOrDefault()?.Type, byNumber[x.Place].FirstOrDefault()?.StreamId)));
        return findings;
    }

    private bool IsSigned(StoredRow row) => row.Type == types.Approval || row.Type == types.AuthorsSignature;

    private static SignableEvent EventOf(StoredRow row, Redaction? redaction)
    {
        var headers = Parse(row.Headers);
        // The rest of a body that was erased as a whole proves nothing.
        JsonElement? data = redaction?.Commitments.ContainsKey(Redaction.Body) == true ? null : Plain(row.Json, redaction is not null);
        return new(row.Type, row.StreamId, row.Version, row.UserName, data, redaction is not null,
            SignableEvent.TextOf(headers, AuditContext.ProposalHeader), SignableEvent.TextOf(headers, AuditContext.ApprovedByHeader));
    }

    private static JsonElement Plain(string json, bool isErased)
    {
        var data = Parse(json);
        if (!isErased) return data;
        var node = JsonSerializer.SerializeToNode(data);
        return JsonSerializer.SerializeToElement(WithoutErased(node));
    }

    private static JsonNode? WithoutErased(JsonNode? node) => node switch
    {
        JsonObject members => new JsonObject(members.Select(x => KeyValuePair.Create(x.Key, WithoutErased(x.Value)))),
        JsonArray items => new JsonArray([.. items.Select(WithoutErased)]),
        JsonValue value when value.GetValueKind() == JsonValueKind.String && value.GetValue<string>() == Erased.Text => null,
        _ => node?.DeepClone(),
    };

    /// <summary>Malformed JSON, which is not an event of Notify's, becomes an empty object.</summary>
    private static JsonElement Parse(string? json)
    {
        try
        {
            using var document = JsonDocument.Parse(json ?? "{}", new JsonDocumentOptions { MaxDepth = 160 });
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return JsonSerializer.SerializeToElement(new JsonObject());
        }
    }
}
