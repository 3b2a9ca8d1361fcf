using System.Globalization;
using Marten;
using Microsoft.Extensions.Logging;
using Notify.Audit.Following;
using Notify.Audit.Proofs.Log;
using Notify.Kernel;
using Notify.Kernel.Events;
using Npgsql;

namespace Notify.Audit.Index;

/// <summary>Somebody had the index of the history written anew. Stream <c>rebuild-…</c>.</summary>
public sealed record AuditIndexRebuilt(long UpTo);

/// <param name="Blocks">How many there are; each holds 32,768 numbers.</param>
public sealed record RebuildProgress(bool Running, int Done, int Blocks, DateTimeOffset? StartedAt, DateTimeOffset? EndedAt, string? Failure);

/// <summary>
/// Writes the index of the history anew from the events, block by block, while the history is read and grows. Each block is exchanged in one transaction.
/// A rebuild that was cut off leaves an index that is whole; another one does the rest.
/// </summary>
internal sealed class IndexRebuild(
    NpgsqlDataSource database, IDocumentStore store, Func<EventBatch> newBatch, EventFollower follower, TimeProvider time, ILogger<IndexRebuild> logger)
{
    private RebuildProgress progress = new(false, 0, 0, null, null, null);

    public RebuildProgress Progress => progress;

    /// <exception cref="ProblemException">409: one is under way on this node.</exception>
    public async Task StartAsync(AuditContext audit, CancellationToken cancellation)
    {
        var before = progress;
        if (before.Running || Interlocked.CompareExchange(ref progress, before with { Running = true }, before) != before)
            throw ProblemException.Conflict("The index of the history is being rebuilt already.");
        try
        {
            await RecordAsync(audit, cancellation);
        }
        catch
        {
            progress = before;
            throw;
        }

        _ = Task.Run(RunAsync, CancellationToken.None);
    }

    private async Task RecordAsync(AuditContext audit, CancellationToken cancellation)
    {
        await using var session = store.LightweightSession();
        var events = newBatch();
        events.Append(Ids.New("rebuild", time.GetUtcNow()), 1, new AuditIndexRebuilt(follower.Position), audit);
        events.QueueTo(session);
        await session.SaveChangesAsync(cancellation);
    }

    private async Task RunAsync()
    {
        progress = new(true, 0, AuditTables.BlockOf(follower.Position) + 1, time.GetUtcNow(), null, null);
        try
        {
            var generation = await BeginGenerationAsync();
            for (var block = 0; ; block++)
            {
                var position = await RewriteAsync(block, generation);
                progress = progress with { Done = block + 1, Blocks = AuditTables.BlockOf(position) + 1 };
                if (block >= AuditTables.BlockOf(position)) break;
            }

            await using var forget = database.CreateCommand($"delete from {AuditTables.Term} where generation < $1");
            forget.Parameters.AddWithValue(generation);
            await forget.ExecuteNonQueryAsync();
            progress = progress with { Running = false, EndedAt = time.GetUtcNow() };
        }
        catch (Exception e)
        {
            logger.LogError(e, "The rebuild of the audit index stopped after {Done} blocks", progress.Done);
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
            connection, string.Create(CultureInfo.InvariantCulture, $"seq_id >= {start} and seq_id <= {end} and type <> '{EventFollower.TombstoneOfMarten}'"), CancellationToken.None))
        {
            while (await rows.ReadAsync(CancellationToken.None)) events.Add(rows.Row);
        }

        await AuditIndex.RewriteAsync(connection, block, events.Rows, generation, CancellationToken.None);
        await transaction.CommitAsync();
        return position;
    }
}
