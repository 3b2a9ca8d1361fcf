using System.Buffers.Binary;
using Notify.Audit.Proofs.Log;

namespace Notify.Audit.Index;

/// <summary>A term, and where it occurs in the batch at hand.</summary>
internal sealed class TermPlaces(Term term)
{
    private ushort[] places = new ushort[4];

    public long Hash { get; } = term.Hash();
    public Term Term { get; } = term;

    /// <summary>The end of the batch that has put it in the table; it is surely there when that batch is committed.</summary>
    public long StoredWith { get; set; } = long.MaxValue;

    /// <summary>Of some things there are many, and each occurs in few places.</summary>
    public bool IsRare => Count <= 6 && (Term.Field is TermField.Text or TermField.Correlation);

    public int Count { get; private set; }

    public void Add(ushort place)
    {
        if (Count > 0 && places[Count - 1] == place) return;
        if (Count == places.Length) Array.Resize(ref places, Count * 2);
        places[Count++] = place;
    }

    /// <summary>Two bytes each, little-endian; and starts again.</summary>
    public byte[] Take()
    {
        var bytes = new byte[2 * Count];
        for (var i = 0; i < Count; i++) BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(2 * i), places[i]);
        Count = 0;
        return bytes;
    }

    /// <summary>Each place with the hash; and starts again.</summary>
    public void TakeTo(ByteBuffer shelf)
    {
        for (var i = 0; i < Count; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(shelf.GetSpan(AuditTables.RareSize), Hash);
            BinaryPrimitives.WriteUInt16LittleEndian(shelf.GetSpan(AuditTables.RareSize)[8..], places[i]);
            shelf.Advance(AuditTables.RareSize);
        }

        Count = 0;
    }
}
