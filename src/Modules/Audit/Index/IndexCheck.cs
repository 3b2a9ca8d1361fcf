using System.Buffers.Binary;
using System.Globalization;
using Notify.Audit.Following;
using Notify.Audit.Proofs.Log;
using Notify.Audit.Proofs.Verification;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Events.Store;
using Npgsql;

namespace Notify.Audit.Index;

/// <summary>
/// Verifies that the index has what follows from the events: rows taken out of it would hide entries from every search. Each time it indexes some of
/// the blocks again, always the newest one, and all of them within a month. What the index has besides is harmless, since a reader checks each entry
/// that it finds. Names that an event has only from an earlier one of its stream are not compared.
/// </summary>
internal sealed class IndexCheck(EventCatalog catalog, IndexRebuild rebuild, TimeProvider time) : IHistoryCheck
{
    /// <summary>Each day has its share of the blocks: at least about <see cref="Share"/>, and all within so many days.</summary>
    private const int Days = 30, Share = 4;

    public string Name => "the index of the history";

    public async Task<IReadOnlyList<Finding>> CheckAsync(NpgsqlConnection snapshot, CancellationToken cancellation)
    {
        // An index of an earlier version is about to be rebuilt. Once it was seen to have this version's format, no row says otherwise.
        if (!await rebuild.HasFormAsync(cancellation)) return [];
        var (blocks, upTo) = await BlocksAsync(snapshot, cancellation);
        var (cycle, day) = (Math.Clamp(blocks.Count / Share, 1, Days), (int)(time.GetUtcNow().UtcTicks / TimeSpan.TicksPerDay));
        var findings = new List<Finding>();
        foreach (var (i, block) in blocks.Index())
        {
            if (i % cycle != day % cycle && i < blocks.Count - 1) continue;
            await CheckAsync(snapshot, block, upTo, findings, cancellation);
            if (findings.Count >= VerificationResult.MostFindings) break;
        }

        return findings;
    }

    /// <returns>The blocks that have events, and up to which event the index is said to follow.</returns>
    private static async Task<(List<int> Blocks, long UpTo)> BlocksAsync(NpgsqlConnection snapshot, CancellationToken cancellation)
    {
        await using var followed = new NpgsqlCommand(
            $"select least({EventTables.HighestNumber}, (select position from {FollowerTables.Step} where step = '{AuditIndex.StepName}'))", snapshot);
        var upTo = await followed.ExecuteScalarAsync(cancellation) as long? ?? 0;
        await using var next = new NpgsqlCommand(
            $"select min(seq_id) from {EventTables.Events} where seq_id >= $1 and seq_id <= $2 and type <> '{EventTables.Tombstone}'", snapshot);
        next.Parameters.AddWithValue(0L);
        next.Parameters.AddWithValue(upTo);
        var blocks = new List<int>();
        while (true)
        {
            next.Parameters[0].Value = blocks.Count == 0 ? 1 : (blocks[^1] + 1L) << AuditTables.BlockBits;
            if (await next.ExecuteScalarAsync(cancellation) is not long first || first >> AuditTables.BlockBits > int.MaxValue)
                return (blocks, upTo);
            blocks.Add(AuditTables.BlockOf(first));
        }
    }

    private async Task CheckAsync(NpgsqlConnection snapshot, int block, long upTo, List<Finding> findings, CancellationToken cancellation)
    {
        var start = (long)block << AuditTables.BlockBits;
        var end = Math.Min(upTo, start + AuditTables.BlockSize - 1);
        var stored = await StoredBlock.ReadAsync(snapshot, block, cancellation);
        var redacted = await LogReader.RedactionsAsync(snapshot, start, end, cancellation);
        var (batch, terms) = (new IndexBatch(catalog), new Dictionary<long, (Term Term, long Sequence)>());
        await using (var rows = await EventRows.OpenAsync(
            snapshot, string.Create(CultureInfo.InvariantCulture, $"seq_id >= {start} and seq_id <= {end} and type <> '{EventTables.Tombstone}'"),
            cancellation))
        {
            while (await rows.ReadAsync(cancellation) && findings.Count < VerificationResult.MostFindings)
            {
                var e = rows.Row;
                batch.Begin(goesOn: false);
                batch.Add(e);
                batch.Complete();
                // Of an event of which something was erased, or that has expired, the index may still have what it was found by before.
                var isWhole = !redacted.ContainsKey(e.Sequence);
                var expected = batch.Terms.Select(x => x.Term).Where(x => isWhole || x.Field == TermField.Type).ToList();
                foreach (var term in expected)
                    if (term.Field != TermField.Correlation) terms.TryAdd(term.Hash(), (term, e.Sequence));
                if (!stored.Has(e, expected) || (isWhole && !stored.Has(batch.Bodies))) findings.Add(Missing(e.Sequence));
            }
        }

        foreach (var sequence in await WithoutTermAsync(snapshot, terms, cancellation)) findings.Add(Missing(sequence));
    }

