using Marten;
using Marten.Services;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Notify.Audit.Following;
using Notify.Audit.Proofs.Format;
using Notify.Audit.Proofs.Log;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Http;
using Notify.Kernel.Secrets;
using Npgsql;

namespace Notify.Audit.Proofs.Checkpoints;

/// <summary>
/// Signs the log's size and root at least once a minute while it grows, and only if it continues the previous checkpoint and those in the file. Any
/// node may do so; a lock ensures that only one does.
/// </summary>
public sealed class CheckpointSigner(
    NpgsqlDataSource database, MasterKey master, LogKeys keys, Marks marks, CheckpointGuard guard, CheckpointFile file, CheckpointWebhook webhook,
    LogIntegrity integrity, EventFollower follower,
    IConfiguration configuration, TimeProvider time, ILogger<CheckpointSigner> logger) : Worker("Checkpoints", logger)
{
    /// <summary>The key of an advisory lock; its value has no meaning.</summary>
    private const long Lock = 0x6e6f74696679_01;

    private static readonly TimeSpan Usual = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    /// <summary>How many of the dropped checkpoints the record keeps.</summary>
    private const int MostNotes = 100;

    /// <summary>How long a new node waits for another node's checkpoint, which should come within a minute.</summary>
    private static readonly TimeSpan patience = TimeSpan.FromMinutes(3);

    private readonly SemaphoreSlim turn = new(1, 1);
    private readonly DateTimeOffset started = time.GetUtcNow();

    /// <summary>Signs the log as it is now, if it has grown since the last checkpoint.</summary>
    /// <returns>The latest checkpoint; null when the log is empty.</returns>
    /// <exception cref="LogDamagedException">The log does not continue from what was signed.</exception>
    public async Task<(SignedNote Note, Checkpoint Checkpoint)?> SignAsync(CancellationToken cancellation)
    {
        await turn.WaitAsync(cancellation);
        try
        {
            await using var connection = await database.OpenConnectionAsync(cancellation);
            await using var transaction = await connection.BeginTransactionAsync(cancellation);
            await LockAsync(connection, cancellation);
            var (mark, last, trusted) = await CheckAsync(connection, cancellation);
            // Before the first checkpoint too, so that the file has a mark and its loss is noticed.
            await guard.WriteAsync(connection, cancellation);
            var size = await LogReader.SizeAsync(connection, cancellation);
            if (last is { } signed && signed.Checkpoint.Size == size) return last;
            if (size == 0) return null;
            var root = await CheckConsistencyAsync(connection, last?.Checkpoint, size, cancellation);

            var signers = trusted.Where(x => x.Private is not null).Select(x => new NoteSigner(x.Public.Name, x.Private!)).ToArray();
            // With its instant cut to the second, as it will be read.
            var checkpoint = Checkpoint.Parse(new Checkpoint(trusted[0].Public.Name, size, root, time.GetUtcNow()).Text)!;
            var note = SignedNote.Sign(checkpoint.Text, signers);
            await CheckpointTable.InsertAsync(connection, size, note, cancellation);
            await marks.WriteAsync(connection, mark.After(note, checkpoint), cancellation);
            await keys.DestroyRetiredAsync(connection, trusted, cancellation);
            await transaction.CommitAsync(cancellation);
            await CopyToFileAsync(cancellation);
            webhook.Send(note);
            return (note, checkpoint);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Signs what is new and returns the latest checkpoint.</summary>
    /// <exception cref="ProblemException">409: signing is refused, because the log is not what was signed before, or the log is empty; 503: this node
    /// waits for another node to sign.</exception>
    public async Task<(SignedNote Note, Checkpoint Checkpoint)> LatestAsync(CancellationToken cancellation)
    {
        try
        {
            await follower.CatchUpAsync(TimeSpan.FromSeconds(5), cancellation);
            return await SignAsync(cancellation) ?? throw ProblemException.Conflict("The history is empty.");
        }
        catch (LogDamagedException e)
        {
            throw await ProblemOfAsync(e, cancellation);
        }
    }

    /// <summary>
    /// Accepts the present log on behalf of an administrator, whatever was signed before, for example after a backup was restored. Checkpoints that
    /// do not match it are moved from the database into the record, and the file is put aside.
    /// </summary>
    /// <exception cref="ProblemException">409: signing is not refused; or the log itself is inconsistent.</exception>
    public async Task<CheckpointsAccepted> AcceptAsync(EventBatches batches, IDocumentStore store, AuditContext audit, CancellationToken cancellation)
    {
        await follower.CatchUpAsync(TimeSpan.FromSeconds(5), cancellation);
        await turn.WaitAsync(cancellation);
        CheckpointsAccepted accepted;
        try
        {
            await using var connection = await database.OpenConnectionAsync(cancellation);
            await using var transaction = await connection.BeginTransactionAsync(cancellation);
            await LockAsync(connection, cancellation);
            var refused = await RefusalAsync(connection, cancellation)
                ?? throw ProblemException.Conflict("There is nothing to accept: checkpoints are being signed.");
            var trusted = await keys.LoadOrCreateAsync(connection, cancellation);
            var (kept, dropped) = await SortAsync(connection, [.. trusted.Select(x => x.Public)], cancellation);
            // Before anything is recorded: what could not be signed afterwards is not accepted.
            await CheckConsistencyAsync(
                connection, kept.Count == 0 ? null : kept[^1].Checkpoint, await LogReader.SizeAsync(connection, cancellation), cancellation);
            await LogReach.ContinueAfterLastLeafAsync(connection, cancellation);
            foreach (var (size, _) in dropped) await CheckpointTable.DeleteAsync(connection, size, cancellation);
            await marks.WriteAsync(connection, kept.Aggregate(LogMark.New(default), (mark, x) => mark.After(x.Note, x.Checkpoint)), cancellation);
            var last = await LogReader.LastSequenceAsync(connection, cancellation);
            accepted = new CheckpointsAccepted(
                audit.Reason!, refused, kept.Count == 0
                ? 0 : kept[^1].Checkpoint.Size, [.. dropped.Take(MostNotes).Select(x => x.Note)], dropped.Count, file.PutAside(), last,
                Baseline.SealOf(master, last));
            await using var session = store.LightweightSession(SessionOptions.ForTransaction(transaction));
            var events = batches.New();
            events.Append(Ids.New("audit-baseline", time.GetUtcNow()), 1, accepted, audit);
            events.QueueTo(session);
            await session.SaveChangesAsync(cancellation);
            await transaction.CommitAsync(cancellation);
            guard.Renew();
            Logger.LogCritical("{Actor} accepted the state of the audit history; checkpoints are signed again. Reason: {Reason}. Refused before: {Refused}", audit.Actor.Name, audit.Reason, refused);
        }
        catch (LogDamagedException e)
        {
            throw ProblemException.Conflict("The log itself is damaged, so no checkpoint of it can be signed: " + e.Message);
        }
        finally
        {
            turn.Release();
        }

        try
        {
            await CopyToFileAsync(cancellation);
            await follower.CatchUpAsync(TimeSpan.FromSeconds(5), cancellation);
            await SignAsync(cancellation);
        }
        catch (LogDamagedException e)
        {
            throw await ProblemOfAsync(e, cancellation);
        }

        await integrity.SigningWorksAsync(cancellation);
        return accepted;
    }

    /// <summary>Keeps others from signing and from creating or replacing a key until the transaction ends.</summary>
    public static async Task LockAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand($"select pg_advisory_xact_lock({Lock})", connection);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    public override void Dispose()
    {
        turn.Dispose();
        base.Dispose();
    }

    protected override async Task<TimeSpan> WorkAsync(CancellationToken cancellation)
    {
        try
        {
            // An empty database has nothing to sign, but is checked too: the file may show that it had entries.
            await SignAsync(cancellation);
            await CopyToFileAsync(cancellation);
            await integrity.SigningWorksAsync(cancellation);
        }
        catch (LogDamagedException e)
        {
            await ReportAsync(e, cancellation);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Logger.Log(StoreFault.IsStoreDown(e) ? LogLevel.Warning : LogLevel.Error, e, "The audit log could not be signed; trying again");
        }

        var interval = configuration.GetValue("Notify:Audit:CheckpointInterval", Usual);
        return interval <= TimeSpan.Zero || interval > Longest ? Longest : interval;
    }

    /// <summary>Signs the last entries before the process ends, if the database is still available.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            if (integrity.SigningFault is null && await follower.CatchUpAsync(TimeSpan.FromSeconds(1), cancellationToken)) await SignAsync(
                cancellationToken);
        }
        catch (Exception e)
        {
            Logger.LogDebug(e, "The last events will be signed after the next start");
        }
    }

    /// <summary>Whether this node has just started without a file and should wait for another node's checkpoint before it reports a fault.</summary>
    private bool IsWaiting(LogDamagedException e) => e is NoFileException && time.GetUtcNow() - started < patience;

    private async Task<ProblemException> ProblemOfAsync(LogDamagedException e, CancellationToken cancellation)
    {
        if (IsWaiting(e)) return ProblemException.Unavailable(
            "This node has started without a file of checkpoints, and waits for another node to sign one.", retryAfterSeconds: 30);
        await ReportAsync(e, cancellation);
        return ProblemException.Conflict("No checkpoint is signed: " + e.Message);
    }

    private async Task ReportAsync(LogDamagedException e, CancellationToken cancellation)
    {
        if (IsWaiting(e)) Logger.LogInformation("This node signs no checkpoint before another node has signed one: {Reason}", e.Message);
        else await integrity.ReportAsync("No checkpoint is signed: " + e.Message, cancellation);
    }

    /// <summary>Checks that everything that was signed still exists, and that no event is kept out of the log.</summary>
    /// <exception cref="LogDamagedException">Something is missing or was changed.</exception>
    private async Task<(LogMark Mark, (SignedNote Note, Checkpoint Checkpoint)? Last, List<LogKey> Trusted)> CheckAsync(
        NpgsqlConnection connection, CancellationToken cancellation)
    {
        var trusted = await keys.LoadAsync(connection, cancellation);
        var mark = await guard.CheckAsync(connection, [.. trusted.Select(x => x.Public)], cancellation);
        if (!trusted.Exists(x => x.Private is not null))
        {
            if (mark.Size > 0) throw new RefusedToSignException(
                "The key that signs checkpoints is no longer in the database, or is sealed with another master key.");
            trusted = await keys.LoadOrCreateAsync(connection, cancellation);
        }

        if ((await LogReach.ReadAsync(connection, cancellation)).Fault is { } fault) throw new RefusedToSignException(fault);
        return (mark, await CheckpointTable.LatestAsync(connection, cancellation) is { Note: { } note, Checkpoint: { } checkpoint }
            ? (note, checkpoint) : null, trusted);
    }

    /// <returns>The root of the present log.</returns>
    private static async Task<byte[]> CheckConsistencyAsync(NpgsqlConnection connection, Checkpoint? last, long size, CancellationToken cancellation)
    {
        if (last?.Size > size) throw new LogDamagedException($"The log has {size} entries, but {last.Size} were signed.");
        var root = size == 0 ? TreeHash.EmptyRoot() : await LogReader.RangeAsync(connection, new(0, size), cancellation);
        if (last is null) return root;
        var proof = await LogReader.ProofAsync(connection, MerkleProof.Consistency(last.Size, size), cancellation);
        return MerkleProof.VerifyConsistency(last.Size, size, last.Root, root, proof)
            ? root
            : throw new LogDamagedException($"The first {last.Size} entries of the log are not those that were signed at {last.At:u}.");
    }

    /// <returns>Null: a checkpoint could be signed.</returns>
    private async Task<string?> RefusalAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        try
        {
            var (_, last, _) = await CheckAsync(connection, cancellation);
            await CheckConsistencyAsync(connection, last?.Checkpoint, await LogReader.SizeAsync(connection, cancellation), cancellation);
            return null;
        }
        catch (LogDamagedException e)
        {
            return e.Message;
        }
    }

    /// <summary>Separates the checkpoints that match the log from the others. Each was signed as a continuation of those before it: if one matches,
    /// so do those before it.</summary>
    private static async Task<(List<(SignedNote Note, Checkpoint Checkpoint)> Kept, List<(long Size, string Note)> Dropped)> SortAsync(
        NpgsqlConnection connection, List<NoteKey> trusted, CancellationToken cancellation)
    {
        var size = await LogReader.SizeAsync(connection, cancellation);
        var all = await CheckpointTable.ReadAsync(connection, long.MinValue, cancellation);
        var signed = all.Where(x => x is { Note: not null, Checkpoint: not null } && x.Checkpoint.Size == x.Size && x.Size > 0 && x.Size <= size
            && x.Note.IsSignedBy(trusted)).ToList();
        var (low, high) = (0, signed.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            var root = await LogReader.RangeAsync(connection, new(0, signed[middle].Size), cancellation);
            if (root.AsSpan().SequenceEqual(signed[middle].Checkpoint!.Root)) low = middle + 1;
            else high = middle;
        }

        var kept = signed.Take(low).Select(x => (x.Note!, x.Checkpoint!)).ToList();
        var sizes = kept.Select(x => x.Item2.Size).ToHashSet();
        return (kept, [.. all.Where(x => !sizes.Contains(x.Size)).Select(x => (x.Size, x.Note?.ToString() ?? ""))]);
    }

    /// <summary>Copies new checkpoints to the file, also those that another node signed. Nodes may share a file, so only one writes at a
    /// time.</summary>
    private async Task CopyToFileAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await LockAsync(connection, cancellation);
        var trusted = await keys.LoadAsync(connection, cancellation);
        await keys.PublishAsync(trusted, cancellation);
        await guard.CheckAsync(connection, [.. trusted.Select(x => x.Public)], cancellation);
        await guard.WriteAsync(connection, cancellation);
    }
}
