using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace Notify.Kernel;

/// <summary>SHA-256 and HMAC-SHA-256 of short inputs. To create the library's object for each of them costs several times as much as the hashing, so
/// each thread keeps its own.</summary>
public static class Hashes
{
    [ThreadStatic]
    private static IncrementalHash? plain;

    [ThreadStatic]
    private static ConditionalWeakTable<byte[], IncrementalHash>? keyed;

    /// <param name="hash">32 bytes.</param>
    public static void Sha256(Span<byte> hash, ReadOnlySpan<byte> input)
    {
        var own = plain ??= IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        own.AppendData(input);
        own.GetHashAndReset(hash);
    }

    /// <param name="key">Always the same array for the same key.</param>
    /// <returns>32 bytes.</returns>
    public static byte[] HmacSha256(byte[] key, ReadOnlySpan<byte> input)
    {
        var own = (keyed ??= []).GetValue(key, static x => IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, x));
        own.AppendData(input);
        return own.GetHashAndReset();
    }
}
