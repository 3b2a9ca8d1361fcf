using Notify.Audit.Proofs.Format;
using Notify.Kernel;
using Npgsql;

namespace Notify.Audit.Proofs.Log;

/// <summary>Reads hashes of the log: leaves as they were appended, subtrees from the rows stored for them.</summary>
public static class LogReader
{
    /// <summary>Roots of subtrees are stored at every eighth height; those between are computed from at most 256 hashes.</summary>
    public const int Stride = 8;

    public static async Task<long> SizeAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand($"select first, count from {LogTables.Leaves} order by first desc limit 1", connection);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        if (!await reader.ReadAsync(cancellation)) return 0;
        var (first, count) = (reader.GetInt64(0), reader.GetInt32(1));
        return first >= 0 && count > 0 && first <= long.MaxValue - count
            ? first + count : throw new LogDamagedException($"The log's last row, at {first}, is inconsistent.");
    }

    /// <summary>The number of the last event that has a leaf; 0: none has.</summary>
    public static async Task<long> LastSequenceAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand($"select last_sequence from {LogTables.Leaves} order by first desc limit 1", connection);
        return await command.ExecuteScalarAsync(cancellation) as long? ?? 0;
    }

    public static async Task<CompactRange> TreeAsync(NpgsqlConnection connection, long size, CancellationToken cancellation)
    {
        var tree = new CompactRange();
        while (tree.Size < size)
        {
            var height = CompactRange.HeightAt(tree.Size, size);
            var hash = await SubtreeAsync(connection, tree.Size, height, cancellation);
            tree.Append(hash, height);
        }

        return tree;
    }

    /// <summary>The hash over the leaves [start, end), which must be a range that a proof may contain.</summary>
    public static async Task<byte[]> RangeAsync(NpgsqlConnection connection, MerkleProof.Subtree range, CancellationToken cancellation)
    {
        var length = range.End - range.Start;
        if (System.Numerics.BitOperations.IsPow2(length)) return await SubtreeAsync(
            connection, range.Start, CompactRange.HeightAt(range.Start, range.End), cancellation);
        var middle = MerkleProof.Split(range.Start, range.End);
        var hash = await RangeAsync(connection, new(range.Start, middle), cancellation);
        var right = await RangeAsync(connection, new(middle, range.End), cancellation);
        TreeHash.Node(hash, hash, right);
        return hash;
    }

    public static async Task<List<byte[]>> ProofAsync(
        NpgsqlConnection connection, IEnumerable<MerkleProof.Subtree> path, CancellationToken cancellation)
    {
        var hashes = new List<byte[]>();
        foreach (var range in path) hashes.Add(await RangeAsync(connection, range, cancellation));
        return hashes;
    }

    /// <summary>The row with the leaf of an event, and the leaf's place in it.</summary>
    /// <returns>Null: the event has no leaf, or the log is damaged where it is looked for.</returns>
    public static async Task<(LeafBatch Row, int Place)?> FindAsync(NpgsqlConnection connection, long sequence, CancellationToken cancellation)
    {
        // Numbers of events ascend with the leaves, so a binary search finds the row without an index on them.
        var (low, high) = (0L, await SizeAsync(connection, cancellation) - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var row = await RowOfAsync(connection, middle, cancellation);
            // Somebody may have removed rows: then the row before them does not reach to the middle, and the search would go round in circles.
            if (row is null || !row.IsWhole || row.End <= middle) return null;
            if (sequence < row.FirstSequence) high = row.First - 1;
            else if (sequence > row.LastSequence) low = row.End;
            else return row.Find(sequence) is >= 0 and var place ? (row, place) : null;
        }

        return null;
    }

    /// <summary>The number of the event of a leaf that the log must have.</summary>
    public static async Task<long> SequenceAtAsync(NpgsqlConnection connection, long leaf, CancellationToken cancellation) =>
        await RowOfAsync(connection, leaf, cancellation) is { IsWhole: true } row && row.End > leaf
            ? row.SequenceAt((int)(leaf - row.First)) : throw new LogDamagedException($"The log lacks the leaf {leaf}.");

    public static async Task<LeafBatch?> RowOfAsync(NpgsqlConnection connection, long leaf, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"select {LeafBatch.Columns} from {LogTables.Leaves} where first <= $1 order by first desc limit 1", connection);
        command.Parameters.AddWithValue(leaf);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation) ? LeafBatch.Read(reader) : null;
    }

    public static async Task<Dictionary<long, Redaction>> RedactionsAsync(
        NpgsqlConnection connection, long fromSequence, long toSequence, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"select sequence, salts, {Redaction.WholeSql}, commitments from {LogTables.Redaction} where sequence between $1 and $2", connection);
        command.Parameters.AddWithValue(fromSequence);
        command.Parameters.AddWithValue(toSequence);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var redactions = new Dictionary<long, Redaction>();
        while (await reader.ReadAsync(cancellation))
        {
            // A damaged row is ignored: the event's leaf no longer matches then, and a verification reports both.
            if (reader.IsDBNull(2)) continue;
            var (erased, commitments) = (reader.GetFieldValue<int[]>(2), reader.GetFieldValue<byte[]>(3));
            redactions[reader.GetInt64(0)] = new Redaction(
                reader.GetFieldValue<byte[]>(1), erased.Index()
                .ToDictionary(x => x.Item, x => commitments.AsSpan(x.Index * Sha256.Size, Sha256.Size).ToArray()));
        }

        return redactions;
    }

    /// <summary>The root over the 2^height leaves from <paramref name="start"/> on.</summary>
    private static async Task<byte[]> SubtreeAsync(NpgsqlConnection connection, long start, int height, CancellationToken cancellation)
    {
        var kept = height / Stride * Stride;
        var tree = new CompactRange();
        await using var command = kept == 0
            ? new NpgsqlCommand(
                $"""
                select first, count, hashes from {LogTables.Leaves}
                where first >= coalesce((select max(first) from {LogTables.Leaves} where first <= $1), 0) and first < $2 order by first
                """, connection)
            : new NpgsqlCommand($"select index, 1, hash from {LogTables.Node} where height = {kept} and index >= $1 and index < $2 order by index",
                connection);
        var (first, end) = (start >> kept, (start + (1L << height)) >> kept);
        command.Parameters.AddWithValue(first);
        command.Parameters.AddWithValue(end);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            var (at, count, hashes) = (reader.GetInt64(0), reader.GetInt32(1), reader.GetFieldValue<byte[]>(2));
            for (var i = Math.Max(first, at); i < Math.Min(end, at + count); i++)
            {
                if (i != first + tree.Size || hashes.Length < (i - at + 1) * Sha256.Size) throw Missing(i);
                tree.Append(hashes.AsSpan((int)(i - at) * Sha256.Size, Sha256.Size));
            }
        }

        return tree.Size == end - first ? tree.Root() : throw Missing(first + tree.Size);

        LogDamagedException Missing(long i) => new(kept == 0 ? $"The log lacks the leaf {i}." : $"The log lacks the subtree {i} of height {kept}.");
    }
}

/// <summary>The log's own tables are inconsistent.</summary>
public class LogDamagedException(string message) : Exception(message), IRefusal
{
    public ProblemException Refusal =>
        ProblemException.Conflict($"The log of the history is damaged: {Message} POST /api/v1/audit/verify says what is wrong.");
}
