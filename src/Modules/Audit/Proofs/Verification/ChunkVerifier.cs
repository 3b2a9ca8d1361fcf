using System.Globalization;
using System.Text.Json;
using Notify.Audit.Following;
using Notify.Audit.Proofs.Format;
using Notify.Audit.Proofs.Log;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Events.Store;
using Npgsql;

namespace Notify.Audit.Proofs.Verification;

/// <param name="First">The place of the first leaf in the log.</param>
/// <param name="Hashes">The leaves as the log has them.</param>
/// <param name="Computed">The leaves as computed from the events; the same array as <paramref name="Hashes"/> if they are equal.</param>
/// <param name="Bad">The differences between events and log in this part, each with the place of its leaf in the part.</param>
/// <param name="IsWhole">False: rows of the log are missing or inconsistent here, so that no root can be computed from here on.</param>
public sealed record VerifiedChunk(
    long First, byte[] Hashes, byte[] Computed, long FirstSequence, long LastSequence, long Entries, IReadOnlyList<(int At, Finding Finding)> Bad,
    bool IsWhole)
{
    public int Count => Hashes.Length / Sha256.Size;
}

/// <summary>Compares up to <see cref="Size"/> leaves of the log with their events. Each verifier has a connection of its own, so that several can
/// work in parallel.</summary>
public sealed class ChunkVerifier(NpgsqlConnection connection)
{
    public const int Size = 1 << SizeBits;

    private const int SizeBits = 14;

    /// <summary>A number before every event. Not 0, because somebody may have written events with numbers below 1.</summary>
    private const long BeforeAll = -long.MaxValue;

    /// <summary>How many differences of one part are searched for events that were reordered.</summary>
    private const int MostKept = 64;

    private readonly EventEncoder encoder = new();

    private sealed record Mismatch(long Sequence, byte[] Stored, byte[] Seed, EventRow Row, int Found);

