using System.Globalization;
using System.Text;
using System.Text.Json;
using Notify.Audit.Proofs.Log;

namespace Notify.Audit.Index;

/// <param name="Places">The offsets of the events in their block, two bytes each.</param>
internal readonly record struct BodyRow(long First, byte[] Places, byte[] Grams);

/// <summary>
/// Tells in which bodies of events a text may be. Bodies (what was sent, values, descriptions) are mostly new each time, so the index does not store
/// them. For each group of some dozens of events, a row records in a few bits which sequences of four bytes their bodies contain. A search reads only
/// the events whose row has all sequences of the text. A body is split at its line feeds, and a line that the group has already is skipped.
/// </summary>
internal sealed class BodyGrams
{
    public const int GramLength = 4;

    /// <summary>A row that matches by chance costs reading all its events. Small rows have few, and take no more bytes for each body than large
    /// ones.</summary>
    private const int Bytes = 512;
    private const int MostPlaces = 64;

    /// <summary>The sizes of rows in bytes; earlier versions wrote larger ones. The bit of a sequence is its number modulo the number of bits in the
    /// row.</summary>
    private static readonly int[] widths = [Bytes, 1024];

    /// <summary>If a third of the bits are set, eight sequences of a text match by chance in about one row of 7,000 (3^8).</summary>
    private const int MostBits = Bytes * 8 / 3;

    private byte[] bits = [];
    private readonly ByteBuffer places = new();
    private readonly HashSet<byte[]> lines = new(Utf8Comparer.Instance);
    private readonly HashSet<byte[]>.AlternateLookup<ReadOnlySpan<byte>> met;
    private readonly List<BodyRow> full = [];
    private byte[] text = [];
    private long first;
    private long last;
    private int set;
    private bool changed;

    /// <summary>The event whose bodies come next.</summary>
    private long sequence;

    /// <summary>If set, receives the bodies themselves, folded; their sequences are then not recorded.</summary>
    public List<string>? Texts { get; init; }

    public BodyGrams() => met = lines.GetAlternateLookup<ReadOnlySpan<byte>>();

    /// <summary>Discards the unfinished row: it was not committed, or another node has continued.</summary>
    public void Reset()
    {
        full.Clear();
        Begin();
    }

    public void At(long number) => sequence = number;

    public void Add(ref Utf8JsonReader reader)
    {
        if (Texts is not null)
        {
            Texts.Add(Term.Fold(reader.GetString()!));
            return;
        }

        if (last != sequence) BeginEvent();
        if (reader.ValueSpan.Length > text.Length) text = new byte[reader.ValueSpan.Length * 2];
        var rest = text.AsSpan(0, reader.CopyString(text));
        while (true)
        {
            var end = rest.IndexOf((byte)'\n');
            AddLine(end < 0 ? rest : rest[..end]);
            if (end < 0) break;
            rest = rest[(end + 1)..];
        }
    }

    /// <summary>The rows that are new or have grown since the last call.</summary>
    public List<BodyRow> Take()
    {
        List<BodyRow> rows = [.. full];
        full.Clear();
        if (changed) rows.Add(Row());
        changed = false;
        return rows;
    }

    /// <summary>SQL condition: whether the bodies of a row may contain a text, tested by at most <paramref name="most"/> of its sequences.</summary>
    public static string MayHave(string folded, int most)
    {
        var bits = BitsOf(folded);
        var some = Enumerable.Range(0, Math.Min(bits.Length, most)).Select(i => bits[i * bits.Length / Math.Min(bits.Length, most)]).ToList();
        if (some.Count == 0) return "true";
        return $"case octet_length(grams) {string.Join(' ', widths.Select(x => $"when {x} then {string.Join(" and ", some.Select(bit => string.Create(CultureInfo.InvariantCulture, $"get_bit(grams, {bit & ((x * 8) - 1)}) = 1")))}"))} end";
    }

    private static int[] BitsOf(string folded)
    {
        var found = new HashSet<int>();
        foreach (var line in folded.Split('\n'))
        {
            var utf8 = Encoding.UTF8.GetBytes(line);
            for (var i = 0; i + GramLength <= utf8.Length; i++) found.Add(BitOf(utf8.AsSpan(i)));
        }

        return [.. found];
    }

    /// <summary>The bit of a sequence in a row of the largest size.</summary>
    private static int BitOf(ReadOnlySpan<byte> gram) =>
        (int)((System.Buffers.Binary.BinaryPrimitives.ReadUInt32LittleEndian(gram) * 0x9E3779B1u) >> 19);

    private void BeginEvent()
    {
        if (first > 0 && (set > MostBits || places.Length >= 2 * MostPlaces || AuditTables.BlockOf(first) != AuditTables.BlockOf(sequence)))
        {
            if (changed) full.Add(Row());
            Begin();
        }

        if (first == 0) first = sequence;
        if (bits.Length == 0) bits = new byte[Bytes];
        last = sequence;
        changed = true;
        var place = (ushort)(sequence & (AuditTables.BlockSize - 1));
        places.Append((byte)place);
        places.Append((byte)(place >> 8));
    }

    private void Begin()
    {
        Array.Clear(bits);
        places.Clear();
        lines.Clear();
        (first, last, set, changed) = (0, 0, 0, false);
    }

    private BodyRow Row() => new(first, places.Written.ToArray(), [.. bits]);

    private void AddLine(Span<byte> line)
    {
        if (line.Length < GramLength || !met.Add(line)) return;
        if (Ascii.IsValid(line))
        {
            Ascii.ToLowerInPlace(line, out _);
            AddGrams(line);
        }
        else
        {
            AddGrams(Encoding.UTF8.GetBytes(Term.Fold(Encoding.UTF8.GetString(line))));
        }
    }

    private void AddGrams(ReadOnlySpan<byte> line)
    {
        for (var i = 0; i + GramLength <= line.Length; i++)
        {
            var bit = BitOf(line[i..]) & ((Bytes * 8) - 1);
            ref var eight = ref bits[bit >> 3];
            var before = eight;
            eight |= (byte)(1 << (bit & 7));
            if (eight != before) set++;
        }
    }
}
