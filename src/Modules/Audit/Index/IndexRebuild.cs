using System.Globalization;
using Marten;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Notify.Audit.Following;
using Notify.Audit.Proofs.Log;
using Notify.Kernel;
using Notify.Kernel.Events;
using Notify.Kernel.Events.Store;
using Notify.Kernel.Http;
using Npgsql;

namespace Notify.Audit.Index;

/// <summary>The index of the history was rewritten: somebody asked for it, or a version was started whose index has another format. Stream
/// <c>rebuild-…</c>.</summary>
public sealed record AuditIndexRebuilt(long UpTo);

/// <param name="Blocks">How many there are; each holds 32,768 numbers.</param>
public sealed record RebuildProgress(bool Running, int Done, int Blocks, DateTimeOffset? StartedAt, DateTimeOffset? EndedAt, string? Failure);

/// <summary>
/// Writes the index of the history anew from the events, block by block, while the history is read and grows. Each block is exchanged in one
/// transaction. A rebuild that was cut off leaves an index that is whole; another one does the rest. One begins by itself, on one node, when an
/// earlier version has written the index in another format.
/// </summary>
internal sealed class IndexRebuild(
    NpgsqlDataSource database, IDocumentStore store, EventBatches batches, EventFollower follower, EventCatalog catalog, IConfiguration configuration,
    TimeProvider time, ILogger<IndexRebuild> logger)
    : BackgroundService
{
    /// <summary>Of this installation's advisory locks; the number means nothing.</summary>
    private const long Lock = 0x6e6f74696679_03;

    private volatile bool hasFormat;
    private RebuildProgress progress = new(false, 0, 0, null, null, null);

    public RebuildProgress Progress => progress;

    /// <param name="rests">Half of the time: nobody waits for it.</param>
    /// <returns>Ends with the rebuild, or after a block when <paramref name="stopping"/> says so.</returns>
    /// <exception cref="ProblemException">409: one is under way on this node.</exception>
    public async Task<Task> BeginAsync(AuditContext audit, bool rests, CancellationToken stopping)
    {
        var before = progress;
        if (before.Running || Interlocked.CompareExchange(ref progress, before with { Running = true }, before) != before)
            throw ProblemException.Conflict("The index of the history is already being rebuilt.");
        try
        {
            await RecordAsync(audit, stopping);
        }
        catch
        {
            progress = before;
            throw;
        }

        return Task.Run(() => RunAsync(rests, stopping), CancellationToken.None);
    }

    /// <summary>Whether the index has all that this version writes; else texts of what was recorded earlier may not be found yet.</summary>
    public async Task<bool> HasFormAsync(CancellationToken cancellation)
    {
        if (hasFormat) return true;
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return hasFormat = await AuditIndex.FormatAsync(connection, cancellation) == AuditIndex.Format;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var interval = configuration.GetValue("Notify:Audit:UpgradeCheckInterval", TimeSpan.FromMinutes(1));
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (await HasFormAsync(stoppingToken)) return;
                await UpgradeAsync(stoppingToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                logger.Log(StoreFault.IsStoreDown(e)
                    ? LogLevel.Warning : LogLevel.Error, e, "The audit index could not be brought to this version's format; trying again");
            }

            // Each try is on record.
            await Task.Delay(progress.Failure is null ? interval : 60 * interval, time, stoppingToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>On the node that has the lock, until it is done; should that node end, another continues.</summary>
    private async Task UpgradeAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var command = new NpgsqlCommand(
            $"select exists (select from {AuditTables.Posting}) and pg_try_advisory_lock({Lock})", connection);
        if (!(bool)(await command.ExecuteScalarAsync(cancellation))!
            || await AuditIndex.FormatAsync(connection, cancellation) == AuditIndex.Format) return;
        logger.LogInformation(
            "The index of the audit history has the format of an earlier version and is being rebuilt; until then text searches may miss older entries");
        await await BeginAsync(
            AuditContext.OfSystem(Guid.CreateVersion7(time.GetUtcNow()).ToString("N"), reason: "upgrade"), rests: true, cancellation);
    }

    private async Task RecordAsync(AuditContext audit, CancellationToken cancellation)
    {
        // A node that has just started does not know yet how far the index is.
        await follower.LagAsync(cancellation);
        await using var session = store.LightweightSession();
        var events = batches.New();
        events.Append(Ids.New("rebuild", time.GetUtcNow()), 1, new AuditIndexRebuilt(follower.Position), audit);
        events.QueueTo(session);
        await session.SaveChangesAsync(cancellation);
    }

    private async Task RunAsync(bool rests, CancellationToken stopping)
    {
        progress = new(true, 0, AuditTables.BlockOf(follower.Position) + 1, time.GetUtcNow(), null, null);
        try
        {
            var generation = await BeginGenerationAsync();
            for (var block = 0; ; block++)
            {
                var started = time.GetTimestamp();
                var position = await RewriteAsync(block, generation);
                progress = progress with { Done = block + 1, Blocks = AuditTables.BlockOf(position) + 1 };
                if (block >= AuditTables.BlockOf(position)) break;
                if (rests) await Task.Delay(time.GetElapsedTime(started), stopping);
            }

            await using var end = database.CreateBatch();
            end.BatchCommands.Add(new($"delete from {AuditTables.Term} where generation < $1") { Parameters = { new() { Value = generation } } });
            end.BatchCommands.Add(
                new($"update {AuditTables.Term} set value = $1 where term = 0") { Parameters = { new() { Value = AuditIndex.Format } } });
            await end.ExecuteNonQueryAsync(CancellationToken.None);
            progress = progress with { Running = false, EndedAt = time.GetUtcNow() };
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Another node, or the next start, begins it again.
            progress = progress with { Running = false, EndedAt = time.GetUtcNow() };
        }
        catch (Exception e)
        {
            logger.LogError(e, "Rebuilding the audit index failed after {Done} blocks", progress.Done);
            progress = progress with { Running = false, EndedAt = time.GetUtcNow(), Failure = e.Message };
        }
    }

    private async Task<int> BeginGenerationAsync()
    {
        await using var connection = await database.OpenConnectionAsync();
        return await AuditIndex.BeginGenerationAsync(connection, CancellationToken.None);
    }

    /// <returns>How far the index went then.</returns>
    private async Task<long> RewriteAsync(int block, int generation)
    {
        await using var connection = await database.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        // Whoever follows the events waits for this transaction, so that the last block is not written by both.
        await using var hold = new NpgsqlCommand($"select position from {FollowerTables.Step} where step = $1 for update", connection);
        hold.Parameters.AddWithValue(AuditIndex.StepName);
        var position = (long)(await hold.ExecuteScalarAsync())!;
        var start = (long)block << AuditTables.BlockBits;
        var end = Math.Min(position, start + AuditTables.BlockSize - 1);
        var events = new FollowedEvents();
        await using (var rows = await EventRows.OpenAsync(
            connection, string.Create(CultureInfo.InvariantCulture, $"seq_id >= {start} and seq_id <= {end} and type <> '{EventTables.Tombstone}'"),
            CancellationToken.None))
        {
            while (await rows.ReadAsync(CancellationToken.None)) events.Add(rows.Row);
        }

        await AuditIndex.RewriteAsync(connection, block, events.Rows, generation, catalog, CancellationToken.None);
        await transaction.CommitAsync();
        return position;
    }
}