    /// <summary>The parts in which the log has rows, ascending; also where none should be.</summary>
    public static async Task<List<long>> NumbersAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"select distinct first >> {SizeBits} from {LogTables.Leaves} order by 1", connection)
        { CommandTimeout = 0 };
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var numbers = new List<long>();
        while (await reader.ReadAsync(cancellation)) numbers.Add(reader.GetInt64(0));
        return numbers;
    }

    public async Task<VerifiedChunk> VerifyAsync(long number, long fromSequence, long toSequence, CancellationToken cancellation)
    {
        var (rows, last) = await RowsAsync(number, cancellation);
        var bad = new List<(int At, Finding Finding)>();
        var sound = new List<LeafBatch>(rows.Count);
        var (expected, before, isWhole) = last is null
            ? (0, BeforeAll, true) : last.IsSound ? (last.End, last.LastSequence, true) : (rows[0].First, rows[0].FirstSequence - 1, false);
        var (sequence, place) = (before, 0);
        foreach (var row in rows)
        {
            if (!row.IsSound || row.First != expected || row.FirstSequence <= sequence)
            {
                isWhole = false;
                bad.Add((place, new Finding("log",
                    $"The log's own table was changed: its row at {row.First} does not hold together, or does not follow the one before it.",
                    row.FirstSequence)));
            }

            if (!row.IsSound || row.FirstSequence <= sequence) continue;
            sound.Add(row);
            (expected, sequence, place) = (row.End, row.LastSequence, place + row.Count);
        }

        var hashes = new byte[place * Sha256.Size];
        var at = 0;
        foreach (var row in sound)
        {
            row.Hashes.CopyTo(hashes, at);
            at += row.Hashes.Length;
        }

        var chunk = new VerifiedChunk(
            rows[0].First, hashes, hashes, sound.Count > 0 ? sound[0].FirstSequence : rows[0].FirstSequence, sequence, 0, bad, isWhole);
        return sequence < fromSequence || before >= toSequence || sound.Count == 0
            ? chunk : await CompareAsync(chunk, sound, before, fromSequence, toSequence, cancellation);
    }

    private async Task<VerifiedChunk> CompareAsync(
        VerifiedChunk chunk, List<LeafBatch> rows, long before, long fromSequence, long toSequence, CancellationToken cancellation)
    {
        var redactions = await LogReader.RedactionsAsync(connection, chunk.FirstSequence, chunk.LastSequence, cancellation);
        await using var events = await EventRows.OpenAsync(
            connection, string.Create(CultureInfo.InvariantCulture,
            $"seq_id > {before} and seq_id <= {chunk.LastSequence} and type <> '{EventTables.Tombstone}'"), cancellation);
        var bad = new List<(int At, Finding Finding)>(chunk.Bad);
        var mismatches = new List<Mismatch>();
        var (entries, place, leaf, computed) = (0L, 0, new byte[Sha256.Size], chunk.Hashes);
        var there = await events.ReadAsync(cancellation);
        var e = events.Row;
        foreach (var row in rows)
        {
            for (var i = 0; i < row.Count; i++, place++)
            {
                var sequence = row.SequenceAt(i);
                for (; there && e.Sequence < sequence; there = await events.ReadAsync(cancellation)) Inserted();
                if (!there || e.Sequence > sequence)
                {
                    bad.Add((place, new Finding(
                        "deleted", $"The event {sequence} was deleted: the log has its leaf, the store does not have it.", sequence)));
                    continue;
                }

                if (sequence >= fromSequence && sequence <= toSequence) entries++;
                var redaction = redactions.GetValueOrDefault(sequence);
                if (Misplaced(e, redaction) is { } misplaced) bad.Add((place, misplaced));
                if (!TryLeaf(leaf, e, row.SeedAt(i), redaction) || !row.HashAt(i).SequenceEqual(leaf))
                {
                    if (mismatches.Count < MostKept) mismatches.Add(
                        new(sequence, row.HashAt(i).ToArray(), row.SeedAt(i).ToArray(), Copy(e), bad.Count));
                    bad.Add((place, Of("changed", e, ChangedText(e.Sequence))));
                    if (ReferenceEquals(computed, chunk.Hashes)) computed = [.. chunk.Hashes];
                    leaf.CopyTo(computed, place * Sha256.Size);
                }
                else if (redaction is not null)
                {
                    if (Unmarked(e, row.SeedAt(i), redaction) is { } unmarked) bad.Add((place, unmarked));
                }

                there = await events.ReadAsync(cancellation);
            }
        }

        for (; there; there = await events.ReadAsync(cancellation)) Inserted();
        NameReordered(mismatches, bad);
        return chunk with { Computed = computed, Entries = entries, Bad = bad };

        void Inserted()
        {
            // Where rows of the log are missing, an event without a leaf proves nothing.
            if (chunk.IsWhole) bad.Add(
                (place, Of("inserted", e, $"The event {e.Sequence} was inserted, or brought back, later: the log has no leaf of it.")));
        }
    }

    /// <summary>What a leaf does not cover: whether the event is read, and as whose.</summary>
    private static Finding? Misplaced(EventRow e, Redaction? redaction) =>
        e.Foreign ? Of("changed", e, $"The event {e.Sequence} has what no event has: another tenant, a binary form of its data, no stream, or an instant outside the years 1 to 9999.")
        : e.Archived == IsExpired(e, redaction) ? null
        : Of("changed", e, e.Archived ? $"The event {e.Sequence} was put aside in the store, so that nothing reads it."
            : $"The event {e.Sequence} has expired, but was put back in the store, so that it is read.");

    /// <summary>Nothing may be left of an expired event but its place.</summary>
    private static bool IsExpired(EventRow e, Redaction? redaction) =>
        redaction?.Commitments.ContainsKey(Redaction.Body) == true && e.Data.Span.SequenceEqual("{}"u8) && e.Headers is null && e.User is null
            && e.Correlation is null && e.Causation is null;

    /// <returns>The rows, and the one before them.</returns>
    private async Task<(List<LeafBatch> Rows, LeafBatch? Last)> RowsAsync(long number, CancellationToken cancellation)
    {
        var first = number << SizeBits;
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(
            new($"select {LeafBatch.Columns} from {LogTables.Leaves} where first < $1 order by first desc limit 1")
            {
                Parameters =
            { new() { Value = first } }
            });
        batch.BatchCommands.Add(new($"select {LeafBatch.Columns} from {LogTables.Leaves} where first between $1 and $2 order by first")
        {
            Parameters = { new() { Value = first }, new() { Value = first + (Size - 1) } },
        });
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        var last = await reader.ReadAsync(cancellation) ? LeafBatch.Read(reader) : null;
        await reader.NextResultAsync(cancellation);
        var rows = new List<LeafBatch>();
        while (await reader.ReadAsync(cancellation)) rows.Add(LeafBatch.Read(reader));
        return (rows, last);
    }

    /// <summary>Says that an event and its leaf differ; until a signed root shows which of them was changed, it is taken to be the event.</summary>
    public static string ChangedText(long? sequence) =>
        $"The event {sequence} was changed after it was recorded: its data, headers, instant, actor or another of its columns (or the seed that the log keeps for it).";

    private static Finding Of(string kind, EventRow e, string explanation) => new(kind, explanation, e.Sequence, Utf8(e.Type), Utf8(e.Stream));

    /// <summary>False if the event cannot be hashed, because somebody wrote content that Notify never writes. That counts as a change.</summary>
    private bool TryLeaf(byte[] leaf, EventRow e, ReadOnlySpan<byte> seed, Redaction? redaction)
    {
        try
        {
            encoder.Leaf(leaf, e, seed, redaction);
            return true;
        }
        catch (Exception x) when (x is JsonException or ArgumentException or InvalidOperationException or IndexOutOfRangeException)
        {
            return false;
        }
    }

    /// <summary>An erased value must be replaced by the mark of an erasure and nothing else.</summary>
    private Finding? Unmarked(EventRow e, ReadOnlySpan<byte> seed, Redaction redaction)
    {
        if (redaction.Commitments.ContainsKey(Redaction.Body)) return null;
        var unmarked = false;
        encoder.Salts(e, seed, redaction, (value, json) =>
            unmarked |= redaction.Commitments.ContainsKey(value) && !json.Span.SequenceEqual(Erased.Json));
        return unmarked ? Of("changed", e, $"The event {e.Sequence} shows something in place of a value that was erased.") : null;
    }

    /// <summary>An event that matches the leaf of another changed event was not changed, but moved.</summary>
    private void NameReordered(List<Mismatch> mismatches, List<(int At, Finding Finding)> bad)
    {
        var leaf = new byte[Sha256.Size];
        foreach (var to in mismatches)
        {
            foreach (var from in mismatches)
            {
                if (from == to) continue;
                from.Row.Sequence = to.Sequence;
                var isOf = TryLeaf(leaf, from.Row, to.Seed, null) && leaf.AsSpan().SequenceEqual(to.Stored);
                from.Row.Sequence = from.Sequence;
                if (!isOf) continue;
                var reordered = Of("reordered", from.Row,
                    $"Events were reordered: what is now the event {from.Sequence} was recorded as {to.Sequence}.");
                bad[to.Found] = (bad[to.Found].At, reordered with { Sequence = Math.Min(from.Sequence, to.Sequence) });
                break;
            }
        }
    }

    private static EventRow Copy(EventRow e) => new()
    {
        Sequence = e.Sequence,
        Id = e.Id,
        Version = e.Version,
        At = e.At,
        Stream = e.Stream.ToArray(),
        Type = e.Type.ToArray(),
        User = Copy(e.User),
        Correlation = Copy(e.Correlation),
        Causation = Copy(e.Causation),
        Headers = Copy(e.Headers),
        Data = e.Data.ToArray(),
    };

    private static ReadOnlyMemory<byte>? Copy(ReadOnlyMemory<byte>? memory) => memory is { } value ? value.ToArray() : default(ReadOnlyMemory<byte>?);

    private static string Utf8(ReadOnlyMemory<byte> text) => System.Text.Encoding.UTF8.GetString(text.Span);
}
