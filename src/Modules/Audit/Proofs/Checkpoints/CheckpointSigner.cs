using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Notify.Audit.Following;
using Notify.Audit.Proofs.Format;
using Notify.Audit.Proofs.Log;
using Notify.Kernel;
using Notify.Kernel.Http;
using Npgsql;

namespace Notify.Audit.Proofs.Checkpoints;

/// <summary>
/// Signs the log's size and root, each minute in which it has grown, and only what goes on from the checkpoint before and from those in the file. Any
/// node may do it; the lock sees to it that one does.
/// </summary>
public sealed class CheckpointSigner(
    NpgsqlDataSource database, LogKeys keys, CheckpointFile file, CheckpointWebhook webhook, LogIntegrity integrity, EventFollower follower,
    IConfiguration configuration, TimeProvider time, ILogger<CheckpointSigner> logger) : BackgroundService
{
    /// <summary>Of this installation's advisory locks; the number means nothing.</summary>
    private const long Lock = 0x6e6f74696679_01;

    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim turn = new(1, 1);
    private Checkpoint? lastInFile;
    private bool fileRead;

    /// <summary>Signs what is in the log now, if that is more than what is signed.</summary>
    /// <returns>The latest checkpoint; null when the log is empty.</returns>
    /// <exception cref="LogDamagedException">The log does not go on from what was signed.</exception>
    public async Task<(SignedNote Note, Checkpoint Checkpoint)?> SignAsync(CancellationToken cancellation)
    {
        await turn.WaitAsync(cancellation);
        try
        {
            await using var connection = await database.OpenConnectionAsync(cancellation);
            await using var transaction = await connection.BeginTransactionAsync(cancellation);
            await LockAsync(connection, cancellation);
            var trusted = await keys.LoadOrCreateAsync(connection, cancellation);
            var last = await LatestAsync(connection, trusted, cancellation);
            await CheckFileAsync(connection, last?.Checkpoint, trusted, cancellation);
            var size = await LogReader.SizeAsync(connection, cancellation);
            if (last is { } signed && signed.Checkpoint.Size == size) return last;
            if (size == 0) return null;
            var root = await LogReader.RangeAsync(connection, new(0, size), cancellation);
            await CheckConsistencyAsync(connection, last?.Checkpoint, size, root, cancellation);

            var signers = trusted.Where(x => x.Private is not null).Select(x => new NoteSigner(x.Public.Name, x.Private!)).ToArray();
            var checkpoint = new Checkpoint(trusted[0].Public.Name, size, root, time.GetUtcNow());
            var note = SignedNote.Sign(checkpoint.Text, signers);
            await CheckpointTable.InsertAsync(connection, size, note, cancellation);
            await keys.DestroyRetiredAsync(connection, trusted, cancellation);
            await transaction.CommitAsync(cancellation);
            await CopyToFileAsync(trusted, cancellation);
            webhook.Send(note);
            return (note, Checkpoint.Parse(checkpoint.Text)!);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>For a reader who asks for what is signed now.</summary>
    /// <exception cref="ProblemException">409: nothing is signed, since the log is not what was signed before; or it is empty.</exception>
    public async Task<(SignedNote Note, Checkpoint Checkpoint)> LatestAsync(CancellationToken cancellation)
    {
        try
        {
            await follower.CatchUpAsync(TimeSpan.FromSeconds(5), cancellation);
            return await SignAsync(cancellation) ?? throw ProblemException.Conflict("The history is empty.");
        }
        catch (LogDamagedException e)
        {
            await integrity.ReportAsync("No checkpoint is signed: " + e.Message, cancellation);
            throw ProblemException.Conflict("No checkpoint is signed: " + e.Message);
        }
    }

    /// <summary>Until the end of the transaction nobody else signs, makes a key or replaces one.</summary>
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

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var interval = configuration.GetValue("Notify:Audit:CheckpointInterval", TimeSpan.FromSeconds(30));
        if (interval <= TimeSpan.Zero || interval > Longest) interval = Longest;
        using var timer = new PeriodicTimer(interval, time);
        do
        {
            try
            {
                // A database without an entry has nothing to sign, unless the file says that there was more.
                await SignAsync(stoppingToken);
                await CopyToFileAsync(null, stoppingToken);
                integrity.SigningWorks();
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (LogDamagedException e)
            {
                await integrity.ReportAsync("No checkpoint is signed: " + e.Message, stoppingToken);
            }
            catch (Exception e)
            {
                logger.Log(ProblemResponses.IsStoreDown(e) ? LogLevel.Warning : LogLevel.Error, e, "The audit log could not be signed; trying again");
            }
        }
        while (await WaitAsync(timer, stoppingToken));
    }

    /// <summary>What was recorded last is signed before the process ends, if the database is still there.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            if (integrity.SigningFault is null && await follower.CatchUpAsync(TimeSpan.FromSeconds(1), cancellationToken)) await SignAsync(cancellationToken);
        }
        catch (Exception e)
        {
            logger.LogDebug(e, "The last events are signed after the next start");
        }
    }

    private static async Task<bool> WaitAsync(PeriodicTimer timer, CancellationToken cancellation)
    {
        try
        {
            return await timer.WaitForNextTickAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private static async Task<(SignedNote Note, Checkpoint Checkpoint)?> LatestAsync(NpgsqlConnection connection, List<LogKey> trusted, CancellationToken cancellation)
    {
        if (await CheckpointTable.LatestAsync(connection, cancellation) is not { } latest) return null;
        return latest is { Note: { } note, Checkpoint: { } checkpoint } && checkpoint.Size == latest.Size && note.IsSignedBy([.. trusted.Select(x => x.Public)])
            ? (note, checkpoint)
            : throw new LogDamagedException($"The latest checkpoint (size {latest.Size}) is not one that this installation has signed.");
    }

    private static async Task CheckConsistencyAsync(NpgsqlConnection connection, Checkpoint? last, long size, byte[] root, CancellationToken cancellation)
    {
        if (last is null) return;
        if (last.Size > size) throw new LogDamagedException($"The log has {size} entries, but {last.Size} were signed.");
        var proof = await LogReader.ProofAsync(connection, MerkleProof.Consistency(last.Size, size), cancellation);
        if (!MerkleProof.VerifyConsistency(last.Size, size, last.Root, root, proof))
            throw new LogDamagedException($"The first {last.Size} entries of the log are not those that were signed at {last.At:u}.");
    }

    /// <summary>The last one in the file must be in the database too, and be the same.</summary>
    private async Task CheckFileAsync(NpgsqlConnection connection, Checkpoint? latest, List<LogKey> trusted, CancellationToken cancellation)
    {
        if (!fileRead)
        {
            lastInFile = (await file.ReadAsync(cancellation)).Checkpoints is [.., var last] ? last.Checkpoint : null;
            fileRead = true;
        }

        if (lastInFile is null) return;
        if (latest is null || latest.Size < lastInFile.Size)
        {
            throw new LogDamagedException(
                $"The database is older than the file {file.Path}, or was rewritten: it has {latest?.Size ?? 0} signed entries, the file {lastInFile.Size}, signed at {lastInFile.At:u}.");
        }

        var same = (await CheckpointTable.ReadAsync(connection, lastInFile.Size - 1, cancellation, limit: 1))[0];
        if (same.Checkpoint?.Text != lastInFile.Text || !same.Note!.IsSignedBy([.. trusted.Select(x => x.Public)]))
            throw new LogDamagedException($"The checkpoint of size {lastInFile.Size} in the database is not the one in the file {file.Path}.");
    }

    /// <summary>Also those that another node has signed. Nodes may share a file, so one at a time writes.</summary>
    private async Task CopyToFileAsync(List<LogKey>? trusted, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await LockAsync(connection, cancellation);
        trusted ??= await keys.LoadAsync(connection, cancellation);
        await keys.PublishAsync(trusted, cancellation);
        var keysNow = trusted.Select(x => x.Public).ToList();
        var newer = await CheckpointTable.ReadAsync(connection, lastInFile?.Size ?? 0, cancellation);
        var good = newer.Where(x => x.Checkpoint is not null && x.Note!.IsSignedBy(keysNow)).ToList();
        if (good.Count == 0) return;
        await file.AppendAsync(good.Select(x => x.Note!), cancellation);
        lastInFile = good[^1].Checkpoint;
    }
}
