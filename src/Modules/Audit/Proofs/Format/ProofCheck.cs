using System.Text.Json;
using Notify.Kernel;

namespace Notify.Audit.Proofs.Format;

/// <summary>
/// Checks the proof of one entry (<c>GET /audit/proof/{sequence}</c>): that the entry and its related entries are in the tree of the signed
/// checkpoint, and that the signatures of people in them are valid.
/// </summary>
public static class ProofCheck
{
    public static ExportResult Check(Stream input, IReadOnlyCollection<NoteKey> keys, ApprovalTypes types)
    {
        try
        {
            using var document = JsonDocument.Parse(input, new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = 160 });
            return Check(document.RootElement, keys, types);
        }
        catch (Exception e) when (e is FormatException or InvalidOperationException or JsonException or KeyNotFoundException)
        {
            return new(0, null, e is FormatException ? e.Message : "This is not the proof of an entry.", 0, []);
        }
    }

    private static ExportResult Check(JsonElement proof, IReadOnlyCollection<NoteKey> keys, ApprovalTypes types)
    {
        var text = proof.GetProperty("checkpoint");
        var (checkpoint, own) = ExportCheck.CheckpointOf(text.ValueKind == JsonValueKind.String ? SignedNote.Parse(text.GetString()!) : null, keys);
        if (proof.GetProperty("size").GetInt64() != checkpoint.Size) throw new FormatException("The checkpoint has another size.");
        var (signatures, entries) = (new SignatureCheck(own, checkpoint.Origin, types, new(types)), 0);
        IEnumerable<JsonElement> related = proof.TryGetProperty("related", out var others) ? others.EnumerateArray() : [];
        foreach (var one in related.Append(proof).OrderBy(x => x.GetProperty("index").GetInt64()))
        {
            var (entry, index) = (one.GetProperty("entry"), one.GetProperty("index").GetInt64());
            var leaf = EntryEncoding.LeafHash(entry);
            var path = one.GetProperty("path").EnumerateArray().Select(x => EntryEncoding.Bytes(x, Sha256.Size)).ToList();
            if (one.GetProperty("leafHash").GetString() != Convert.ToHexStringLower(leaf)
                || one.GetProperty("sequence").GetInt64() != entry.GetProperty("seq").GetInt64()) throw new FormatException(
                    "The entry is not the one that is proved.");
            if (!MerkleProof.VerifyInclusion(index, checkpoint.Size, leaf, path, checkpoint.Root)) throw new FormatException(
                "The entry is not in the history that was signed.");
            if (signatures.Add(SignableEvent.Of(entry, types), Convert.ToHexStringLower(leaf), index) is { } fault) throw new FormatException(fault);
            entries++;
        }

        foreach (var (_, fault) in signatures.End()) throw new FormatException(fault);
        return new(entries, checkpoint, null, 0, signatures.Good);
    }
}
