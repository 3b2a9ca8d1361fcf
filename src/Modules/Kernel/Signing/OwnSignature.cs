using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Notify.Kernel.Secrets;

namespace Notify.Kernel.Signing;

/// <summary>
/// A person's signature on what they record with it: they authenticated again, and stated what they mean by it. It is made before the content is
/// recorded, and so cannot be sealed with a log leaf; content that is already recorded, such as a proposal, is signed by a
/// <see cref="Notify.Kernel.Signature"/>.
/// </summary>
/// <param name="Signer">The person's id.</param>
/// <param name="DisplayName">The person's name at that time.</param>
/// <param name="Meaning"><c>requested</c>, <c>confirmed</c> or <c>reviewed</c>.</param>
/// <param name="Method">How they authenticated: <c>password</c>, <c>code</c> or <c>oidc</c>.</param>
/// <param name="Content">SHA-256, in hexadecimal, of the signed content as recorded, in canonical JSON (docs/proofs.md).</param>
/// <param name="Hash">SHA-256 of all of the above with the id of what is signed (docs/approvals.md), which reveals copying and changes.</param>
/// <param name="Seal">A MAC over the hash: it needs Notify's key file, so write access to the database is not enough to make one.</param>
public sealed record OwnSignature(
    string Signer, string DisplayName, DateTimeOffset SignedAt, string Meaning, string Method, string Content, string Hash, string Seal = "")
{
    private const string Member = "signature";

    /// <summary>What replaces an erased text.</summary>
    private const string Erased = "[erased]";

    /// <param name="stream">The stream of the event that contains it.</param>
    /// <param name="content">As returned by <see cref="ContentOf(string)"/>.</param>
    public static OwnSignature Of(MasterKey key, string stream, string content, Actor signer, DateTimeOffset at, string meaning, string method)
    {
        var signature = new OwnSignature(signer.Id, signer.Name, at, meaning, method, content, "");
        var hash = signature.HashFor(stream);
        return signature with { Hash = hash, Seal = SealOf(key, hash) };
    }

    /// <summary>Whether it was made by this installation, for this stream and content, and not changed since.</summary>
    public bool Holds(MasterKey key, string stream, string content) =>
        Content == content && Hash == HashFor(stream) && Seal == SealOf(key, Hash);

    /// <summary>The same for the data of the event that contains it. Of what was erased since, nothing can be computed: what is left of the event is
    /// proven by its leaf, and that this installation made the signature by its seal.</summary>
    /// <param name="isErased">Whether something of the event was erased, as its record says (<see cref="Events.IErasures"/>).</param>
    public bool HoldsIn(MasterKey key, string stream, string data, bool isErased)
    {
        var content = JsonNode.Parse(data)!.AsObject();
        content.Remove(Member);
        var (isContentErased, isNameErased) = (
            isErased && content.ToJsonString().Contains(Erased, StringComparison.Ordinal), isErased && DisplayName == Erased);
        return (isContentErased || Content == Sha256Of(content)) && (isNameErased || Hash == HashFor(stream)) && Seal == SealOf(key, Hash);
    }

    /// <param name="data">The data of the event with the signed content; a signature in it is not part of the content.</param>
    public static string ContentOf(string data) => ContentOf(JsonNode.Parse(data)!.AsObject());

    /// <param name="data">The event that will record it, without the signature.</param>
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
