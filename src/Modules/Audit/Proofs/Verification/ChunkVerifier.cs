using Notify.Audit.Proofs.Format;
using Notify.Audit.Proofs.Log;
using Npgsql;

namespace Notify.Audit.Proofs.Verification;

/// <param name="Hashes">The leaves as the log has them.</param>
/// <param name="Computed">The leaves as they follow from the events; the same memory while nothing is wrong.</param>
/// <param name="Bad">The first disagreement between events and log in this part.</param>
/// <param name="BadAt">The place of its leaf in this part.</param>
public sealed record VerifiedChunk(long First, int Count, byte[] Hashes, byte[] Computed, long FirstSequence, long LastSequence, long Entries, Finding? Bad, int BadAt);

/// <summary>Compares some thousand leaves of the log with the events that they are of. One connection each; several work side by side.</summary>
public sealed class ChunkVerifier(NpgsqlConnection connection)
{
    public const int Size = 16_384;

    /// <summary>No event has such a number, nor one below 1, unless somebody wrote it there.</summary>
    private const long BeforeAll = -long.MaxValue;

    /// <summary>That many disagreements of one part are looked at for events that have changed places.</summary>
    private const int MostKept = 64;

    private readonly EventForm form = new();

    private sealed record Mismatch(long Sequence, byte[] Stored, byte[] Seed, EventRow Row);

    /// <returns>Null: the log ends before it.</returns>
    public async Task<VerifiedChunk?> VerifyAsync(int number, long fromSequence, long toSequence, CancellationToken cancellation)
    {
        var (rows, before, start) = await RowsAsync(number, cancellation);
        if (rows.Count == 0) return null;
        var (expected, sequence) = (start, before);
        foreach (var row in rows)
        {
            if (!row.IsWhole || row.First != expected || row.FirstSequence <= sequence)
                return Damaged(rows, $"The log's own table was changed: its row at {row.First} does not hold together, or does not follow the one before it.");
            (expected, sequence) = (row.End, row.LastSequence);
        }

        var hashes = new byte[rows.Sum(x => x.Count) * Sha256.Size];
        var at = 0;
        foreach (var row in rows)
        {
            row.Hashes.CopyTo(hashes, at);
            at += row.Hashes.Length;
        }

        var chunk = new VerifiedChunk(rows[0].First, hashes.Length / Sha256.Size, hashes, hashes, rows[0].FirstSequence, sequence, 0, null, 0);
        return sequence < fromSequence || before >= toSequence ? chunk : await CompareAsync(chunk, rows, before, fromSequence, toSequence, cancellation);
    }

    private async Task<VerifiedChunk> CompareAsync(
        VerifiedChunk chunk, List<LeafBatch> rows, long before, long fromSequence, long toSequence, CancellationToken cancellation)
    {
        var redactions = await LogReader.RedactionsAsync(connection, chunk.FirstSequence, chunk.LastSequence, cancellation);
        await using var events = await EventRows.OpenAsync(
            connection, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"seq_id > {before} and seq_id <= {chunk.LastSequence} and type <> 'tombstone'"), cancellation);
        var (bad, badAt) = ((Finding?)null, 0);
        var mismatches = new List<Mismatch>();
        var (entries, place, leaf, computed) = (0L, 0, new byte[Sha256.Size], chunk.Hashes);
        var there = await events.ReadAsync(cancellation);
        var e = events.Row;
        foreach (var row in rows)
        {
            for (var i = 0; i < row.Count; i++, place++)
            {
                var sequence = row.SequenceAt(i);
                for (; there && e.Sequence < sequence; there = await events.ReadAsync(cancellation)) Found(Inserted(e));
                if (!there || e.Sequence > sequence)
                {
                    Found(new Finding("deleted", $"The event {sequence} was deleted: the log has its leaf, the store does not have it.", sequence));
                    continue;
                }

                if (sequence >= fromSequence && sequence <= toSequence) entries++;
                var redaction = redactions.GetValueOrDefault(sequence);
                form.Leaf(leaf, e, row.SeedAt(i), redaction);
                if (!row.HashAt(i).SequenceEqual(leaf) || e.Foreign || (e.Archived && !IsExpired(e, redaction)))
                {
                    Found(Changed(e));
                    if (ReferenceEquals(computed, chunk.Hashes)) computed = [.. chunk.Hashes];
                    leaf.CopyTo(computed, place * Sha256.Size);
                    if (mismatches.Count < MostKept) mismatches.Add(new(sequence, row.HashAt(i).ToArray(), row.SeedAt(i).ToArray(), Copy(e)));
                }
                else if (redaction is not null)
                {
                    if (Unmarked(e, row.SeedAt(i), redaction) is { } unmarked) Found(unmarked);
                }

                there = await events.ReadAsync(cancellation);
            }
        }

