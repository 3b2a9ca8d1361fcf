using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Notify.Kernel;
using Org.BouncyCastle.Math.EC.Rfc8032;

namespace Notify.Audit.Proofs.Format;

/// <summary>
/// A text and who has signed it, in the form of https://c2sp.org/signed-note: the text, an empty line, and for each signature a line of a dash, the
/// key's name, and in base 64 the key's number and the signature.
/// </summary>
/// <param name="Text">Ends with a line feed.</param>
/// <param name="Signatures">The lines, each with its line feed.</param>
public sealed record SignedNote(string Text, IReadOnlyList<string> Signatures)
{
    public static SignedNote? Parse(string note)
    {
        var split = note.LastIndexOf("\n\n", StringComparison.Ordinal);
        if (split < 0 || note[^1] != '\n') return null;
        var lines = note[(split + 2)..].Split('\n')[..^1];
        return lines.Length is > 0 and <= 16 && lines.All(x => x.StartsWith("— ", StringComparison.Ordinal))
            ? new(note[..(split + 1)], [.. lines.Select(x => x + "\n")]) : null;
    }

    public static SignedNote Sign(string text, params NoteSigner[] signers) => new(text, [.. signers.Select(x => x.Line(text))]);

    public override string ToString() => $"{Text}\n{string.Concat(Signatures)}";

    /// <summary>Whether one of these keys has signed it, and no signature that names one of them is bad. Signatures of other keys are
    /// ignored.</summary>
    public bool IsSignedBy(IReadOnlyCollection<NoteKey> keys)
    {
        var good = 0;
        foreach (var line in Signatures)
        {
            if (keys.FirstOrDefault(x => x.IsNamedBy(line)) is not { } key) continue;
            if (!key.Verifies(Text, line)) return false;
            good++;
        }

        return good > 0;
    }
}

/// <summary>The public half of an Ed25519 key, written as <c>name+number+base64</c>.</summary>
public sealed class NoteKey
{
    private const byte Ed25519Algorithm = 1;
    private readonly byte[] publicKey;

    public NoteKey(string name, byte[] publicKey)
    {
        (Name, this.publicKey) = (name, publicKey);
        Span<byte> hash = stackalloc byte[Sha256.Size];
        Sha256.Hash(hash, Encoding.UTF8.GetBytes(name + "\n"), [Ed25519Algorithm], publicKey);
        Number = BinaryPrimitives.ReadUInt32BigEndian(hash);
    }

    public string Name { get; }

    /// <summary>Tells which key a signature was made with; it proves nothing.</summary>
    public uint Number { get; }

    public ReadOnlySpan<byte> PublicKey => publicKey;

    public override string ToString() => $"{Name}+{Number:x8}+{Convert.ToBase64String([Ed25519Algorithm, .. publicKey])}";

    /// <exception cref="FormatException">The text is not such a key.</exception>
    public static NoteKey Parse(string text)
    {
        var parts = text.Trim().Split('+', 3);
        var key = parts.Length == 3 ? Convert.FromBase64String(parts[2]) : [];
        if (key.Length != 33 || key[0] != Ed25519Algorithm) throw new FormatException(
            "The key is not an Ed25519 key of the form name+number+base64.");
        var result = new NoteKey(parts[0], key[1..]);
        return string.Equals(result.ToString(), text.Trim(), StringComparison.Ordinal)
            ? result : throw new FormatException("The key's number does not fit its name and value.");
    }

    /// <param name="line">A signature line, with its line feed.</param>
    public bool IsNamedBy(string line) => TryReadSignature(line, out var signature) && BinaryPrimitives.ReadUInt32BigEndian(signature) == Number;

    /// <inheritdoc cref="IsNamedBy"/>
    public bool Verifies(string text, string line)
    {
        if (!TryReadSignature(line, out var signature) || BinaryPrimitives.ReadUInt32BigEndian(signature) != Number) return false;
        var bytes = Encoding.UTF8.GetBytes(text);
        return Ed25519.Verify(signature, 4, publicKey, 0, bytes, 0, bytes.Length);
    }

    private bool TryReadSignature(string line, [NotNullWhen(true)] out byte[]? signature)
    {
        signature = new byte[68];
        var start = $"— {Name} ";
        return line.StartsWith(start, StringComparison.Ordinal) && line.Length == start.Length + 93
            && Convert.TryFromBase64String(line[start.Length..^1], signature, out var length) && length == 68
            // Base 64 has unused bits; only one form of each signature is accepted.
            && string.Equals($"{start}{Convert.ToBase64String(signature)}\n", line, StringComparison.Ordinal);
    }
}

/// <param name="privateKey">The 32 bytes of RFC 8032's private key.</param>
public sealed class NoteSigner(string name, byte[] privateKey)
{
    public NoteKey Key { get; } = new(name, PublicKeyOf(privateKey));

    public string Line(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var signature = new byte[68];
        BinaryPrimitives.WriteUInt32BigEndian(signature, Key.Number);
        Ed25519.Sign(privateKey, 0, bytes, 0, bytes.Length, signature, 4);
        return $"— {name} {Convert.ToBase64String(signature)}\n";
    }

    private static byte[] PublicKeyOf(byte[] privateKey)
    {
        var result = new byte[32];
        Ed25519.GeneratePublicKey(privateKey, 0, result, 0);
        return result;
    }
}
