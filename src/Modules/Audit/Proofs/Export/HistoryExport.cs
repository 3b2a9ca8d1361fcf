using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Notify.Audit.Following;
using Notify.Audit.Proofs.Checkpoints;
using Notify.Audit.Proofs.Format;
using Notify.Audit.Proofs.Log;
using Notify.Kernel;
using Notify.Kernel.Events.Store;
using Notify.Kernel.Http;
using Npgsql;

namespace Notify.Audit.Proofs.Export;

/// <param name="Where">Which events: conditions on the columns of <see cref="EventTables.Events"/>, with texts as literals that PostgreSQL itself has
/// quoted.</param>
/// <param name="Description">The filter as the caller gave it, for the export's first line.</param>
/// <param name="Hidden">Events whose bodies the caller must not see; only their place is proved.</param>
public sealed record ExportSelection(string Where, JsonObject Description, IReadOnlySet<long> Hidden)
{
    /// <summary>Whether it is the whole history, so that no leaf may be skipped.</summary>
    public bool IsWhole => Description.Count == 0;
}

/// <summary>
/// Writes entries with their proofs, line by line in constant memory (docs/proofs.md): the selected entries, and between them the hashes of the
/// skipped subtrees. Hashing all of it gives the root of the signed checkpoint.
/// <para>Reads page by page and holds no connection while a page is written, because a client may take days. Each page is a snapshot, and the next
/// one begins where it ends. The pages form one consistent export, because entries are in order and end with the checkpoint; an erasure between two
/// pages changes no leaf.</para>
/// </summary>
public sealed class HistoryExport(NpgsqlDataSource database, LogKeys keys, ReadTurns turns)
{
    /// <summary>Entries, and bytes of them as stored, after which a page ends. They limit the memory that each reader costs.</summary>
    private const int PageEntries = 500, PageBytes = 512 * 1024;

    /// <param name="write">Receives each page, in whole lines; its memory is valid only during the call.</param>
    /// <returns>How many entries the export has.</returns>
    public async Task<long> WriteAsync(
        ExportSelection selection, SignedNote note, Checkpoint checkpoint, Func<ReadOnlyMemory<byte>, ValueTask> write,
        CancellationToken cancellation)
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var page = new Page();
        var first = new ArrayBufferWriter<byte>();
        using (var document = JsonDocument.Parse(new JsonObject
        {
            ["format"] = ExportCheck.Format,
            ["checkpoint"] = note.ToString(),
            ["filter"] = selection.Description.DeepClone()
        }.ToJsonString()))
            CanonicalJson.Write(first, document.RootElement);
        page.Lines.Append(first.WrittenSpan);
        page.Lines.Append((byte)'\n');

        for (var isFirst = true; !page.IsLast; isFirst = false)
        {
            using (await (isFirst ? turns.FirstPageAsync(cancellation) : turns.NextPageAsync(cancellation)))
                await ReadAsync(page, selection, checkpoint, cancellation);
            if (page.IsLast)
            {
                digest.AppendData(page.Lines.Written);
                var end = SignedNote.Sign(ExportCheck.StatementText(checkpoint.Origin, page.Entries, digest.GetHashAndReset()), page.Signers);
                page.Lines.Append("{\"end\":"u8);
                page.Lines.Append(CanonicalJson.Quoted(end.ToString()));
                page.Lines.Append("}\n"u8);
            }
            else
            {
                digest.AppendData(page.Lines.Written);
            }

            await write(page.Lines.WrittenMemory);
            page.Lines.Clear();
        }

