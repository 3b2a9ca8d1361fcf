using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Notify.Access.Verifying;

/// <summary>
/// Codes of authenticator apps (RFC 6238): six digits from the HMAC-SHA1 of the number of the 30-second step. The code of the previous step is
/// accepted too, since typing takes time (section 5.2), but no other; ASP.NET Core Identity's provider would accept two steps before and after.
/// </summary>
public static class Totp
{
    private const int Step = 30;
    private const string Base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    /// <param name="secret">The secret in base 32.</param>
    public static bool Fits(string secret, string code, DateTimeOffset now)
    {
        var (key, step, given) = (BytesOf(secret), now.ToUnixTimeSeconds() / Step, Encoding.UTF8.GetBytes(code));
        return CryptographicOperations.FixedTimeEquals(given, CodeOf(key, step))
            | CryptographicOperations.FixedTimeEquals(given, CodeOf(key, step - 1));
    }

    [SuppressMessage("Security", "CA5350", Justification = "RFC 6238 says SHA-1, and so do all apps; as an HMAC it is not broken.")]
    private static byte[] CodeOf(byte[] key, long step)
    {
        Span<byte> counter = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(counter, step);
        var hash = HMACSHA1.HashData(key, counter);
        var number = BinaryPrimitives.ReadUInt32BigEndian(hash.AsSpan(hash[^1] & 0xf)) & 0x7fffffff;
        return Encoding.ASCII.GetBytes((number % 1_000_000).ToString("D6", CultureInfo.InvariantCulture));
    }

    private static byte[] BytesOf(string secret)
    {
        var bytes = new List<byte>();
        var (value, bits) = (0, 0);
        foreach (var character in secret)
        {
            (value, bits) = (((value << 5) | Base32.IndexOf(character, StringComparison.Ordinal)) & 0xfff, bits + 5);
            if (bits < 8) continue;
            bits -= 8;
            bytes.Add((byte)(value >> bits));
        }

        return [.. bytes];
    }
}
