using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Notify.Audit.Proofs.Checkpoints;
using Notify.Audit.Proofs.Format;
using Notify.Audit.Proofs.Log;
using Npgsql;

namespace Notify.Audit.Proofs.Export;

/// <param name="Where">Which events: conditions on the columns of mt_events, with texts as literals that PostgreSQL itself has quoted.</param>
/// <param name="Description">The filter as the caller gave it, for the export's first line.</param>
public sealed record ExportSelection(string Where, JsonObject Description);

/// <summary>
/// Writes entries with their proofs, line by line in constant memory (docs/proofs.md): the selected entries, and between them the hashes of the subtrees
/// that were passed over. Whoever hashes it through comes to the root of the signed checkpoint.
/// </summary>
public sealed class HistoryExport(NpgsqlDataSource database, LogKeys keys)
{
    /// <param name="write">Gets each line with its line feed; the memory holds during the call.</param>
    /// <returns>How many entries it has.</returns>
    public async Task<long> WriteAsync(
        ExportSelection selection, SignedNote note, Checkpoint checkpoint, Func<ReadOnlyMemory<byte>, ValueTask> write, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var hashing = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await hashing.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, cancellation);
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var line = new ByteBuffer();

        var first = new ArrayBufferWriter<byte>();
        using (var document = JsonDocument.Parse(new JsonObject { ["format"] = ExportCheck.Format, ["checkpoint"] = note.ToString(), ["filter"] = selection.Description.DeepClone() }.ToJsonString()))
            CanonicalJson.Write(first, document.RootElement);
        line.Append(first.WrittenSpan);
        await EndLineAsync();

        var (form, entries, at, row, redactions) = (new EventForm(), 0L, 0L, (LeafBatch?)null, new Dictionary<long, Redaction>());
        var lastSequence = await LastSequenceAsync(hashing, checkpoint.Size, cancellation);
        await using (var rows = await EventRows.OpenAsync(
            connection, string.Create(CultureInfo.InvariantCulture, $"seq_id <= {lastSequence} and type <> 'tombstone' and ({selection.Where})"), cancellation))
        {
            while (await rows.ReadAsync(cancellation))
            {
                var sequence = rows.Row.Sequence;
                if (row is null || sequence > row.LastSequence)
                {
                    row = (await LogReader.FindAsync(hashing, sequence, cancellation))?.Row ?? throw new LogDamagedException($"The event {sequence} has no leaf in the log.");
                    redactions = await LogReader.RedactionsAsync(hashing, row.FirstSequence, row.LastSequence, cancellation);
                }

                var place = row.Find(sequence);
                if (place < 0) throw new LogDamagedException($"The event {sequence} has no leaf in the log.");
                await SkipAsync(row.First + place);
                line.Append("{\"entry\":"u8);
                form.Entry(line, rows.Row, row.SeedAt(place), redactions.GetValueOrDefault(sequence));
                line.Append(",\"index\":"u8);
                line.AppendNumber(at++);
                line.Append((byte)'}');
                entries++;
                await EndLineAsync();
            }
        }

        await SkipAsync(checkpoint.Size);
        var signers = (await keys.LoadAsync(connection, cancellation)).Where(x => x is { Private: not null, RetiredAt: null }).Select(x => new NoteSigner(x.Public.Name, x.Private!)).ToArray();
        var end = SignedNote.Sign(ExportCheck.StatementText(checkpoint.Origin, entries, digest.GetCurrentHash()), signers);
        line.Append("{\"end\":"u8);
        line.Append(CanonicalJson.Quoted(end.ToString()));
        line.Append((byte)'}');
        await EndLineAsync();
        return entries;

        async Task SkipAsync(long to)
        {
            if (to == at) return;
            line.Append("{\"skip\":{\"to\":"u8);
            line.AppendNumber(to);
            line.Append(",\"hashes\":["u8);
            for (var any = false; at < to; any = true)
            {
                var height = CompactRange.HeightAt(at, to);
                var hash = Remembered(row, at, height) ?? await LogReader.RangeAsync(hashing, new(at, at + (1L << height)), cancellation);
                line.Append(any ? ",\""u8 : "\""u8);
                line.AppendHex(hash);
                line.Append((byte)'"');
                at += 1L << height;
            }

            line.Append("]}}"u8);
            await EndLineAsync();
        }

        async Task EndLineAsync()
        {
            line.Append((byte)'\n');
            digest.AppendData(line.Written);
            await write(line.WrittenMemory);
            line.Clear();
        }
    }

    /// <summary>The root of a subtree whose leaves are all in this row; null when they are not.</summary>
    private static byte[]? Remembered(LeafBatch? row, long start, int height)
    {
        if (row is null || start < row.First || start + (1L << height) > row.End) return null;
        var tree = new CompactRange();
        for (var i = 0; i < 1 << height; i++) tree.Append(row.HashAt((int)(start - row.First) + i));
        return tree.Root();
    }

    private static async Task<long> LastSequenceAsync(NpgsqlConnection connection, long size, CancellationToken cancellation) =>
        await LogReader.RowOfAsync(connection, size - 1, cancellation) is { } row ? row.SequenceAt((int)(size - 1 - row.First)) : 0;
}
