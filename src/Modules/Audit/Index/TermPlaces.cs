using System.Buffers.Binary;
using Notify.Audit.Proofs.Log;

namespace Notify.Audit.Index;

/// <summary>A term, and where it occurs in the current block.</summary>
internal sealed class TermPlaces(Term term)
{
    private ushort[] places = new ushort[4];

    public long Hash { get; } = term.Hash();
    public Term Term { get; } = term;

    /// <summary>The last number of the batch that wrote the term to the table; once that batch is committed, the term is in the table.</summary>
    public long StoredWith { get; set; } = long.MaxValue;

    /// <summary>Whether the term belongs on a shelf: texts and correlations that occur in few places.</summary>
    public bool IsRare => Count <= 6 && (Term.Field is TermField.Text or TermField.Correlation);

    public int Count { get; private set; }

    public void Add(ushort place)
    {
        if (Count > 0 && places[Count - 1] == place) return;
        if (Count == places.Length) Array.Resize(ref places, Count * 2);
        places[Count++] = place;
    }

    /// <summary>Returns the places, two bytes each, little-endian, and resets the list.</summary>
    public byte[] Take()
    {
        var bytes = new byte[2 * Count];
        for (var i = 0; i < Count; i++) BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(2 * i), places[i]);
        Count = 0;
        return bytes;
    }

    /// <summary>Appends each place together with the hash, and resets the list.</summary>
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