        for (; there; there = await events.ReadAsync(cancellation)) Found(Inserted(e));
        return chunk with { Computed = computed, Entries = entries, Bad = Reordered(mismatches, bad) ?? bad, BadAt = badAt };

        void Found(Finding finding)
        {
            if (bad is null) (bad, badAt) = (finding, place);
        }
    }

    /// <summary>Of an event that has expired nothing may be left but its place.</summary>
    private static bool IsExpired(EventRow e, Redaction? redaction) =>
        redaction?.Commitments.ContainsKey(Redaction.Body) == true && e.Data.Span.SequenceEqual("{}"u8) && e.Headers is null && e.User is null && e.Correlation is null && e.Causation is null;

    /// <returns>The rows, and the last event and the end of the row before them.</returns>
    private async Task<(List<LeafBatch> Rows, long Before, long Start)> RowsAsync(int number, CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(new($"select last_sequence, first + count from {LogTables.Leaves} where first < $1 order by first desc limit 1") { Parameters = { new() { Value = (long)number * Size } } });
        batch.BatchCommands.Add(new($"select {LeafBatch.Columns} from {LogTables.Leaves} where first >= $1 and first < $2 order by first")
        {
            Parameters = { new() { Value = (long)number * Size }, new() { Value = (number + 1L) * Size } },
        });
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        var (before, start) = await reader.ReadAsync(cancellation) ? (reader.GetInt64(0), reader.GetInt64(1)) : (BeforeAll, 0);
        await reader.NextResultAsync(cancellation);
        var rows = new List<LeafBatch>();
        while (await reader.ReadAsync(cancellation)) rows.Add(LeafBatch.Read(reader));
        return (rows, before, start);
    }

    private static VerifiedChunk Damaged(List<LeafBatch> rows, string explanation) =>
        new(rows[0].First, 0, [], [], rows[0].FirstSequence, rows[^1].LastSequence, 0, new Finding("log", explanation, rows[0].FirstSequence), 0);

    private static Finding Inserted(EventRow e) =>
        Of("inserted", e, $"The event {e.Sequence} was inserted, or brought back, later: the log has no leaf of it.");

    private static Finding Changed(EventRow e) => Of("changed", e, e.Archived
        ? $"The event {e.Sequence} was put aside in the store, so that nothing reads it."
        : $"The event {e.Sequence} was changed after it was recorded: its data, headers, instant, actor or another of its columns (or the seed that the log keeps for it).");

    private static Finding Of(string kind, EventRow e, string explanation) => new(kind, explanation, e.Sequence, Utf8(e.Type), Utf8(e.Stream));

    /// <summary>What stands in place of an erased value must say so and nothing else.</summary>
    private Finding? Unmarked(EventRow e, ReadOnlySpan<byte> seed, Redaction redaction)
    {
        if (redaction.Commitments.ContainsKey(Redaction.Body)) return null;
        var unmarked = false;
        form.Salts(e, seed, redaction, (value, json) => unmarked |= redaction.Commitments.ContainsKey(value) && !json.Span.SequenceEqual(Erased.Json));
        return unmarked ? Of("changed", e, $"The event {e.Sequence} shows something in place of a value that was erased.") : null;
    }

    private Finding? Reordered(List<Mismatch> mismatches, Finding? bad)
    {
        if (bad?.Kind != "changed") return null;
        var leaf = new byte[Sha256.Size];
        foreach (var to in mismatches)
        {
            foreach (var from in mismatches)
            {
                if (from == to) continue;
                from.Row.Sequence = to.Sequence;
                form.Leaf(leaf, from.Row, to.Seed);
                from.Row.Sequence = from.Sequence;
                if (leaf.AsSpan().SequenceEqual(to.Stored))
                    return Of("reordered", from.Row, $"Events were reordered: what is now the event {from.Sequence} was recorded as {to.Sequence}.") with { Sequence = Math.Min(from.Sequence, to.Sequence) };
            }
        }

        return null;
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
