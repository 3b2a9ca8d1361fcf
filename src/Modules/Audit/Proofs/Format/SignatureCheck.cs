using System.Buffers;
using System.Text.Json;
using Notify.Kernel;

namespace Notify.Audit.Proofs.Format;

/// <summary>A valid signature, for display.</summary>
/// <param name="Stream">The stream of what was signed.</param>
/// <param name="Signer">The person's id.</param>
/// <param name="Name">The person's name then; null: it was erased.</param>
/// <param name="What">What was signed, in words; null: it was erased.</param>
/// <param name="IsErased">Part of what was signed was erased since, or is hidden from the reader of the file; it is then identified by its
/// leaf.</param>
/// <param name="IsByKeyFile">It matches the content it stands in; but only the installation, with its key file, can tell whether Notify made
/// it.</param>
public sealed record GoodSignature(
    string Stream, string Signer, string? Name, string SignedAt, string Meaning, string Method, string? What, bool IsErased, bool IsByKeyFile = false)
{
    /// <summary>One line for a person.</summary>
    public override string ToString() =>
        $"{Meaning} by {(Name is null ? Signer : $"{Name} ({Signer})")} at {SignedAt} with a {Method}: {(IsErased ? null : What) ?? "something that was erased since, or is not shown"} ({Stream})";
}

