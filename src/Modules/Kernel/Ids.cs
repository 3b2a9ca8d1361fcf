using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Notify.Kernel;

/// <summary>
/// Ids are opaque, and the same everywhere: in the API, as the stream's key, in logs. <c>rule-06c9…</c>: the kind, then 26
/// characters of Crockford's Base32, which sort by time of creation.
/// </summary>
public static class Ids
{
    private const string Alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

    /// <summary>Asking the system for so few random bytes costs as much as for many: each thread asks for those of 64 ids.</summary>
    private const int RandomLength = 64 * 10;

    [ThreadStatic]
    private static byte[]? random;

    [ThreadStatic]
    private static int used;

    public static string New(string kind, DateTimeOffset now) => Of(kind, NewGuid(now));

    /// <summary>A UUID of version 7 (RFC 9562): 48 bits of milliseconds since 1970, then 74 random bits.</summary>
    public static Guid NewGuid(DateTimeOffset now)
    {
        if (random is null || used == RandomLength)
        {
            RandomNumberGenerator.Fill(random ??= new byte[RandomLength]);
            used = 0;
        }

        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteInt64BigEndian(bytes, now.ToUnixTimeMilliseconds() << 16);
        random.AsSpan(used, 10).CopyTo(bytes[6..]);
        used += 10;
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x70);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true);
    }

    /// <summary>The lowest and the highest possible id of a kind, in any collation. Other ids may lie between, so also compare the
    /// prefix.</summary>
    public static (string First, string Last) Range(string kind) => (kind + "-", $"{kind}-{new string('z', 27)}");

    /// <summary>Kinds that can be found by name at <c>GET /api/v1/…?search=</c>.</summary>
    private static readonly string[] named = ["alarm", "service", "message", "schedule", "rule", "drill", "user", "group", "role"];

    /// <summary>The text about an id that does not exist; if it looks like a name, also states how to find the id.</summary>
    public static string NoSuch(string noun, string id)
    {
        var text = $"There is no {noun} '{Errors.Cut(id, 100)}'.";
        return !named.Contains(noun, StringComparer.Ordinal) || id.StartsWith($"{noun}-", StringComparison.Ordinal) ? text
            : $"{text} Expected an id, which begins with '{noun}-'; if this is a name, GET /api/v1/{noun}s?search= finds the id.";
    }

    /// <summary>Milliseconds since 1970 within which an id of <see cref="New"/> lies; those of a hash are almost never in it.</summary>
    private static readonly (long From, long To) plausible =
        (new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds(),
            new DateTimeOffset(2100, 1, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds());

    /// <summary>
    /// When an id of <see cref="New"/> was created, to the millisecond; null for any other id, such as an external or a <see cref="Derived"/> one.
    /// Never throws.
    /// </summary>
    public static DateTimeOffset? TimeOf(string id)
    {
        if (id.Length < 27) return null;
        UInt128 number = 0;
        foreach (var character in id.AsSpan(id.Length - 26))
        {
            var digit = Alphabet.IndexOf(character, StringComparison.Ordinal);
            if (digit < 0) return null;
            number = (number << 5) | (uint)digit;
        }

        // UUID version 7, variant 2, RFC 9562: the first 48 bits are milliseconds since 1970.
        if (((int)(number >> 76) & 0xF) != 7 || ((int)(number >> 62) & 3) != 2) return null;
        var milliseconds = (long)(ulong)(number >> 80);
        return milliseconds >= plausible.From && milliseconds < plausible.To ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds) : null;
    }

    /// <summary>The same id for the same identity, on every node and after every restart.</summary>
    public static string Derived(string kind, string identity)
    {
        Span<byte> hash = stackalloc byte[32];
        var byteCount = Encoding.UTF8.GetMaxByteCount(identity.Length);
        Span<byte> utf8 = byteCount <= 1024 ? stackalloc byte[byteCount] : new byte[byteCount];
        var length = Encoding.UTF8.GetBytes(identity, utf8);
        Sha256.Hash(hash, utf8[..length]);
        return Of(kind, new Guid(hash[..16], bigEndian: true));
    }

    /// <summary>The same event id for the same fact, so that a repeated report is recognised (UUID version 8, RFC 9562).</summary>
    public static Guid DerivedGuid(string fact)
    {
        Span<byte> hash = stackalloc byte[32];
        Sha256.Hash(hash, Encoding.UTF8.GetBytes(fact));
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash[..16], bigEndian: true);
    }

    public static string Of(string kind, Guid value) =>
        string.Create(kind.Length + 27, (kind, value), static (span, x) =>
        {
            x.kind.CopyTo(span);
            span[x.kind.Length] = '-';
            Span<byte> bytes = stackalloc byte[16];
            x.value.TryWriteBytes(bytes, bigEndian: true, out _);
            var number = BinaryPrimitives.ReadUInt128BigEndian(bytes);
            for (var i = span.Length - 1; i > x.kind.Length; i--)
            {
                span[i] = Alphabet[(int)(number & 31)];
                number >>= 5;
            }
        });
}
