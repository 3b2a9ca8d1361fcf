using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Notify.Kernel;

namespace Notify.Access.Approvals;

/// <summary>What a signature of a proposal covers (docs/approvals.md).</summary>
public static class SignedContent
{
    public const string Approved = "approved";
    public const string Proposed = "proposed";

    /// <param name="proposed">The body of the event that proposed the change.</param>
    public static string Of(string proposed)
    {
        using var document = JsonDocument.Parse(proposed);
        return Sha256Of(document.RootElement);
    }

    /// <summary>The hash of all fields of the signature and of the id of the proposal.</summary>
    /// <param name="signature">Its hash, leaf and seal are not part of it.</param>
    public static string HashOf(Signature signature, string proposal) => Sha256Of(JsonSerializer.SerializeToElement(new JsonObject
    {
        ["proposal"] = proposal,
        ["content"] = signature.Content,
        ["signer"] = signature.Signer,
        ["displayName"] = signature.DisplayName,
        ["signedAt"] = TextOf(signature.SignedAt),
        ["meaning"] = signature.Meaning,
        ["method"] = signature.Method,
    }));

    /// <summary>Whether the signature is for this proposal with this content, and unchanged.</summary>
    public static bool Fits(this Signature signature, string proposal, string content) =>
        signature.Content == content && signature.Hash == HashOf(signature, proposal);

    /// <summary>The instant as it is written in the event.</summary>
    public static string TextOf(DateTimeOffset at) => (string)JsonSerializer.SerializeToNode(at, NotifyJson.Options)!;

    private static string Sha256Of(JsonElement value)
    {
        var text = new ArrayBufferWriter<byte>();
        CanonicalJson.Write(text, value);
        return Convert.ToHexStringLower(SHA256.HashData(text.WrittenSpan));
    }
}
