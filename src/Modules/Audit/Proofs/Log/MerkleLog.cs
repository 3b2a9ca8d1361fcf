using System.Security.Cryptography;
using Notify.Audit.Following;
using Notify.Audit.Proofs.Format;
using Notify.Kernel;
using Notify.Kernel.Events.Store;
using Npgsql;
using NpgsqlTypes;

namespace Notify.Audit.Proofs.Log;

/// <summary>Appends a leaf for each event, in order, in the follower's transaction: two statements for thousands of events.</summary>
public sealed class MerkleLog : IEventStep
{
    public const string StepName = "merkle-log";

    private readonly EventEncoder encoder = new();
    private CompactRange? tree;
    private byte[] lastLeaf = [];

    public string Name => StepName;

    public async Task ApplyAsync(NpgsqlConnection connection, IReadOnlyList<EventRow> events, CancellationToken cancellation)
    {
        var (size, lastSequence, last) = await EndAsync(connection, cancellation);
        // What this node remembers may have been rolled back, or another node may have continued.
        if (tree is null || tree.Size != size || !lastLeaf.AsSpan().SequenceEqual(last)) tree = await LogReader.TreeAsync(
            connection, size, cancellation);
        var nodes = new List<(short Height, long Index, byte[] Hash)>();
        tree.OnCompleted = (height, index, hash) =>
        {
            if (height % LogReader.Stride == 0) nodes.Add(((short)height, index, hash.ToArray()));
        };
        try
        {
            var rows = LeafBatch.RowsOf([.. events.Where(x => x.Sequence > lastSequence)]).Select(x => Append(tree, x)).ToList();
            if (rows.Count == 0) return;
            lastLeaf = rows[^1].HashAt(rows[^1].Count - 1).ToArray();
            await InsertAsync(connection, rows, nodes, cancellation);
        }
        catch
        {
            tree = null;
            throw;
        }
    }

    private LeafBatch Append(CompactRange to, EventRow[] events)
    {
        var first = to.Size;
        var hashes = new byte[events.Length * Sha256.Size];
        var seeds = RandomNumberGenerator.GetBytes(events.Length * EventEncoder.SeedSize);
        for (var i = 0; i < events.Length; i++)
        {
            var hash = hashes.AsSpan(i * Sha256.Size, Sha256.Size);
            encoder.Leaf(hash, events[i], seeds.AsSpan(i * EventEncoder.SeedSize, EventEncoder.SeedSize));
            to.Append(hash);
        }

        var sequences = events.Select(x => x.Sequence).ToList();
        return new LeafBatch(
            first, events.Length, PersonalFields.CurrentFormat, sequences[0], sequences[^1], LeafBatch.OffsetsOf(sequences), hashes, seeds);
    }

    private static async Task<(long Size, long LastSequence, byte[] LastLeaf)> EndAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"select last_sequence, substring(hashes from (count - 1) * {Sha256.Size} + 1) from {LogTables.Leaves} order by first desc limit 1",
            connection);
        var size = await LogReader.SizeAsync(connection, cancellation);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation) ? (size, reader.GetInt64(0), reader.GetFieldValue<byte[]>(1)) : (0, 0, []);
    }

    private static async Task InsertAsync(
        NpgsqlConnection connection, List<LeafBatch> rows, List<(short Height, long Index, byte[] Hash)> nodes, CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(Command(
            $"insert into {LogTables.Leaves} ({LeafBatch.Columns}) select * from unnest($1, $2, $3, $4, $5, $6, $7, $8)",
            rows.Select(x => x.First).ToArray(), rows.Select(x => x.Count).ToArray(), rows.Select(x => x.Format).ToArray(),
            rows.Select(x => x.FirstSequence).ToArray(), rows.Select(x => x.LastSequence).ToArray(),
            rows.Select(x => x.Offsets).ToArray(), rows.Select(x => x.Hashes).ToArray(), rows.Select(x => x.Seeds).ToArray()));
        if (nodes.Count > 0)
        {
            batch.BatchCommands.Add(Command(
                $"insert into {LogTables.Node} (height, index, hash) select * from unnest($1, $2, $3)",
                nodes.Select(x => x.Height).ToArray(), nodes.Select(x => x.Index).ToArray(), nodes.Select(x => x.Hash).ToArray()));
        }

        await batch.ExecuteNonQueryAsync(cancellation);
    }

    private static NpgsqlBatchCommand Command(string sql, params object[] values)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter
            {
                Value = value,
                NpgsqlDbType = NpgsqlDbType.Array | value switch
                {
                    long[] => NpgsqlDbType.Bigint,
                    int[] => NpgsqlDbType.Integer,
                    short[] => NpgsqlDbType.Smallint,
                    _ => NpgsqlDbType.Bytea,
                },
            });
        }

        return command;
    }
}
