using System.Threading.Channels;
using Notify.Audit.Following;
using Notify.Audit.Proofs.Checkpoints;
using Notify.Audit.Proofs.Format;
using Notify.Audit.Proofs.Log;
using Notify.Kernel;
using Npgsql;

namespace Notify.Audit.Proofs.Verification;

/// <summary>
/// Computes the whole log anew from the stored events, as of one moment, and compares it with the log's tables, with every checkpoint in the database and
/// with those in the file outside of it. Two connections work side by side.
/// </summary>
public sealed class LogVerifier(NpgsqlDataSource database, LogKeys keys, CheckpointFile file, TimeProvider time)
{
    private const int Workers = 2;

    /// <param name="fromSequence">Leaves of events outside these bounds are taken from the log; the roots are compared all the same.</param>
    /// <param name="progress">Told how many entries are done.</param>
    public async Task<VerificationResult> VerifyAsync(long fromSequence, long toSequence, Action<long>? progress, CancellationToken cancellation)
    {
        var started = time.GetTimestamp();
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, cancellation);
        var snapshot = (string)(await ScalarAsync(connection, "select pg_export_snapshot()", cancellation))!;
        var (checkpoints, bad) = await CheckpointsAsync(connection, cancellation);
        var walk = new LogWalk(checkpoints, bad);
        long entries = 0;
        await foreach (var chunk in ChunksAsync(snapshot, fromSequence, toSequence, cancellation))
        {
            walk.Add(chunk);
            entries += chunk.Entries;
            progress?.Invoke(entries);
            if (walk.IsDecided) break;
        }

        if (!walk.IsDecided) await EndAsync(connection, walk, cancellation);
        var signed = walk.LastGood;
        return new VerificationResult(walk.FirstBad is null, entries, walk.FirstBad, walk.Size, signed?.Size ?? 0, signed?.At, time.GetElapsedTime(started).TotalSeconds);
    }

    /// <summary>In the log's order; up to two are under way beyond the one that is looked at.</summary>
    private async IAsyncEnumerable<VerifiedChunk> ChunksAsync(
        string snapshot, long fromSequence, long toSequence, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var results = Enumerable.Range(0, Workers).Select(_ => Channel.CreateBounded<VerifiedChunk?>(1)).ToArray();
        var workers = results.Select((to, worker) => Task.Run(async () =>
        {
            try
            {
                await using var connection = await database.OpenConnectionAsync(stop.Token);
                await using var transaction = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, stop.Token);
                await using (var command = new NpgsqlCommand($"set transaction snapshot '{snapshot}'", connection)) await command.ExecuteNonQueryAsync(stop.Token);
                var verifier = new ChunkVerifier(connection);
                for (var number = worker; ; number += Workers)
                {
                    var chunk = await verifier.VerifyAsync(number, fromSequence, toSequence, stop.Token);
                    await to.Writer.WriteAsync(chunk, stop.Token);
                    if (chunk is null) break;
                }

                to.Writer.Complete();
            }
            catch (Exception e)
            {
                to.Writer.Complete(e);
            }
        }, CancellationToken.None)).ToArray();
        try
        {
            for (var number = 0; await results[number % Workers].Reader.ReadAsync(cancellation) is { } chunk; number++) yield return chunk;
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll(workers);
        }
    }

    /// <summary>The checkpoints that the log must agree with, from the database and from the file, by size; and what is wrong with them as they are.</summary>
    private async Task<(List<Checkpoint> Good, Finding? Bad)> CheckpointsAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        var trusted = (await keys.LoadAsync(connection, cancellation)).Select(x => x.Public).ToList();
        var bySize = new SortedDictionary<long, Checkpoint>();
        Finding? bad = null;
        foreach (var (size, note, checkpoint) in await CheckpointTable.ReadAsync(connection, 0, cancellation))
        {
            if (checkpoint is not null && checkpoint.Size == size && note!.IsSignedBy(trusted)) bySize[size] = checkpoint;
            else bad ??= new Finding("checkpoint", $"The checkpoint of size {size} in the database is not one that this installation has signed: it was changed, or written by somebody else.");
        }

        var inDatabase = bySize.Values.ToDictionary(x => x.Size, x => x.Text);
        try
        {
            foreach (var (note, checkpoint) in await file.ReadAsync(cancellation))
            {
                if (!note.IsSignedBy(trusted))
                    bad ??= new Finding("checkpoint", $"The checkpoint of size {checkpoint.Size} in the file {file.Path} is signed with a key that this installation does not have: the file, or the table of keys, is of another.");
                else if (!inDatabase.TryGetValue(checkpoint.Size, out var text))
                    bad ??= new Finding("checkpoint", $"The checkpoint of size {checkpoint.Size}, signed at {checkpoint.At:u}, is in the file {file.Path} but not in the database: the database is older than the file, or was rewritten.");
                else if (text != checkpoint.Text)
                    bad ??= new Finding("checkpoint", $"The checkpoints of size {checkpoint.Size} in the database and in the file {file.Path} differ.");
                if (note.IsSignedBy(trusted)) bySize[checkpoint.Size] = checkpoint;
            }
        }
        catch (LogDamagedException e)
        {
            bad ??= new Finding("checkpoint", e.Message);
        }

        return ([.. bySize.Values], bad);
    }

    /// <summary>What can be wrong beyond the leaves and the roots.</summary>
    private static async Task EndAsync(NpgsqlConnection connection, LogWalk walk, CancellationToken cancellation)
    {
        walk.End();
        if (walk.FirstBad is null) await NodesAsync(connection, walk, cancellation);
        if (walk.FirstBad is not null) return;
        // What was followed but has no leaf: the log lost its end, or somebody wrote an event under a number that had been passed.
        await using var command = new NpgsqlCommand(
            $"""
            select seq_id, type, stream_id from {Database.Schema}.mt_events
            where seq_id > $1 and seq_id <= (select position from {FollowerTables.Step} where step = '{MerkleLog.StepName}') and type <> 'tombstone' order by seq_id limit 1
            """, connection);
        command.Parameters.AddWithValue(walk.LastSequence);
        await using (var reader = await command.ExecuteReaderAsync(cancellation))
        {
            if (await reader.ReadAsync(cancellation))
                walk.Found(new Finding("log", $"The event {reader.GetInt64(0)} has no leaf in the log, though it was followed: the end of the log was removed.", reader.GetInt64(0), reader.GetString(1), reader.GetString(2)));
        }

        if (walk.FirstBad is null && await ErasureRecords.FindUnrecordedAsync(connection, cancellation) is { } finding) walk.Found(finding);
    }

    private static async Task NodesAsync(NpgsqlConnection connection, LogWalk walk, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand($"select height, index, hash from {LogTables.Node} order by height, index", connection);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        long count = 0;
        while (await reader.ReadAsync(cancellation))
        {
            count++;
            var (height, index) = (reader.GetInt16(0), reader.GetInt64(1));
            if (walk.NodeAt(height, index) is { } node && node.AsSpan().SequenceEqual(reader.GetFieldValue<byte[]>(2))) continue;
            walk.Found(new Finding("log", $"The log's own table of subtrees was changed: the hash {index} of height {height} is not that of its leaves."));
            return;
        }

        if (count != walk.NodeCount) walk.Found(new Finding("log", $"The log's own table of subtrees was changed: it has {count} hashes instead of {walk.NodeCount}."));
    }

    private static async Task<object?> ScalarAsync(NpgsqlConnection connection, string sql, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(cancellation);
    }
}