/// <summary>
/// Checks, in the order of events, signatures and approvals (docs/proofs.md): finds forged ones, altered ones, those made for something else, and
/// missing ones. Needs only the events and the public keys.
/// </summary>
/// <param name="origin">The log's name.</param>
/// <param name="byKeyFile">For checks without the key file; null: signatures sealed with it are checked elsewhere, with the key file.</param>
public sealed class SignatureCheck(
    IReadOnlyCollection<NoteKey> keys, string origin, ApprovalTypes types, KeyFileSignatureCheck? byKeyFile = null)
{
    private static readonly string[] members = ["hash", "leaf", "seal", "method", "signer", "content", "meaning", "signedAt", "displayName"];

    private readonly Dictionary<string, Subject> proposals = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string?> approvals = new(StringComparer.Ordinal);
    private readonly HashSet<string> signedByAuthor = new(StringComparer.Ordinal);
    private readonly HashSet<string> hashes = new(StringComparer.Ordinal);
    private readonly List<(string Proposal, string? By, long Place)> claims = [];
    private readonly List<GoodSignature> good = [];
    private string? rule;

    /// <param name="Leaf">Null: it is not known.</param>
    /// <param name="Content">Null: something of it was erased.</param>
    private sealed record Subject(string? Author, string? Leaf, string? Content, string? What);

    public IReadOnlyList<GoodSignature> Good => good;

    /// <param name="leaf">The event's leaf hash in hexadecimal; null: it is not known.</param>
    /// <param name="place">The event's position, for faults that are found at the end.</param>
    /// <returns>What is wrong; null: nothing.</returns>
    public string? Add(SignableEvent e, string? leaf, long place)
    {
        if (e.Proposal is { } proposal) claims.Add((proposal, e.ApprovedBy, place));
        if (byKeyFile is not null)
        {
            var (fault, own) = byKeyFile.Add(e, place);
            if (fault is not null) return fault;
            if (own is not null) good.Add(own);
            if (e.Stream.StartsWith(SignableEvent.EmergencyStreams, StringComparison.Ordinal)) return null;
        }

        if (types.SignedByKeyFile.ContainsKey(e.Type)) return null;
        if (e.Type == types.Proposal && e.Version == 1)
        {
            proposals[e.Stream] = new(e.User, leaf, e is { IsErased: false, Data: { } data } ? HashOf(data) : null, WhatOf(e.Data));
            return null;
        }

        if (e.Type == types.Policy)
        {
            rule = e.Data is { } policy ? SignableEvent.TextOf(policy, "signature") : null;
            return null;
        }

        var isApproval = e.Type == types.Approval;
        if (isApproval) approvals[e.Stream] = e.User;
        if (e.Data is not { } body) return null;
        var subject = proposals.GetValueOrDefault(e.Stream);
        if (isApproval && subject?.Author is { } author && author == e.User) return Fault("Who proposed the change has approved it.");
        if (body.ValueKind != JsonValueKind.Object || !body.TryGetProperty("signature", out var signature)
            || signature.ValueKind == JsonValueKind.Null)
            return isApproval && rule is "approver" or "both" ? Fault("It was approved without the signature that the policy asked for.") : null;
        if (isApproval || e.Type == types.AuthorsSignature || signature.ValueKind == JsonValueKind.Object)
            return Signed(e, subject, signature) ?? (isApproval && rule == "both" && !signedByAuthor.Contains(e.Stream)
                ? Fault("It was approved without the signature of its author that the policy asked for.") : null);
        return null;
    }

    /// <summary>Call at the end: finds changes that name a missing approval or emergency.</summary>
    /// <returns>The position and the fault of each.</returns>
    public IEnumerable<(long Place, string Fault)> End()
    {
        foreach (var (proposal, by, place) in claims)
        {
            if (!approvals.TryGetValue(proposal, out var approver))
                yield return (place, Fault("The change names an approval that is not there."));
            else if (approver is not null && approver != by)
                yield return (place, Fault("The change names another approver than its approval."));
        }

        foreach (var claim in byKeyFile?.End() ?? []) yield return claim;
    }

    private string? Signed(SignableEvent e, Subject? subject, JsonElement signature)
    {
        if (signature.ValueKind != JsonValueKind.Object || signature.EnumerateObject().Any(x => !members.Contains(x.Name, StringComparer.Ordinal))
            || members.Any(x => x != "displayName" && SignableEvent.TextOf(signature, x) is null)) return Fault("The signature is malformed.");
        var (signer, signedAt, meaning) = (Text("signer"), Text("signedAt"), Text("meaning"));
        var (method, content, hash, leaf) = (Text("method"), Text("content"), Text("hash"), Text("leaf"));
        var name = SignableEvent.TextOf(signature, "displayName");
        var isErased = e.IsErased && signature.TryGetProperty("displayName", out var shownName) && shownName.ValueKind == JsonValueKind.Null;
        if (name is null ? !isErased : hash != HashOf(JsonSerializer.SerializeToElement(new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["proposal"] = e.Stream,
            ["content"] = content,
            ["signer"] = signer,
            ["displayName"] = name,
            ["signedAt"] = signedAt,
            ["meaning"] = meaning,
            ["method"] = method,
        }))) return Fault("The signature was altered, or was made for something else.");
        var seal = SignedNote.Parse(Text("seal"));
        if (seal?.IsSignedBy(keys) != true) return Fault("The signature is not sealed with this key: Notify did not make it, or made it with another key.");
        if (seal.Text != SignatureSeal.TextOf(origin, e.Stream, leaf, content, signer, signedAt, meaning, method, hash))
            return Fault("The seal of the signature was made for something else.");
        if (signer != e.User) return Fault("The signature is another person's than who has it on record.");
        if (subject is null) return Fault("What was signed is not there.");
        if ((subject.Leaf is { } signed && signed != leaf) || (subject.Content is { } shown && shown != content))
            return Fault("What is there is not what was signed.");
        var isAuthors = e.Type == types.AuthorsSignature;
        if ((e.Type == types.Approval && meaning != "approved") || (isAuthors && meaning != "proposed"))
            return Fault("The signature means something else than its event.");
        if (isAuthors && subject.Author is { } author && author != signer) return Fault("Somebody else than its author has signed the proposal.");
        if (!hashes.Add(hash)) return Fault("The signature is there twice.");
        if (isAuthors) signedByAuthor.Add(e.Stream);
        good.Add(new(e.Stream, signer, name, signedAt, meaning, method, subject.What, subject.Content is null));
        return null;

        string Text(string member) => SignableEvent.TextOf(signature, member)!;
    }

    /// <summary>Marks a text that a person reads.</summary>
    private static string Fault(string text) => text;

    internal static string HashOf(JsonElement value)
    {
        var text = new ArrayBufferWriter<byte>();
        CanonicalJson.Write(text, value);
        Span<byte> hash = stackalloc byte[Sha256.Size];
        Sha256.Hash(hash, text.WrittenSpan);
        return Convert.ToHexStringLower(hash);
    }

    private static string? WhatOf(JsonElement? data) =>
        data is { } x && SignableEvent.TextOf(x, "verb") is { } verb && SignableEvent.TextOf(x, "kind") is { } kind
        && SignableEvent.TextOf(x, "name") is { } name ? $"{verb} {kind} \"{name}\"" : null;
}
