using System.Buffers.Binary;
using System.Text;
using Notify.Kernel;

namespace Notify.Audit.Index;

internal enum TermField : short
{
    Type = 1,
    Actor = 2,
    Text = 3,
    Correlation = 4,
}

/// <summary>A term by which entries can be searched.</summary>
internal readonly record struct Term(TermField Field, string Value, string? Detail = null)
{
    /// <summary>The first 64 bits of SHA-256. They may collide, so a reader checks each entry found by them.</summary>
    public long Hash()
    {
        var length = Encoding.UTF8.GetMaxByteCount(Value.Length + (Detail?.Length ?? 0) + 2);
        Span<byte> utf8 = length <= 1024 ? stackalloc byte[length] : new byte[length];
        utf8[0] = (byte)Field;
        var end = 1 + Encoding.UTF8.GetBytes(Value, utf8[1..]);
        if (Detail is not null)
        {
            utf8[end++] = 0;
            end += Encoding.UTF8.GetBytes(Detail, utf8[end..]);
        }

        Span<byte> hash = stackalloc byte[32];
        Sha256.Hash(hash, utf8[..end]);
        return BinaryPrimitives.ReadInt64LittleEndian(hash);
    }

    /// <summary>Makes texts equal that differ only in case and in the width of characters.</summary>
    public static string Fold(string text) => Names.Plain(text).ToLowerInvariant();
}
