using System.Data;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Notify.Audit.Following;
using Notify.Audit.Proofs.Checkpoints;
using Notify.Audit.Proofs.Format;
using Notify.Audit.Proofs.Log;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Events.Store;
using Notify.Kernel.Http;
using Npgsql;

namespace Notify.Audit.Proofs.Verification;

/// <summary>
/// Recomputes the whole log from the stored events, in one snapshot, and compares it with the log's tables and with the checkpoints in the database
/// and in the file outside it; then runs all other checks (<see cref="IHistoryCheck"/>). Two connections work in parallel. No finding stops it.
/// </summary>
public sealed class LogVerifier(
    NpgsqlDataSource database, LogKeys keys, Marks marks, CheckpointFile file, IEnumerable<IHistoryCheck> checks, TimeProvider time,
    ILogger<LogVerifier> logger)
{
    private const int Workers = 2;

    /// <param name="fromSequence">Leaves of events outside these bounds are taken from the log; the roots are compared all the same.</param>
    /// <param name="progress">Called with the number of entries that are done.</param>
    public async Task<VerificationResult> VerifyAsync(long fromSequence, long toSequence, Action<long>? progress, CancellationToken cancellation)
    {
        var started = time.GetTimestamp();
        // The file is read before the snapshot, which then contains everything in the file (CheckpointFile). The other way round, a checkpoint signed
        // in between would look as if it had been removed from the database.
        var outside = await OutsideAsync(cancellation);
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation);
        var snapshot = (string)(await ScalarAsync(connection, "select pg_export_snapshot()", cancellation))!;
        var (findings, aboutCheckpoints) = (new Findings(), new Findings());
        var trusted = await keys.LoadAsync(connection, cancellation);
        var comparison = new CheckpointComparison(file.Path, [.. trusted.Select(x => x.Public)]);
        aboutCheckpoints.AddRange(comparison.Compare(await CheckpointTable.ReadAsync(connection, long.MinValue, cancellation), outside.File));
        aboutCheckpoints.AddRange(comparison.CompareMark(await marks.LogAsync(connection, cancellation)));
        aboutCheckpoints.AddRange(outside.Findings);
        var walk = new LogWalk(comparison.Signed, findings);
        long entries = 0;
        await foreach (var chunk in ChunksAsync(
            snapshot, await ChunkVerifier.NumbersAsync(connection, cancellation), fromSequence, toSequence, cancellation))
        {
            walk.Add(chunk);
            entries += chunk.Entries;
            progress?.Invoke(entries);
        }

        walk.End();
        if (walk.HasRoots) findings.AddRange(await NodesAsync(connection, walk, cancellation));
        findings.AddRange(await UnloggedAsync(connection, walk, cancellation));
        findings.AddRange(aboutCheckpoints);
        foreach (var check in checks) findings.AddRange(await CheckAsync(check, connection, transaction, cancellation));
        var signed = walk.LastGood;
        return new VerificationResult(
            !findings.Any, entries, findings.Any
            ? findings.Kept[0] : null, walk.Size, signed?.Size ?? 0, signed?.At, time.GetElapsedTime(started).TotalSeconds, findings.Kept,
            findings.Count);
    }

    /// <summary>The file, and the faults that its mark shows. The mark is read first. If they do not match, both are read again before that is
    /// reported, because the file may just have been put aside.</summary>
    private async Task<(CheckpointsInFile File, List<Finding> Findings)> OutsideAsync(CancellationToken cancellation)
    {
        for (var again = false; ; again = true)
        {
            var (mark, fault) = ((LogMark?)null, (string?)null);
            try
            {
                mark = await file.ReadMarkAsync(cancellation);
            }
            catch (LogDamagedException e)
            {
                fault = e.Message;
            }

            var content = await file.ReadAsync(cancellation);
            if (mark is not null && !CheckpointComparison.IsAt(mark, content.Checkpoints))
                fault = $"The file {file.Path} is not what was written up to the checkpoint of size {mark.Size}: checkpoints were taken out of it, or it was replaced.";
            if (fault is null || again) return (content, fault is null ? [] : [new Finding("checkpoint", fault)]);
        }
    }

    /// <summary>The parts in the log's order, while the workers verify the next ones.</summary>
    private async IAsyncEnumerable<VerifiedChunk> ChunksAsync(
        string snapshot, List<long> numbers, long fromSequence, long toSequence,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var results = Enumerable.Range(0, Workers).Select(_ => Channel.CreateBounded<VerifiedChunk>(1)).ToArray();
        var workers = results.Select((to, worker) => Task.Run(async () =>
        {
            try
            {
                await using var connection = await database.OpenConnectionAsync(stop.Token);
                await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, stop.Token);
                await using (var command = new NpgsqlCommand(
                    $"set transaction snapshot '{snapshot}'", connection)) await command.ExecuteNonQueryAsync(stop.Token);
                var verifier = new ChunkVerifier(connection);
                for (var i = worker; i < numbers.Count; i += Workers)
                    await to.Writer.WriteAsync(await verifier.VerifyAsync(numbers[i], fromSequence, toSequence, stop.Token), stop.Token);
                to.Writer.Complete();
            }
            catch (Exception e)
            {
                to.Writer.Complete(e);
            }
        }, CancellationToken.None)).ToArray();
        try
        {
            for (var i = 0; i < numbers.Count; i++) yield return await results[i % Workers].Reader.ReadAsync(cancellation);
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll(workers);
        }
    }

    /// <summary>Runs a check. If the check itself fails, that is a finding too, and the other checks still run.</summary>
    private async Task<IReadOnlyList<Finding>> CheckAsync(
        IHistoryCheck check, NpgsqlConnection connection, NpgsqlTransaction transaction, CancellationToken cancellation)
    {
        const string Before = "before_check";
        await transaction.SaveAsync(Before, cancellation);
        try
        {
            return await check.CheckAsync(connection, cancellation);
        }
        catch (Exception e) when (e is not OperationCanceledException && !StoreFault.IsStoreDown(e))
        {
            logger.LogError(e, "Checking {Name} failed", check.Name);
            await transaction.RollbackAsync(Before, cancellation);
            return [new Finding("unreadable",
                $"What is kept of {check.Name} could not be checked, since something in it cannot be read; the log says what.")];
        }
    }

    /// <summary>Events that the follower has passed but that have no leaf: the end of the log was removed, or somebody wrote an event under an old
    /// number, or moved the follower ahead. Also rows with numbers that were never given out, which the follower does not take in.</summary>
    private static async Task<List<Finding>> UnloggedAsync(NpgsqlConnection connection, LogWalk walk, CancellationToken cancellation)
    {
        var findings = new List<Finding>();
        await using var command = new NpgsqlCommand(
            $"""
            select seq_id, type, stream_id, seq_id > {EventTables.LastNumber} from {EventTables.Events}
            where seq_id > least($1, {EventTables.LastNumber}) and (seq_id > {EventTables.LastNumber} or (seq_id > $1
              and seq_id <= (select position from {FollowerTables.Step} where step = '{MerkleLog.StepName}') and type <> '{EventTables.Tombstone}'))
            order by seq_id limit {VerificationResult.MostFindings}
            """, connection);
        command.Parameters.AddWithValue(walk.LastSequence);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            var (sequence, isForeign) = (reader.GetInt64(0), reader.GetBoolean(3));
            findings.Add(new Finding(
                isForeign ? "inserted" : "log", isForeign ? LogReach.ForeignText(sequence)
                : $"The event {sequence} has no leaf in the log, though it was followed: the end of the log was removed, or events were kept out of it.",
                sequence, reader.GetString(1), reader.IsDBNull(2) ? null : reader.GetString(2)));
        }

        return findings;
    }

    private static async Task<List<Finding>> NodesAsync(NpgsqlConnection connection, LogWalk walk, CancellationToken cancellation)
    {
        var findings = new List<Finding>();
        await using var command = new NpgsqlCommand(
            $"select height, index, hash from {LogTables.Node} order by height, index", connection)
        { CommandTimeout = 0 };
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        long good = 0;
        while (await reader.ReadAsync(cancellation))
        {
            var (height, index) = (reader.GetInt16(0), reader.GetInt64(1));
            if (walk.NodeAt(height, index) is { } node && node.AsSpan().SequenceEqual(reader.GetFieldValue<byte[]>(2))) good++;
            else if (findings.Count < VerificationResult.MostFindings)
                findings.Add(new Finding(
                    "log", $"The log's own table of subtrees was changed: the hash {index} of height {height} is not that of its leaves."));
        }

        if (findings.Count == 0 && good != walk.NodeCount) findings.Add(
            new Finding("log", $"The log's own table of subtrees was changed: it has {good} hashes instead of {walk.NodeCount}."));
        return findings;
    }

    private static async Task<object?> ScalarAsync(NpgsqlConnection connection, string sql, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(cancellation);
    }
}
