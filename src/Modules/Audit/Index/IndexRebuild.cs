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

/// <summary>The index of the history was rebuilt, on request or because a version with another format of the index was started. Stream
/// <c>rebuild-…</c>.</summary>
public sealed record AuditIndexRebuilt(long UpTo);

/// <param name="Blocks">How many blocks there are, of 32,768 sequence numbers each.</param>
public sealed record RebuildProgress(bool Running, int Done, int Blocks, DateTimeOffset? StartedAt, DateTimeOffset? EndedAt, string? Failure);

/// <summary>
/// Rebuilds the index of the history from the events, block by block, while the history is read and grows. Each block is replaced in one transaction,
/// so an interrupted rebuild leaves a complete index; the next rebuild starts over. A rebuild starts automatically, on one node, if an earlier
/// version wrote the index in another format; so does the rewriting of blocks whose events have lost something (<see cref="IndexTidying"/>).
/// </summary>
internal sealed class IndexRebuild(
    NpgsqlDataSource database, IDocumentStore store, EventBatches batches, EventFollower follower, EventCatalog catalog, IConfiguration configuration,
    TimeProvider time, ILogger<IndexRebuild> logger)
    : BackgroundService
{
    /// <summary>The key of an advisory lock; its value has no meaning.</summary>
    private const long Lock = 0x6e6f74696679_03;

    private volatile bool hasFormat;
    private RebuildProgress progress = new(false, 0, 0, null, null, null);

    public RebuildProgress Progress => progress;

    /// <param name="rests">Whether to pause after each block for as long as the block took, because nobody is waiting.</param>
    /// <returns>A task that ends with the rebuild, or after the current block if <paramref name="stopping"/> is cancelled.</returns>
    /// <exception cref="ProblemException">409: a rebuild is running on this node.</exception>
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

    /// <summary>Whether the index has this version's format. If not, a search for a text may miss older entries.</summary>
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
                await (await HasFormAsync(stoppingToken) ? TidyAsync(stoppingToken) : UpgradeAsync(stoppingToken));
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                logger.Log(StoreFault.IsStoreDown(e)
                    ? LogLevel.Warning : LogLevel.Error, e, "The audit index could not be brought to this version's format, or rid of what was erased or expired; trying again");
            }

            // Each attempt to rebuild records an event, so a failed one is not repeated soon.
            await Task.Delay(progress.Failure is null || hasFormat ? interval : 60 * interval, time, stoppingToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Rebuilds the index on the node that gets the lock. If that node stops, another one takes over.</summary>
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
            AuditContext.OfSystem(Ids.NewGuid(time.GetUtcNow()).ToString("N"), reason: "upgrade"), rests: true, cancellation);
    }

    /// <summary>Removes from the index what events have lost, on the node that gets the lock.</summary>
    private async Task TidyAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        if (await IndexTidying.NextAsync(connection, cancellation) is null) return;
        await using var command = new NpgsqlCommand($"select pg_try_advisory_lock({Lock})", connection);
        if (!(bool)(await command.ExecuteScalarAsync(cancellation))!) return;
        while (await IndexTidying.NextAsync(connection, cancellation) is { } block)
        {
            if (block < 0)
            {
                await IndexTidying.DropTermsAsync(connection, cancellation);
                return;
            }

            var started = time.GetTimestamp();
            await RewriteAsync(block, null);
            await Task.Delay(time.GetElapsedTime(started), cancellation);
        }
    }

    private async Task RecordAsync(AuditContext audit, CancellationToken cancellation)
    {
        // A node that has just started does not know the position of the index yet.
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
                new($"update {AuditTables.Term} set value = $1, detail = nullif(detail, '') where term = 0") { Parameters = { new() { Value = AuditIndex.Format } } });
            await end.ExecuteNonQueryAsync(CancellationToken.None);
            progress = progress with { Running = false, EndedAt = time.GetUtcNow() };
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Another node, or the next start, starts over.
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

    /// <param name="generation">Null: a new one, so that no node goes on from what it remembers of the block.</param>
    /// <returns>The position of the index at that moment.</returns>
    private async Task<long> RewriteAsync(int block, int? generation)
    {
        await using var connection = await database.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        // The event follower waits for this transaction, so that not both write the last block.
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

        await AuditIndex.RewriteAsync(
            connection, block, events.Rows, generation ?? await AuditIndex.BeginGenerationAsync(connection, CancellationToken.None), catalog,
            CancellationToken.None);
        await IndexTidying.DoneAsync(connection, block, CancellationToken.None);
        await transaction.CommitAsync();
        return position;
    }
}