    private static Finding Missing(long sequence) => new("readModel",
        $"The index of the history was changed: by something that the event {sequence} contains, a search does not find it.", sequence);

    /// <summary>The events with a term whose row is missing, or says something else.</summary>
    private static async Task<List<long>> WithoutTermAsync(
        NpgsqlConnection snapshot, Dictionary<long, (Term Term, long Sequence)> terms, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"select term, field, value, detail from {AuditTables.Term} where term = any($1)", snapshot)
        { Parameters = { new() { Value = terms.Keys.ToArray() } } };
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            var term = new Term((TermField)reader.GetInt16(1), reader.GetString(2), reader.IsDBNull(3) ? null : reader.GetString(3));
            if (terms[reader.GetInt64(0)].Term == term) terms.Remove(reader.GetInt64(0));
        }

        return [.. terms.Values.Select(x => x.Sequence).Order().Take(VerificationResult.MostFindings)];
    }

    /// <summary>What the index has of one block.</summary>
    private sealed class StoredBlock
    {
        private readonly HashSet<(long Term, ushort Place)> places = [];
        private readonly Dictionary<ushort, byte[]> bodies = [];
        private readonly Dictionary<int, (DateTime Min, DateTime Max)> spans = [];

        public static async Task<StoredBlock> ReadAsync(NpgsqlConnection snapshot, int block, CancellationToken cancellation)
        {
            var stored = new StoredBlock();
            await using var command = new NpgsqlCommand($"select term, offsets from {AuditTables.Posting} where block = $1", snapshot)
            { CommandTimeout = 0, Parameters = { new() { Value = block } } };
            await using (var reader = await command.ExecuteReaderAsync(cancellation))
                while (await reader.ReadAsync(cancellation)) stored.Add(reader.GetInt64(0), reader.GetFieldValue<byte[]>(1));
            var start = (long)block << AuditTables.BlockBits;
            await using var body = new NpgsqlCommand($"select places, grams from {AuditTables.Body} where first >= $1 and first < $2", snapshot)
            { CommandTimeout = 0, Parameters = { new() { Value = start }, new() { Value = start + AuditTables.BlockSize } } };
            await using (var reader = await body.ExecuteReaderAsync(cancellation))
                while (await reader.ReadAsync(cancellation))
                    foreach (var place in PlacesOf(reader.GetFieldValue<byte[]>(0))) stored.bodies[place] = reader.GetFieldValue<byte[]>(1);
            await using var span = new NpgsqlCommand(
                $"""
                select span, greatest(min_at, '0001-01-01Z'), least(max_at, '9999-12-31 23:59:59.999999Z') from {AuditTables.Span}
                where span >> {AuditTables.BlockBits - AuditTables.SpanBits} = $1
                """, snapshot)
            { Parameters = { new() { Value = block } } };
            await using (var reader = await span.ExecuteReaderAsync(cancellation))
                while (await reader.ReadAsync(cancellation)) stored.spans[reader.GetInt32(0)] = (reader.GetDateTime(1), reader.GetDateTime(2));
            return stored;
        }

        /// <summary>Whether the event is found by its time and by each of these terms.</summary>
        public bool Has(EventRow e, List<Term> terms)
        {
            var at = DateTime.UnixEpoch.AddTicks(e.At * TimeSpan.TicksPerMicrosecond);
            return spans.TryGetValue((int)(e.Sequence >> AuditTables.SpanBits), out var span) && span.Min <= at && at <= span.Max
                && terms.TrueForAll(x => places.Contains((x.Hash(), (ushort)(e.Sequence & (AuditTables.BlockSize - 1)))));
        }

        /// <summary>Whether each of these bodies may have what it has. Rows of another size than today's are not compared bit by bit.</summary>
        public bool Has(IReadOnlyList<BodyRow> rows) => rows.All(row => PlacesOf(row.Places).All(place =>
            bodies.TryGetValue(place, out var grams)
            && (grams.Length != row.Grams.Length || grams.Zip(row.Grams).All(x => (x.First & x.Second) == x.Second))));

        private static IEnumerable<ushort> PlacesOf(byte[] places)
        {
            for (var i = 0; i + 1 < places.Length; i += 2) yield return BinaryPrimitives.ReadUInt16LittleEndian(places.AsSpan(i));
        }

        private void Add(long term, byte[] offsets)
        {
            if (!AuditTables.IsShelf(term))
            {
                foreach (var place in PlacesOf(offsets)) places.Add((term, place));
                return;
            }

            for (var i = 0; i + AuditTables.RareSize <= offsets.Length; i += AuditTables.RareSize) places.Add((
                BinaryPrimitives.ReadInt64LittleEndian(offsets.AsSpan(i)), BinaryPrimitives.ReadUInt16LittleEndian(offsets.AsSpan(i + 8))));
        }
    }
}
