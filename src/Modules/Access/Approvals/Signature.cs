using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Notify.Kernel;

namespace Notify.Access.Approvals;

/// <summary>Somebody has signed what is in a proposal: they proved once more who they are, and said what they mean by it.</summary>
/// <param name="Signer">The person's id.</param>
/// <param name="DisplayName">The person's name at that time.</param>
/// <param name="Meaning"><c>approved</c> or <c>proposed</c>.</param>
/// <param name="Method">How they proved it: <c>password</c> or <c>code</c>.</param>
/// <param name="Content">SHA-256, in hexadecimal, over the proposal as it is on record, as canonical JSON (docs/proofs.md).</param>
/// <param name="Hash">SHA-256 over all of the above with the proposal's id (docs/approvals.md): who copies or alters any of it is found.</param>
public sealed record Signature(string Signer, string DisplayName, DateTimeOffset SignedAt, string Meaning, string Method, string Content, string Hash)
{
    public const string Approved = "approved";
    public const string Proposed = "proposed";

    /// <param name="content">As <see cref="ContentOf"/> gives it.</param>
    public static Signature Of(string proposal, string content, Actor signer, DateTimeOffset at, string meaning, string method)
    {
        var signature = new Signature(signer.Id, signer.Name, at, meaning, method, content, "");
        return signature with { Hash = signature.HashFor(proposal) };
    }

    /// <summary>Whether it was made for this proposal, with this content, and not changed since.</summary>
    public bool Holds(string proposal, string content) => Content == content && Hash == HashFor(proposal);

    /// <param name="proposed">The body of the event that proposed the change.</param>
    public static string ContentOf(string proposed)
    {
        using var document = JsonDocument.Parse(proposed);
        return Sha256Of(document.RootElement);
    }

    private string HashFor(string proposal)
    {
        var signed = new JsonObject
        {
            ["proposal"] = proposal,
            ["content"] = Content,
            ["signer"] = Signer,
            ["displayName"] = DisplayName,
            ["signedAt"] = JsonSerializer.SerializeToNode(SignedAt, NotifyJson.Options),
            ["meaning"] = Meaning,
            ["method"] = Method,
        };
        return Sha256Of(JsonSerializer.SerializeToElement(signed));
    }

    private static string Sha256Of(JsonElement value)
    {
        var text = new ArrayBufferWriter<byte>();
        CanonicalJson.Write(text, value);
        return Convert.ToHexStringLower(SHA256.HashData(text.WrittenSpan));
    }
}
