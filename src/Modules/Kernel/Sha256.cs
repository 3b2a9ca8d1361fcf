using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace Notify.Kernel;

/// <summary>SHA-256 and HMAC-SHA-256 of mostly short inputs. A hash has 32 bytes.</summary>
public static class Sha256
{
    public const int Size = 32;

    private const int Short = 512;

    // Creating one for each hash costs more than hashing so little.
    [ThreadStatic]
    private static IncrementalHash? current;

    [ThreadStatic]
    private static ConditionalWeakTable<byte[], IncrementalHash>? keyed;

    /// <summary>Of concatenated parts, without an allocation.</summary>
    public static void Hash(Span<byte> hash, ReadOnlySpan<byte> a, ReadOnlySpan<byte> b = default, ReadOnlySpan<byte> c = default)
    {
        var sha = current ??= IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        if (a.Length + b.Length + c.Length is var length && length <= Short)
        {
            // Most inputs are short. For them each call of the library costs as much as the hashing itself, so make only one.
            Span<byte> all = stackalloc byte[Short];
            a.CopyTo(all);
            b.CopyTo(all[a.Length..]);
            c.CopyTo(all[(a.Length + b.Length)..]);
            sha.AppendData(all[..length]);
        }
        else
        {
            sha.AppendData(a);
            if (!b.IsEmpty) sha.AppendData(b);
            if (!c.IsEmpty) sha.AppendData(c);
        }

        sha.GetHashAndReset(hash);
    }

    /// <param name="key">Always the same array for the same key.</param>
    public static byte[] Hmac(byte[] key, ReadOnlySpan<byte> input)
    {
        var sha = (keyed ??= []).GetValue(key, static x => IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, x));
        sha.AppendData(input);
        return sha.GetHashAndReset();
    }
}
