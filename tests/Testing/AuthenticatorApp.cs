using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;

namespace Notify.Testing;

/// <summary>What a phone shows: codes by RFC 6238 (SHA-1, six digits, 30 seconds), computed independently of Notify.</summary>
public static class AuthenticatorApp
{
    private const string Base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    // SHA-1 is what the standard has and every authenticator app takes (RFC 6238); as an HMAC it is not broken.
#pragma warning disable CA5350
    /// <param name="clock">Of the phone; null: the system's.</param>
    /// <param name="steps">How many steps of 30 seconds the phone's clock is ahead.</param>
    [System.Diagnostics.CodeAnalysis.SuppressMessage("Security", "CA5350", Justification = "RFC 6238 says SHA-1, as all apps compute it.")]
    public static string CodeOf(string secret, TimeProvider? clock = null, int steps = 0)
    {
        var counter = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(counter, ((clock ?? TimeProvider.System).GetUtcNow().ToUnixTimeSeconds() / 30) + steps);
        var hash = HMACSHA1.HashData(BytesOf(secret), counter);
        var number = BinaryPrimitives.ReadUInt32BigEndian(hash.AsSpan(hash[^1] & 15)) & 0x7fffffff;
        return (number % 1_000_000).ToString("D6", CultureInfo.InvariantCulture);
    }
#pragma warning restore CA5350

    private static byte[] BytesOf(string secret)
    {
        var (bytes, bits, count) = (new List<byte>(), 0, 0);
        foreach (var character in secret.TrimEnd('='))
        {
            bits = (bits << 5) | Base32.IndexOf(character, StringComparison.Ordinal);
            count += 5;
            if (count < 8) continue;
            bytes.Add((byte)(bits >> (count - 8)));
            count -= 8;
        }

        return [.. bytes];
    }
}