        return page.Entries;
    }

    /// <summary>The page being read, and the position.</summary>
    private sealed class Page
    {
        public ByteBuffer Lines { get; } = new();
        public long Entries { get; set; }

        /// <summary>The last event that was written.</summary>
        public long Sequence { get; set; }

        /// <summary>The next leaf.</summary>
        public long At { get; set; }

        public bool IsLast { get; set; }
        public NoteSigner[] Signers { get; set; } = [];
    }

    private async Task ReadAsync(Page page, ExportSelection selection, Checkpoint checkpoint, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, cancellation);
        var lastSequence = await LogReader.SequenceAtAsync(connection, checkpoint.Size - 1, cancellation);
        var selected = string.Create(CultureInfo.InvariantCulture,
            $"seq_id > {page.Sequence} and seq_id <= {lastSequence} and type <> '{EventTables.Tombstone}' and ({selection.Where})");
        var (sequences, isLast) = await NextAsync(connection, selected, cancellation);

        // The hashes between the entries are read first: while rows are streamed, the connection cannot run another query.
        var (leaves, skips, row) = (new List<(LeafBatch Row, int Place)>(sequences.Count), new List<byte[]>(sequences.Count), (LeafBatch?)null);
        var redactions = new Dictionary<long, Redaction>();
        foreach (var sequence in sequences)
        {
            if (row is null || sequence > row.LastSequence)
            {
                row = await RowAsync(connection, row, page.At, sequence, cancellation)
                    ?? throw new LogDamagedException($"The event {sequence} has no leaf in the log.");
                foreach (var (of, redaction) in await LogReader.RedactionsAsync(
                    connection, row.FirstSequence, row.LastSequence, cancellation)) redactions[of] = redaction;
            }

            var place = row.Find(sequence);
            if (place < 0) throw new LogDamagedException($"The event {sequence} has no leaf in the log.");
            skips.Add(await SkipAsync(connection, selection, row, page.At, row.First + place, cancellation));
            leaves.Add((row, place));
            page.At = row.First + place + 1;
        }

        var (encoder, i) = (new EventEncoder(), 0);
        if (sequences.Count > 0)
        {
            await using var rows = await EventRows.OpenAsync(
                connection, string.Create(CultureInfo.InvariantCulture, $"{selected} and seq_id <= {sequences[^1]}"), cancellation);
            while (await rows.ReadAsync(cancellation))
            {
                var (of, place) = leaves[i];
                page.Lines.Append(skips[i++]);
                page.Lines.Append("{\"entry\":"u8);
                var redaction = redactions.GetValueOrDefault(rows.Row.Sequence);
                if (selection.Hidden.Contains(rows.Row.Sequence)) redaction = encoder.Hidden(rows.Row, of.SeedAt(place), redaction);
                encoder.Entry(page.Lines, rows.Row, of.SeedAt(place), redaction);
                page.Lines.Append(",\"index\":"u8);
                page.Lines.AppendNumber(of.First + place);
                page.Lines.Append("}\n"u8);
            }
        }

        page.Entries += i;
        if (sequences.Count > 0) page.Sequence = sequences[^1];
        if (!isLast) return;
        page.IsLast = true;
        page.Lines.Append(await SkipAsync(connection, selection, row, page.At, checkpoint.Size, cancellation));
        page.Signers = [.. (await keys.LoadAsync(connection, cancellation)).Where(x => x is { Private: not null, RetiredAt: null })
            .Select(x => new NoteSigner(x.Public.Name, x.Private!))];
    }

    /// <summary>The next events of the selection, as many as fit on a page.</summary>
    private static async Task<(List<long> Sequences, bool IsLast)> NextAsync(
        NpgsqlConnection connection, string selected, CancellationToken cancellation)
    {
        var (sequences, bytes) = (new List<long>(PageEntries), 0L);
        await using var command = new NpgsqlCommand(
            $"select seq_id, pg_column_size(data)::bigint from {EventTables.Events} where {selected} order by seq_id limit {PageEntries}",
            connection);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            sequences.Add(reader.GetInt64(0));
            if ((bytes += reader.GetInt64(1)) > PageBytes) return (sequences, false);
        }

        return (sequences, sequences.Count < PageEntries);
    }

    /// <summary>The row with the event's leaf: usually the one after the last.</summary>
    private static async Task<LeafBatch?> RowAsync(
        NpgsqlConnection connection, LeafBatch? before, long at, long sequence, CancellationToken cancellation) =>
        await LogReader.RowOfAsync(connection, before?.End ?? at, cancellation) is { IsWhole: true } next && next.FirstSequence <= sequence
            && sequence <= next.LastSequence
            ? next
            : (await LogReader.FindAsync(connection, sequence, cancellation))?.Row;

    /// <summary>The line for the leaves that are skipped; empty if none are.</summary>
    /// <exception cref="LogDamagedException">The whole history is exported, and the events of these leaves are gone.</exception>
    private static async Task<byte[]> SkipAsync(
        NpgsqlConnection connection, ExportSelection selection, LeafBatch? row, long at, long to, CancellationToken cancellation)
    {
        if (to == at) return [];
        if (selection.IsWhole) throw new LogDamagedException(
            $"The event {await LogReader.SequenceAtAsync(connection, at, cancellation)} has a leaf in the log, but is not in the store.");
        var line = new ByteBuffer();
        line.Append("{\"skip\":{\"to\":"u8);
        line.AppendNumber(to);
        line.Append(",\"hashes\":["u8);
        for (var any = false; at < to; any = true)
        {
            var height = CompactRange.HeightAt(at, to);
            var hash = Remembered(row, at, height) ?? await LogReader.RangeAsync(connection, new(at, at + (1L << height)), cancellation);
            line.Append(any ? ",\""u8 : "\""u8);
            line.AppendHex(hash);
            line.Append((byte)'"');
            at += 1L << height;
        }

        line.Append("]}}\n"u8);
        return line.Written.ToArray();
    }

    /// <summary>The root of a subtree whose leaves are all in this row; null when they are not.</summary>
    private static byte[]? Remembered(LeafBatch? row, long start, int height)
    {
        if (row is null || start < row.First || start + (1L << height) > row.End) return null;
        var tree = new CompactRange();
        for (var i = 0; i < 1 << height; i++) tree.Append(row.HashAt((int)(start - row.First) + i));
        return tree.Root();
    }
}
