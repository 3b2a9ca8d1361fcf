using System.Buffers.Binary;
using Notify.Audit.Proofs.Format;
using Notify.Kernel;
using Notify.Kernel.Events.Store;
using Npgsql;

namespace Notify.Audit.Proofs.Log;

/// <summary>Leaves that were appended at once: one row of the log.</summary>
/// <param name="First">The index of the first leaf, from 0.</param>
public sealed record LeafBatch(
    long First, int Count, short Format, long FirstSequence, long LastSequence, byte[] Offsets, byte[] Hashes, byte[] Seeds)
{
    public const string Columns = "first, count, form, first_sequence, last_sequence, offsets, hashes, seeds";

    /// <summary>Leaves in one row, at most.</summary>
    private const int RowSize = 1024;

    public long End => First + Count;

    /// <summary>Whether its parts are consistent; somebody who can write to the table can make them inconsistent.</summary>
    public bool IsWhole =>
        Count > 0 && Hashes.Length == (long)Count * Sha256.Size && Seeds.Length == (long)Count * EventEncoder.SeedSize
        && (Offsets.Length == (long)Count * 4 || (Offsets.Length == 0 && LastSequence - FirstSequence == Count - 1))
        && SequenceAt(0) == FirstSequence && SequenceAt(Count - 1) == LastSequence;

    /// <summary>Whether it is whole and the numbers of its events ascend.</summary>
    public bool IsSound => IsWhole && (Offsets.Length == 0 || Enumerable.Range(1, Count - 1).All(x => SequenceAt(x) > SequenceAt(x - 1)));

    public static LeafBatch Read(NpgsqlDataReader row) => new(
        row.GetInt64(0), row.GetInt32(1), row.GetInt16(2), row.GetInt64(3), row.GetInt64(4), row.GetFieldValue<byte[]>(5),
        row.GetFieldValue<byte[]>(6), row.GetFieldValue<byte[]>(7));

    /// <summary>The number of the event of the i-th leaf of this row.</summary>
    public long SequenceAt(int i) => FirstSequence + (Offsets.Length == 0 ? i : BinaryPrimitives.ReadUInt32BigEndian(Offsets.AsSpan(i * 4)));

    public ReadOnlySpan<byte> HashAt(int i) => Hashes.AsSpan(i * Sha256.Size, Sha256.Size);

    public ReadOnlySpan<byte> SeedAt(int i) => Seeds.AsSpan(i * EventEncoder.SeedSize, EventEncoder.SeedSize);

    /// <returns>The place of the event's leaf; negative: this row has none.</returns>
    public int Find(long sequence)
    {
        var (low, high) = (0, Count - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var found = SequenceAt(middle);
            if (found == sequence) return middle;
            if (found < sequence) low = middle + 1;
            else high = middle - 1;
        }

        return -1;
    }

    /// <summary>Divides events into rows. A number that is too far from the first one for its offset begins a row.</summary>
    public static IEnumerable<EventRow[]> RowsOf(IReadOnlyList<EventRow> events)
    {
        for (int start = 0, end; start < events.Count; start = end)
        {
            var first = events[start].Sequence;
            for (end = start + 1; end < events.Count && end - start < RowSize && events[end].Sequence - first <= uint.MaxValue;) end++;
            yield return [.. events.Skip(start).Take(end - start)];
        }
    }

    public static byte[] OffsetsOf(IReadOnlyList<long> sequences)
    {
        if (sequences[^1] - sequences[0] == sequences.Count - 1) return [];
        var offsets = new byte[sequences.Count * 4];
        for (var i = 0; i < sequences.Count; i++) BinaryPrimitives.WriteUInt32BigEndian(
            offsets.AsSpan(i * 4), checked((uint)(sequences[i] - sequences[0])));
        return offsets;
    }
}
