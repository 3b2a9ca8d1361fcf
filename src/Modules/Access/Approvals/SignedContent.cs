using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Notify.Kernel;

namespace Notify.Access.Approvals;

/// <summary>What a signature is bound to (docs/approvals.md).</summary>
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

    /// <summary>Over everything that the signature says, and what it is about.</summary>
    /// <param name="signature">Its hash, leaf and seal do not count.</param>
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

    /// <summary>Whether it was made for this proposal, with this content, and not changed since.</summary>
    public static bool Fits(this Signature signature, string proposal, string content) =>
        signature.Content == content && signature.Hash == HashOf(signature, proposal);

    /// <summary>As it stands in the event.</summary>
    public static string TextOf(DateTimeOffset at) => (string)JsonSerializer.SerializeToNode(at, NotifyJson.Options)!;

    private static string Sha256Of(JsonElement value)
    {
        var text = new ArrayBufferWriter<byte>();
        CanonicalJson.Write(text, value);
        return Convert.ToHexStringLower(SHA256.HashData(text.WrittenSpan));
    }
}
