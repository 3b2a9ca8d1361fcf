using System.Buffers;
using System.Text;
using System.Text.Json;
using Notify.Kernel;

namespace Notify.Audit.Proofs.Format;

/// <summary>
/// An event as it is exported (docs/proofs.md), and its leaf. A text that names a person is exported with a salt, <c>{"$personal":[salt,value]}</c>,
/// and enters the leaf only as a commitment; so does the whole body. Of an erased value only the commitment is left.
/// </summary>
public static class EntryEncoding
{
    /// <summary>Salts have 16 bytes.</summary>
    public const int SaltSize = 16;

    private static readonly string[] members = ["at", "id", "seq", "body", "salt", "type", "stream", "version"];

    /// <summary>A value's commitment: SHA-256 of its salt and its canonical JSON.</summary>
    public static void Commit(Span<byte> commitment, ReadOnlySpan<byte> salt, ReadOnlySpan<byte> json) => Sha256.Hash(commitment, salt, json);

    /// <exception cref="FormatException">The entry does not have this format.</exception>
    public static byte[] LeafHash(JsonElement entry)
    {
        Span<byte> commitment = stackalloc byte[Sha256.Size];
        BodyCommitment(commitment, entry);
        var head = new ArrayBufferWriter<byte>(512);
        head.Write("{"u8);
        foreach (var name in members)
        {
            if (name == "salt") continue;
            if (head.WrittenCount > 1) head.Write(","u8);
            head.Write(Encoding.ASCII.GetBytes($"\"{name}\":"));
            if (name == "body") head.Write(Encoding.ASCII.GetBytes($"\"{Convert.ToHexStringLower(commitment)}\""));
            else CanonicalJson.Write(head, Required(entry, name));
        }

        head.Write("}"u8);
        var leaf = new byte[Sha256.Size];
        TreeHash.Leaf(leaf, head.WrittenSpan);
        return leaf;
    }

    private static void BodyCommitment(Span<byte> commitment, JsonElement entry)
    {
        var names = entry.ValueKind == JsonValueKind.Object ? entry.EnumerateObject().Select(x => x.Name).ToList() : [];
        if (names.Except(members, StringComparer.Ordinal).Any()) throw new FormatException("The entry has an unknown member.");
        var body = Required(entry, "body");
        if (Commitment(body) is { } erased)
        {
            if (entry.TryGetProperty("salt", out _)) throw new FormatException("An erased body has no salt.");
            erased.CopyTo(commitment);
            return;
        }

        var canonical = new ArrayBufferWriter<byte>(1024);
        CanonicalJson.Write(canonical, body, ReplacePersonal);
        Commit(commitment, Bytes(Required(entry, "salt"), SaltSize), canonical.WrittenSpan);
    }

    private static bool ReplacePersonal(IBufferWriter<byte> to, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Object || value.GetPropertyCount() != 1
            || !value.TryGetProperty("$personal", out var pair)) return false;
        if (pair.ValueKind != JsonValueKind.Array || pair.GetArrayLength() != 2
            || pair[1].ValueKind != JsonValueKind.String) throw new FormatException("A personal value is a salt and a text.");
        Span<byte> commitment = stackalloc byte[Sha256.Size];
        Commit(commitment, Bytes(pair[0], SaltSize), CanonicalJson.Quoted(pair[1].GetString()!));
        to.Write(Encoding.ASCII.GetBytes($"{{\"$commitment\":\"{Convert.ToHexStringLower(commitment)}\"}}"));
        return true;
    }

    /// <returns>Null: the value was not erased.</returns>
    private static byte[]? Commitment(JsonElement value) =>
        value.ValueKind == JsonValueKind.Object && value.GetPropertyCount() == 1 && value.TryGetProperty("$commitment", out var hash)
            ? Bytes(hash, Sha256.Size) : null;

    private static JsonElement Required(JsonElement entry, string name) =>
        entry.TryGetProperty(name, out var value) ? value : throw new FormatException($"The entry has no {name}.");

    /// <summary>Parses lower-case hexadecimal digits. Capitals are refused, because every value must have only one form.</summary>
    public static byte[] Bytes(JsonElement value, int length)
    {
        var text = value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
        return text.Length == length * 2 && text.All(char.IsAsciiHexDigit) && !text.Any(char.IsAsciiLetterUpper)
            ? Convert.FromHexString(text)
            : throw new FormatException($"A value should be {length} bytes in lower-case hexadecimal digits.");
    }
}
