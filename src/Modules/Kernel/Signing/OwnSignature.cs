using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Notify.Kernel.Secrets;

namespace Notify.Kernel.Signing;

/// <summary>
/// Somebody has signed what they record by it: they proved once more who they are, and said what they mean by it. It is made before that is on
/// record, and has no leaf to be sealed with; what lies in the history already, such as a proposal, is signed by a
/// <see cref="Notify.Kernel.Signature"/>.
/// </summary>
/// <param name="Signer">The person's id.</param>
/// <param name="DisplayName">The person's name at that time.</param>
/// <param name="Meaning"><c>requested</c>, <c>confirmed</c> or <c>reviewed</c>.</param>
/// <param name="Method">How they proved it: <c>password</c>, <c>code</c> or <c>oidc</c>.</param>
/// <param name="Content">SHA-256, in hexadecimal, over what is signed as it is on record, as canonical JSON (docs/proofs.md).</param>
/// <param name="Hash">SHA-256 over all of the above with the id of what is signed (docs/approvals.md): who copies or alters any of it is found.</param>
/// <param name="Seal">A MAC over the hash: only Notify with its key file makes a signature, not who can write to the database.</param>
public sealed record OwnSignature(
    string Signer, string DisplayName, DateTimeOffset SignedAt, string Meaning, string Method, string Content, string Hash, string Seal = "")
{
    private const string Member = "signature";

    /// <param name="stream">Of the event that holds it.</param>
    /// <param name="content">As <see cref="ContentOf(string)"/> gives it.</param>
    public static OwnSignature Of(MasterKey key, string stream, string content, Actor signer, DateTimeOffset at, string meaning, string method)
    {
        var signature = new OwnSignature(signer.Id, signer.Name, at, meaning, method, content, "");
        var hash = signature.HashFor(stream);
        return signature with { Hash = hash, Seal = SealOf(key, hash) };
    }

    /// <summary>Whether it was made here, for this stream, with this content, and not changed since.</summary>
    public bool Holds(MasterKey key, string stream, string content) =>
        Content == content && Hash == HashFor(stream) && Seal == SealOf(key, Hash);

    /// <param name="data">The body of the event that says what is signed; a signature in it is not part of the content.</param>
    public static string ContentOf(string data) => ContentOf(JsonNode.Parse(data)!.AsObject());

    /// <param name="data">The event that is about to record it, without the signature.</param>
    public static string ContentOfNew(object data) => ContentOf(JsonSerializer.SerializeToNode(data, data.GetType(), NotifyJson.Options)!.AsObject());

    private static string ContentOf(JsonObject data)
    {
        data.Remove(Member);
        return Sha256Of(data);
    }

    private static string SealOf(MasterKey key, string hash) => key.Mac(Member, hash);

    private string HashFor(string stream)
    {
        var signed = new JsonObject
        {
            [stream[..stream.IndexOf('-', StringComparison.Ordinal)]] = stream,
            ["content"] = Content,
            ["signer"] = Signer,
            ["displayName"] = DisplayName,
            ["signedAt"] = JsonSerializer.SerializeToNode(SignedAt, NotifyJson.Options),
            ["meaning"] = Meaning,
            ["method"] = Method,
        };
        return Sha256Of(signed);
    }

    private static string Sha256Of(JsonObject value)
    {
        var text = new ArrayBufferWriter<byte>();
        CanonicalJson.Write(text, JsonSerializer.SerializeToElement(value));
        return Convert.ToHexStringLower(SHA256.HashData(text.WrittenSpan));
    }
}
